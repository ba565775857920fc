"""The decisions that make one run what it is: drawn by a seed, replayed, or enumerated.

A run is a function of its decisions alone. 0 is always the simplest one (nothing more to do, no
fault, the same actor goes on), so that a shorter list with more zeros is a simpler run.
"""

import random
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


State = Callable[[], Hashable]
"""Names everything on which the rest of a run depends."""


class Again(BaseException):
    """A run came to a state from which everything was tried already; nothing may catch this."""


class Choices(Protocol):
    """A source of decisions; `taken` are those made so far."""

    taken: list[int]

    def meet(self, state: State) -> None:
        """Note the state in which the next turn is decided."""
        ...

    def draw(self, options: int) -> int:
        """Decide about what a run consists of."""
        ...

    def turn(self, options: int, moments: int, *, staying: bool) -> int:
        """Decide who goes on; with `staying` option 0 is whoever is at work already.

        The last `moments` options let time pass and nobody go on yet.
        """
        ...


class Seeded:
    """Decisions by chance; how often the actors alternate is drawn too."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 schedules, not secrets
        self._restless = self._chance.choice((0.03, 0.1, 0.3, 0.6, 1.0))
        self._hasty = self._chance.choice((0.05, 0.2, 0.5))
        self.taken: list[int] = []

    def meet(self, state: State) -> None:
        """Take no notice."""

    def draw(self, options: int) -> int:
        """Return any of the options."""
        chosen = int(self._chance.random() * options)
        self.taken.append(chosen)
        return chosen

    def turn(self, options: int, moments: int, *, staying: bool) -> int:
        """Return any of the options, the present actor more often than others, time seldom."""
        if staying and self._chance.random() > self._restless:
            chosen = 0
        else:
            if moments < options and self._chance.random() > self._hasty:
                options -= moments
            chosen = int(self._chance.random() * options)
        self.taken.append(chosen)
        return chosen


class Replayed:
    """Decisions from a list; after its end everything is as simple as can be."""

    def __init__(self, decisions: Sequence[int]) -> None:
        self._given = decisions
        self.taken: list[int] = []

    def meet(self, state: State) -> None:
        """Take no notice."""

    def draw(self, options: int) -> int:
        """Return the next decision, cut to the options there are."""
        at = len(self.taken)
        chosen = min(self._given[at], options - 1) if at < len(self._given) else 0
        self.taken.append(chosen)
        return chosen

    def turn(self, options: int, moments: int, *, staying: bool) -> int:  # noqa: ARG002 the protocol's
        """Return the next decision."""
        return self.draw(options)


class Enumerated:
    """All decisions, one list after the other, but none twice from the same state.

    `advance` prepares the next run; it returns False when there is none left.
    """

    def __init__(self) -> None:
        self._met: set[Hashable] = set()
        self._widths: list[int] = []
        self._given: list[int] = []
        self.taken: list[int] = []

    def meet(self, state: State) -> None:
        """Raise Again when all that can follow was tried."""
        if len(self.taken) < len(self._given):
            return
        name = state()
        if name in self._met:
            raise Again
        self._met.add(name)

    def draw(self, options: int) -> int:
        """Return the decision of this run's branch, the first one where it is new."""
        at = len(self.taken)
        chosen = self._given[at] if at < len(self._given) else 0
        if at < len(self._widths):
            self._widths[at] = options
        else:
            self._widths.append(options)
        self.taken.append(chosen)
        return chosen

    def turn(self, options: int, moments: int, *, staying: bool) -> int:  # noqa: ARG002 the protocol's
        """Return the decision of this branch."""
        return self.draw(options)

    def advance(self) -> bool:
        """Go on to the next branch, depth first."""
        del self._widths[len(self.taken) :]
        given = self.taken
        while given and given[-1] + 1 >= self._widths[len(given) - 1]:
            given.pop()
        if not given:
            return False
        given[-1] += 1
        self._given, self.taken = given, []
        return True


def written(decisions: Sequence[int]) -> str:
    """Return decisions as text; trailing zeros say nothing and are left out."""
    text = "".join(DIGITS[each] if each < len(DIGITS) else f"({each})" for each in decisions)
    return text.rstrip("0") or "0"


def parsed(text: str) -> list[int]:
    """Return the decisions in a text; the inverse of `written`."""
    decisions, rest = [], text
    while rest:
        if rest[0] == "(":
            number, rest = rest[1:].split(")", 1)
            decisions.append(int(number))
        else:
            decisions.append(int(rest[0], len(DIGITS)))
            rest = rest[1:]
    return decisions
