"""What may happen in a run: the moves of the operator, what clients ask for, what fails.

A large scenario is drawn decision by decision from a family.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from prove.choices import Choices
from prove.clients import MENU, Wish
from prove.follower import Round
from prove.ports import FAULTS, UNDER_WAY
from prove.stage import Opening
from prove.steps import Family, Step
from shared.model.writes import Side

Option = TypeVar("Option")

SCRIPTS = (
    ("rename",),
    ("delete",),
    ("create",),
    ("get", "get"),
    ("delete", "create"),
    ("rename", "rename"),
    ("assign team",),
    ("note",),
    ("delete", "create", "rename"),
    ("create", "delete"),
    ("get", "rename if unchanged"),
    ("get", "get", "get"),
)
"""What clients ask for in a row where races are likely, the simplest first."""


LATER = UNDER_WAY - 1.0
"""Seconds after which a piece of work is begun by a second worker that comes late."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at some call of an actor, by its number among all calls or among writes."""

    who: int
    number: int
    writes: bool
    kinds: tuple[str, ...]
    """Of that call and of those that follow it."""


@dataclass(slots=True)
class Plan:
    """One scenario: everything about a run but the order of its steps."""

    opening: Opening
    path: tuple[Step, ...]
    rival: tuple[Step, ...] = ()
    clients: list[list[Wish]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    twins: float | None = None
    """Seconds after which a second worker does each piece of work as well."""
    late: Side | None = None
    """The table whose part of a transaction plain reads see late."""
    slow: int | None = None
    """The client whose requests all take as long as a request may."""
    blind: int | None = None
    """The client that reaches the control table once and never again."""
    percent: int = 100
    outside: str = ""
    """How somebody writes past the wrapper meanwhile."""
    watch: tuple[Round, ...] = ()
    """The batches that the tripwire reads meanwhile; it reads the rest afterwards."""
    mends: bool = False
    """Whether the tripwire mends what it finds."""
    shadows: bool = False
    """Whether the keys that the tripwire is given are compared as shadow reads, too."""
    follow: tuple[Round, ...] = ()
    """The messages of the queue that are handled meanwhile."""
    dead: float = 0.0
    """For how long the replica of an availability-first phase answers nothing but errors."""
    agree: bool = False
    """Whether the tables are brought to agree in the end, as an operator would."""
    first: bool = False
    in_place: bool = False
    """Whether the migration is within one table."""
    changed: bool = False
    small: bool = False
    """Whether every order of its steps is tried; a job then has one worker."""

    @property
    def blameless(self) -> bool:
        """Tell whether nothing can fail but the replica of an availability-first phase."""
        disturbed = any(wish.after for wishes in self.clients for wish in wishes)
        troubled = bool(self.faults) or disturbed or self.late is not None
        return not troubled and self.slow is None and self.blind is None


def drawn(families: Sequence[Family], choices: Choices) -> Plan:
    """Return a large scenario."""
    family = one(choices, families)
    plan = Plan(one(choices, family.openings), one(choices, family.paths))
    plan.changed, plan.first, plan.in_place = family.changed, family.first, family.in_place
    plan.rival = one(choices, family.rivals) if choices.draw(4) == 1 else ()
    busy = any(step[0] in ("migrate", "rollback") for step in plan.path)
    plan.clients = [_wishes(choices, busy=busy) for _ in range(2 + choices.draw(2))]
    if not plan.first or choices.draw(2):  # the rest shows what a dead replica may do by itself
        _trouble(choices, plan)
    plan.twins = (None, 0.0, None, None, LATER)[choices.draw(5)]
    plan.percent = family.shares[choices.draw(2)]
    if family.outside and choices.draw(8) == 1:
        plan.outside = one(choices, family.outside)
    if choices.draw(2 if plan.outside else 8) == 1:
        plan.watch, plan.mends = _rounds(choices), choices.draw(2) == 1
        plan.shadows = choices.draw(2) == 1
    if plan.first:
        plan.follow = _rounds(choices)
        plan.dead = one(
            choices, (0.0, 0.0, 8.0, 20.0 if busy else 1000.0)
        )  # a journey waits for it
    if plan.first or plan.in_place:
        plan.agree = choices.draw(4) == 1
    return plan


def _trouble(choices: Choices, plan: Plan) -> None:
    """Let processes, calls and answers fail."""
    if choices.draw(3) == 1:
        _disturb(choices, plan)
    plan.slow = (None, None, 0, 1)[choices.draw(4)]
    for _ in range((0, 0, 1, 1, 2)[choices.draw(5)]):
        _spoil(choices, plan)
    plan.blind = (None, None, None, 0)[choices.draw(4)]
    plan.late = (None, None, Side.TARGET, Side.SOURCE)[choices.draw(4)]


def _rounds(choices: Choices) -> tuple[Round, ...]:
    """Return what a function that is called with batches is called with."""
    return tuple(
        Round(one(choices, (0.0, 0.0, 2.0, 40.0)), choices.draw(3))
        for _ in range(1 + choices.draw(4))
    )


def one(choices: Choices, options: Sequence[Option]) -> Option:
    """Return one of some options."""
    return options[choices.draw(len(options))]


def _spoil(choices: Choices, plan: Plan) -> None:
    """Let one or two calls in a row of somebody fail."""
    who, writes = choices.draw(5), choices.draw(2) == 0
    number = 1 + choices.draw(3 if writes else 12)
    kinds = tuple(one(choices, FAULTS) for _ in range(1 + choices.draw(2)))
    plan.faults.append(Fault(who, number, writes, kinds))


def _wishes(choices: Choices, *, busy: bool) -> list[Wish]:
    if choices.draw(2):
        return [Wish(what, "a") for what in one(choices, SCRIPTS)]
    return [_wish(choices, busy=busy) for _ in range(1 + choices.draw(5 if busy else 3))]


def _wish(choices: Choices, *, busy: bool) -> Wish:
    what = MENU[choices.draw(len(MENU))]
    key = "ab"[choices.draw(8) == 7]
    pauses = (0, 0, 1, 4, 8, 20) if busy else (0, 0, 0, 2, 8)
    return Wish(what, key, "", float(one(choices, pauses)))


def _disturb(choices: Choices, plan: Plan) -> None:
    """Let one client's process be frozen, or its time of day be set back, while it is idle."""
    client = plan.clients[choices.draw(len(plan.clients))]
    at = choices.draw(len(client))
    how = ("freeze", "jump")[choices.draw(2)]
    client[at] = Wish(client[at].what, client[at].key, how, float(4 + 4 * choices.draw(3)))
