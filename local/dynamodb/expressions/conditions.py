"""Conditions and filters: parsed once into a tree, then asked of many items.

Grammar and truth tables: AWS's page "Condition and filter expressions, operators, and functions".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from local.dynamodb.expressions.paths import Path, read
from local.dynamodb.expressions.tokens import Cursor
from local.dynamodb.refusals import Invalid
from local.dynamodb.values import Item, Value, measure, orderable, same, text_size, type_of_sets

Values = Mapping[str, Value]

_MAX_CHOICES = 100
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Operand(Protocol):
    """Something that has a value for an item, or none."""

    def of(self, item: Item, values: Values, /) -> Value | None:
        """Give the operand's value."""
        ...


class Node(Protocol):
    """A condition, or a part of one."""

    def test(self, item: Item, values: Values) -> bool:
        """Tell whether the item meets it."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """The value at a document path."""

    path: Path

    def of(self, item: Item, _values: Values, /) -> Value | None:
        """Read the path."""
        return read(item, self.path)


@dataclass(frozen=True, slots=True)
class Given:
    """A value from the request."""

    name: str

    def of(self, _item: Item, values: Values, /) -> Value | None:
        """Look the placeholder up."""
        return values[self.name]


@dataclass(frozen=True, slots=True)
class Size:
    """The size of the value at a path, as a number."""

    path: Path

    def of(self, item: Item, _values: Values, /) -> Value | None:
        """Count characters' bytes, bytes or elements; other types have no size."""
        value = read(item, self.path)
        if value is None:
            return None
        ((kind, content),) = value.items()
        if kind == "S":
            return {"N": str(text_size(content))}
        if kind == "B":
            return {"N": str(measure(value))}
        if kind in ("L", "M", *type_of_sets):
            return {"N": str(len(content))}
        return None


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands and a comparator; unlike types are unequal and never in order."""

    sign: str
    left: Operand
    right: Operand

    def test(self, item: Item, values: Values) -> bool:
        """Compare the operands' values."""
        left, right = self.left.of(item, values), self.right.of(item, values)
        if self.sign == "<>":
            return not same(left, right)
        if left is None or right is None:
            return False
        return same(left, right) if self.sign == "=" else ordered(self.sign, left, right)


@dataclass(frozen=True, slots=True)
class Between:
    """An operand that lies between two others, both included."""

    operand: Operand
    low: Operand
    high: Operand

    def test(self, item: Item, values: Values) -> bool:
        """Compare with both ends."""
        value = self.operand.of(item, values)
        low, high = self.low.of(item, values), self.high.of(item, values)
        if value is None or low is None or high is None:
            return False
        return ordered(">=", value, low) and ordered("<=", value, high)


@dataclass(frozen=True, slots=True)
class In:
    """An operand that equals one of a list."""

    operand: Operand
    choices: tuple[Operand, ...]

    def test(self, item: Item, values: Values) -> bool:
        """Look for an equal choice."""
        value = self.operand.of(item, values)
        return value is not None and any(same(value, c.of(item, values)) for c in self.choices)


@dataclass(frozen=True, slots=True)
class Function:
    """A function that is true or false."""

    name: str
    path: Path
    operand: Operand | None = None

    def test(self, item: Item, values: Values) -> bool:
        """Evaluate the function."""
        value = read(item, self.path)
        if self.name == "attribute_exists":
            return value is not None
        if self.name == "attribute_not_exists":
            return value is None
        other = self.operand.of(item, values) if self.operand else None
        if value is None or other is None:
            return False
        if self.name == "attribute_type":
            return other.get("S") in value
        return begins_with(value, other) if self.name == "begins_with" else contains(value, other)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    inner: Node

    def test(self, item: Item, values: Values) -> bool:
        """Negate."""
        return not self.inner.test(item, values)


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions that must all hold."""

    parts: tuple[Node, ...]

    def test(self, item: Item, values: Values) -> bool:
        """Ask each until one fails."""
        return all(part.test(item, values) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions of which one must hold."""

    parts: tuple[Node, ...]

    def test(self, item: Item, values: Values) -> bool:
        """Ask each until one holds."""
        return any(part.test(item, values) for part in self.parts)


