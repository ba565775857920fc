"""The decisions that make one run what it is: drawn by a seed, replayed, or enumerated.

A run is a function of its decisions alone. 0 is always the simplest one (nothing more to do, no
fault, the same actor goes on), so that a shorter list with more zeros is a simpler run.
"""

import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from prove.commuting import ANYTHING, Touched, commute

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


State = Callable[[], Hashable]
"""Names everything on which the rest of a run depends."""


class Again(BaseException):
    """A run came to a state from which everything was tried already; nothing may catch this."""


class Choices(Protocol):
    """A source of decisions; `taken` are those made so far."""

    taken: list[int]

    def meet(self, state: State, options: Sequence[str], touched: Touched) -> None:
        """Note a state, what may come next in it, and what the step that led to it touched."""
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

    def meet(self, state: State, options: Sequence[str], touched: Touched) -> None:
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

    def meet(self, state: State, options: Sequence[str], touched: Touched) -> None:
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


@dataclass(slots=True)
class Turn:
    """One decision of a branch: what may still be chosen, and what was tried already."""

    options: Sequence[str]
    asleep: dict[str, Touched]
    """Those that need not be tried, with what their steps touched."""
    left: list[int]
    """Those that are yet to be tried."""
    tried: dict[str, Touched] = field(default_factory=dict)
    """Those that were tried, with what their steps touched."""
    touched: Touched = ANYTHING
    """What the step that is being tried touched, once it is done."""


class Enumerated:
    """All decisions, one list after the other, but none twice from the same state.

    Of steps that commute one order is enough: what was tried at a turn is left asleep in all
    that follows its alternatives, until a step comes that does not commute with it (Godefroid,
    "Partial-Order Methods for the Verification of Concurrent Systems", 1996: sleep sets). In a
    state that comes again only those are tried that were asleep each time before and are not now.

    `advance` prepares the next run; it returns False when there is none left.
    """

    def __init__(self) -> None:
        self._met: dict[Hashable, frozenset[str]] = {}
        self._turns: list[Turn] = []
        self._given: list[int] = []
        self._asleep: dict[str, Touched] = {}
        self._present: Turn | None = None
        self._options: Sequence[str] = ()
        self._done: frozenset[str] = frozenset()
        self.taken: list[int] = []

    def meet(self, state: State, options: Sequence[str], touched: Touched) -> None:
        """Raise Again when all that can follow was tried, here or in another order."""
        asleep = self._asleep
        if self._present is not None:
            self._present.touched = touched
            asleep = {**asleep, **self._present.tried}
            self._present = None
        self._asleep = {name: own for name, own in asleep.items() if commute(own, touched)}
        self._options, self._done = options, frozenset()
        if len(self.taken) < len(self._given):
            return
        if len(options) > 1:
            self._know(state(), options)
        if all(name in self._asleep or name in self._done for name in options):
            raise Again

    def _know(self, name: Hashable, options: Sequence[str]) -> None:
        """Leave out what was tried in this state before."""
        before = self._met.get(name)
        if before is not None:
            self._done = frozenset(options) - before
            self._asleep = {each: own for each, own in self._asleep.items() if each in before}
        self._met[name] = frozenset(self._asleep)

    def draw(self, options: int) -> int:
        """Return the decision of this run's branch, the first one where it is new."""
        at = len(self.taken)
        if at == len(self._turns):
            names = self._options or [str(number) for number in range(options)]
            out = self._done.union(self._asleep)
            free = [number for number, name in enumerate(names) if name not in out]
            self._turns.append(Turn(names, self._asleep, free))
            self._given.append(free.pop(0))
        self._present = self._turns[at]
        self._asleep = self._present.asleep
        self.taken.append(self._given[at])
        return self._given[at]

    def turn(self, options: int, moments: int, *, staying: bool) -> int:  # noqa: ARG002 the protocol's
        """Return the decision of this branch."""
        return self.draw(options)

    def advance(self) -> bool:
        """Go on to the next branch, depth first."""
        while self._turns and not self._turns[-1].left:
            self._turns.pop()
            self._given.pop()
        if not self._turns:
            return False
        last = self._turns[-1]
        last.tried[last.options[self._given[-1]]] = last.touched
        self._given[-1], last.touched = last.left.pop(0), ANYTHING
        self.taken, self._asleep, self._present = [], {}, None
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
