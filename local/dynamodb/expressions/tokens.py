"""The words of an expression, and a cursor over them that resolves placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from local.dynamodb.expressions.paths import Path
from local.dynamodb.refusals import Invalid

_TOKEN = re.compile(
    r"\s*(?:(?P<word>[A-Za-z][A-Za-z0-9_]*|[#:][A-Za-z0-9_]+)|(?P<int>[0-9]+)"
    r"|(?P<sign><>|<=|>=|[=<>(),.\[\]+\-]))"
)
MAX_LENGTH = 4096
MAX_OPERATORS = 300
_OPERATORS = frozenset({"<>", "<", "<=", ">", ">=", "+", "-", "AND", "OR", "NOT", "BETWEEN", "IN"})
_RESERVED = frozenset(word.upper() for word in ReservedKeywords.get_reserved_keywords())


@dataclass(slots=True)
class Cursor:
    """Reads one expression from left to right; notes which placeholders it met."""

    kind: str
    text: str
    names: Mapping[str, str]
    words: list[str] = field(default_factory=list)
    at: int = 0
    heads: set[str] = field(default_factory=set)
    names_used: set[str] = field(default_factory=set)
    values_used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise Invalid(f"Invalid {self.kind}: The expression can not be empty;")
        if len(self.text) > MAX_LENGTH:
            raise Invalid(
                f"Invalid {self.kind}: Expression size has exceeded the maximum allowed size;"
            )
        self.words = list(self._split())
        if self._operators() > MAX_OPERATORS:
            raise Invalid(
                f"Invalid {self.kind}: The expression contains too many operators; operator "
                f"count: {self._operators()};"
            )

    def peek(self, ahead: int = 0) -> str:
        """Give a word to come without moving; the empty string is the end."""
        at = self.at + ahead
        return self.words[at] if at < len(self.words) else ""

    def next(self) -> str:
        """Give the next word and move past it."""
        word = self.peek()
        self.at += 1
        return word

    def accept(self, *words: str) -> bool:
        """Move past the next word when it is one of these, in any case."""
        if self.peek().upper() in words:
            self.at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        """Move past a word that must come next."""
        if not self.accept(word):
            self.fail()

    def finish(self) -> None:
        """Refuse words left over at the end."""
        if self.at < len(self.words):
            self.fail()

    def fail(self) -> None:
        """Refuse the expression at the present word."""
        raise Invalid(self.syntax_error(self.peek() or "<EOF>"))

    def syntax_error(self, word: str) -> str:
        """Word a syntax error as DynamoDB does."""
        near = " ".join(self.words[max(0, self.at - 1) : self.at + 2])
        return f'Invalid {self.kind}: Syntax error; token: "{word}", near: "{near}"'

    def path(self) -> Path:
        """Read a document path: `a.#b[0].c`."""
        parts: list[str | int] = [self._name()]
        self.heads.add(str(parts[0]))
        while self.peek() in (".", "["):
            if self.next() == ".":
                parts.append(self._name())
            elif self.peek().isdigit():
                parts.append(int(self.next()))
                self.expect("]")
            else:
                self.fail()
        return tuple(parts)

    def value(self) -> str:
        """Read the placeholder of a value."""
        word = self.next()
        if not word.startswith(":"):
            self.at -= 1
            self.fail()
        self.values_used.add(word)
        return word

    def _name(self) -> str:
        word = self.peek()
        if word.startswith("#"):
            if word not in self.names:
                raise Invalid(
                    f"Invalid {self.kind}: An expression attribute name used in the document "
                    f"path is not defined; attribute name: {word}"
                )
            self.names_used.add(word)
            self.at += 1
            return self.names[word]
        if not word[:1].isalpha():
            self.fail()
        if word.upper() in _RESERVED:
            raise Invalid(
                f"Invalid {self.kind}: Attribute name is a reserved keyword; "
                f"reserved keyword: {word}"
            )
        self.at += 1
        return word

    def _operators(self) -> int:
        """Count operators and functions; in an update an equals sign is none."""
        counted = _OPERATORS | (set() if self.kind == "UpdateExpression" else {"="})
        functions = sum(
            word[0].isalpha() and after == "("
            for word, after in pairwise(self.words)
            if word.upper() not in _OPERATORS
        )
        return functions + sum(word.upper() in counted for word in self.words)

    def _split(self) -> list[str]:
        words: list[str] = []
        at, text = 0, self.text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                rest = text[at:].lstrip()
                raise Invalid(
                    f'Invalid {self.kind}: Syntax error; token: "{rest[:1]}", near: "{rest[:12]}"'
                )
            words.append(match.group().lstrip())
            at = match.end()
        return words