def ordered(sign: str, left: Value, right: Value) -> bool:
    """Compare two strings, numbers or binaries; other or unlike types are never in order."""
    one, two = orderable(left), orderable(right)
    if one is None or two is None or one[0] != two[0]:
        return False
    return _ORDERINGS[sign](one[1], two[1])


def begins_with(value: Value, prefix: Value) -> bool:
    """Tell whether a string or binary begins with another."""
    one, two = orderable(value), orderable(prefix)
    if one is None or two is None or one[0] != two[0] or one[0] == "N":
        return False
    return bool(one[1].startswith(two[1]))


def contains(value: Value, part: Value) -> bool:
    """Tell whether a string holds a substring, a set a member or a list an element."""
    ((kind, content),) = value.items()
    ((part_kind, part_content),) = part.items()
    if kind in type_of_sets:
        return part_kind == type_of_sets[kind] and part_content in content
    if kind == "L":
        return any(same(element, part) for element in content)
    if kind == part_kind == "S":
        return part_content in content
    if kind == part_kind == "B":
        one, two = orderable(value), orderable(part)
        return one is not None and two is not None and two[1] in one[1]
    return False


def parse(cursor: Cursor) -> Node:
    """Read a whole condition."""
    node = _either(cursor)
    cursor.finish()
    return node


def _either(cursor: Cursor, first: Node | None = None) -> Node:
    parts = [_both(cursor, first)]
    while cursor.accept("OR"):
        parts.append(_both(cursor))
    return parts[0] if len(parts) == 1 else Either(tuple(parts))


def _both(cursor: Cursor, first: Node | None = None) -> Node:
    parts = [first or _negated(cursor)]
    while cursor.accept("AND"):
        parts.append(_negated(cursor))
    return parts[0] if len(parts) == 1 else Both(tuple(parts))


def _negated(cursor: Cursor) -> Node:
    if cursor.accept("NOT"):
        return Not(_negated(cursor))
    if cursor.accept("("):
        return _enclosed(cursor)
    if cursor.peek(1) == "(" and cursor.peek() != "size":
        return _function(cursor)
    return _comparison(cursor)


def _enclosed(cursor: Cursor) -> Node:
    doubled = cursor.peek() == "("
    inner = _negated(cursor) if doubled else _either(cursor)
    if doubled and cursor.peek() == ")":
        raise Invalid(f"Invalid {cursor.kind}: The expression has redundant parentheses;")
    if doubled:
        inner = _either(cursor, inner)
    cursor.expect(")")
    return inner


def _function(cursor: Cursor) -> Node:
    name = cursor.next()
    cursor.expect("(")
    path = cursor.path()
    operand: Operand | None = None
    if name in ("attribute_type", "begins_with", "contains"):
        cursor.expect(",")
        operand = _operand(cursor)
    elif name not in ("attribute_exists", "attribute_not_exists"):
        raise Invalid(f"Invalid {cursor.kind}: Invalid function name; function: {name}")
    cursor.expect(")")
    return Function(name, path, operand)


def _comparison(cursor: Cursor) -> Node:
    left = _operand(cursor)
    if cursor.accept("BETWEEN"):
        low = _operand(cursor)
        cursor.expect("AND")
        return Between(left, low, _operand(cursor))
    if cursor.accept("IN"):
        cursor.expect("(")
        choices = [_operand(cursor)]
        while cursor.accept(","):
            choices.append(_operand(cursor))
        cursor.expect(")")
        if len(choices) > _MAX_CHOICES:
            raise Invalid(
                f"Invalid {cursor.kind}: The IN operator is provided with too many operands; "
                f"number of operands: {len(choices)}"
            )
        return In(left, tuple(choices))
    sign = cursor.peek()
    if sign != "=" and sign != "<>" and sign not in _ORDERINGS:
        cursor.fail()
    cursor.at += 1
    return Compare(sign, left, _operand(cursor))


def _operand(cursor: Cursor) -> Operand:
    if cursor.peek().startswith(":"):
        return Given(cursor.value())
    if cursor.peek() == "size" and cursor.peek(1) == "(":
        cursor.at += 2
        path = cursor.path()
        cursor.expect(")")
        return Size(path)
    return Place(cursor.path())
