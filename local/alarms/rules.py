"""The rule of a composite alarm (CloudWatch API reference, "PutCompositeAlarm", AlarmRule)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from local.alarms.alarm import name_of
from local.alarms.declared import Refused

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>[^()"]+?))\s*\)
      | (?P<word>\(|\)|AND\b|OR\b|NOT\b|TRUE\b|FALSE\b)
    )""",
    re.VERBOSE,
)
Holds = Callable[[str, str], bool]
"""Tells whether the alarm of a name is in a state."""


@dataclass(frozen=True)
class Rule:
    """A rule that can be asked, and the names of the alarms it is on."""

    holds: Callable[[Holds], bool]
    names: frozenset[str]


def parse(text: str) -> Rule:
    """Read a rule; raises Refused."""
    reader = _Reader(text)
    holds = reader.any_of()
    if reader.left():
        raise Refused(f"the rule {text} cannot be read from {reader.left()!r}")
    return Rule(holds, frozenset(reader.names))


class _Reader:
    """Reads a rule from left to right; AND binds closer than OR."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self.names: set[str] = set()

    def left(self) -> str:
        """Give what is not read yet."""
        return self._text[self._place :].strip()

    def any_of(self) -> Callable[[Holds], bool]:
        """Read what OR parts."""
        parts = [self._all_of()]
        while self._accept("OR"):
            parts.append(self._all_of())
        return lambda holds: any(part(holds) for part in parts)

    def _all_of(self) -> Callable[[Holds], bool]:
        parts = [self._one()]
        while self._accept("AND"):
            parts.append(self._one())
        return lambda holds: all(part(holds) for part in parts)

    def _one(self) -> Callable[[Holds], bool]:
        found = _TOKEN.match(self._text, self._place)
        if found is None or found["word"] in (")", "AND", "OR"):
            raise Refused(f"the rule {self._text} cannot be read from {self.left()!r}")
        self._place = found.end()
        if found["state"]:
            name, state = name_of(found["quoted"] or found["bare"]), found["state"]
            self.names.add(name)
            return lambda holds: holds(name, state)
        if found["word"] == "NOT":
            negated = self._one()
            return lambda holds: not negated(holds)
        if found["word"] == "(":
            inner = self.any_of()
            if not self._accept(")"):
                raise Refused(f"the rule {self._text} lacks a closing bracket")
            return inner
        truth = found["word"] == "TRUE"
        return lambda _: truth

    def _accept(self, word: str) -> bool:
        found = _TOKEN.match(self._text, self._place)
        if found is None or found["word"] != word:
            return False
        self._place = found.end()
        return True
