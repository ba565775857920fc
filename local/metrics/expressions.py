"""Metric math as a tree (CloudWatch guide, "Using math expressions with CloudWatch metrics").

An expression is read by the weight of its operators, the lightest last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)
      | (?P<name>[A-Za-z]\w*)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<operator>\|\||&&|==|!=|<=|>=|[-+*/^<>(),\[\]])
    )""",
    re.VERBOSE,
)
_WEIGHTS = {
    **dict.fromkeys(("OR", "||"), 1),
    **dict.fromkeys(("AND", "&&"), 2),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/"), 5),
    "^": 7,
}
_NEGATION = 6
_SPELLINGS = {"||": "OR", "&&": "AND"}


class BadExpression(ValueError):
    """An expression that cannot be read or calculated here; the message says what is wrong."""


@dataclass(frozen=True)
class Number:
    """A number as it is written."""

    value: float


@dataclass(frozen=True)
class Text:
    """A text in quotes."""

    value: str


@dataclass(frozen=True)
class Name:
    """The id of a metric or expression, or a word such as REPEAT."""

    name: str


@dataclass(frozen=True)
class Operation:
    """An operator between two values."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Call:
    """A function and what it is given."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Array:
    """Several values in brackets."""

    items: tuple[Node, ...]


Node = Number | Text | Name | Operation | Call | Array


def parse(expression: str) -> Node:
    """Read an expression; raises BadExpression."""
    reader = _Reader(list(_tokens(expression)), expression)
    node = reader.value(0)
    reader.end()
    return node


def names(node: Node) -> set[str]:
    """Collect the names that a tree refers to, words such as REPEAT among them."""
    match node:
        case Name(name):
            return {name}
        case Operation(_, left, right):
            return names(left) | names(right)
        case Call(_, parts) | Array(parts):
            return {name for part in parts for name in names(part)}
        case _:
            return set()


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    """Split an expression into kinds and texts."""
    place, end = 0, len(expression.rstrip())
    while place < end:
        found = _TOKEN.match(expression, place)
        if found is None:
            raise BadExpression(f"{expression}: cannot be read from {expression[place:]!r}")
        place = found.end()
        kind = str(found.lastgroup)
        yield kind, found[kind]


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[tuple[str, str]], expression: str) -> None:
        self._tokens = tokens
        self._expression = expression
        self._place = 0

    def value(self, weight: int) -> Node:
        """Read a value with all operators that weigh more than `weight`."""
        left = self._single()
        while (found := _WEIGHTS.get(self._next(), 0)) > weight:
            operator = self._take()
            right = self.value(found)
            left = Operation(_SPELLINGS.get(operator, operator), left, right)
        return left

    def end(self) -> None:
        """Raise BadExpression when something is left."""
        if self._place < len(self._tokens):
            raise BadExpression(f"{self._expression}: {self._next()!r} is not expected there")

    def _single(self) -> Node:
        if self._place >= len(self._tokens):
            raise BadExpression(f"{self._expression}: a value is missing at its end")
        kind, text = self._tokens[self._place]
        self._place += 1
        if kind == "number":
            return Number(float(text))
        if kind == "text":
            return Text(text[1:-1])
        if kind == "name":
            return Call(text, self._list(")")) if self._accept("(") else Name(text)
        if text == "-":
            return Operation("-", Number(0.0), self.value(_NEGATION))
        if text == "[":
            return Array(self._list("]"))
        if text == "(":
            inner = self.value(0)
            self._expect(")")
            return inner
        raise BadExpression(f"{self._expression}: {text!r} is not expected there")

    def _list(self, end: str) -> tuple[Node, ...]:
        """Read values that commas part, up to the bracket that ends them."""
        items: list[Node] = []
        while not self._accept(end):
            if items:
                self._expect(",")
            items.append(self.value(0))
        return tuple(items)

    def _next(self) -> str:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def _take(self) -> str:
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _accept(self, text: str) -> bool:
        if self._next() != text:
            return False
        self._place += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise BadExpression(f"{self._expression}: {text!r} is missing")
