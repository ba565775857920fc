"""What may happen in a run: the stage, the moves of the operator, what clients ask, what fails.

One family of scenarios per pair of adjacent classes of phases, drawn decision by decision, and
two that go all the way.
"""

from dataclasses import dataclass, field

from prove.choices import Choices
from prove.clients import MENU, Wish
from prove.ports import FAULTS
from shared.model.phases import Phase

Step = tuple[str, Phase | None]
Opening = tuple[Phase, str, str]

P = Phase


def to(*phases: Phase) -> tuple[Step, ...]:
    """Return moves to one phase after the other."""
    return tuple(("reach", phase) for phase in phases)


BACKFILL: Step = ("backfill", None)
VALIDATE: Step = ("validate", None)
REPAIR: Step = ("repair", None)
SETTLE: Step = ("settle", None)

LEFT = ("absent", "legacy", "created", "noted", "noted legacy", "stale", "other", "other legacy")
LEFT_IN_V2 = (*LEFT, "orphan")
ALIKE = ("absent", "legacy", "created", "noted", "noted legacy")


@dataclass(frozen=True, slots=True)
class Family:
    """The scenarios between two adjacent classes: where they begin and what the operator does."""

    openings: tuple[Opening, ...]
    paths: tuple[tuple[Step, ...], ...]
    rivals: tuple[tuple[Step, ...], ...] = ((),)


def _openings(phase: Phase, variants: tuple[str, ...], *later: str) -> tuple[Opening, ...]:
    return tuple((phase, variant, act) for act in (later or ("",)) for variant in variants)


FAMILIES: dict[str, Family] = {
    "OFF–DUAL": Family(
        _openings(P.OFF, LEFT_IN_V2),
        (
            to(P.DUAL_WRITE),
            to(P.DUAL_WRITE, P.OFF),
            (*to(P.DUAL_WRITE), BACKFILL),
            (*to(P.DUAL_WRITE), SETTLE, *to(P.OFF)),
            to(P.DUAL_WRITE, P.VALIDATE, P.SHADOW_READ),
            (*to(P.DUAL_WRITE), SETTLE, *to(P.OFF), SETTLE, *to(P.DUAL_WRITE, P.VALIDATE, P.SHADOW_READ)),
        ),
    ),
    "DUAL–DUAL": Family(
        _openings(P.DUAL_WRITE, LEFT_IN_V2),
        (
            (BACKFILL,),
            (REPAIR,),
            (BACKFILL, REPAIR),
            to(P.VALIDATE, P.SHADOW_READ),
            (BACKFILL, BACKFILL, REPAIR, REPAIR),
        ),
        ((), (BACKFILL,), (REPAIR,)),
    ),
    "DUAL–READ_N": Family(
        _openings(P.SHADOW_READ, ALIKE),
        (
            to(P.READ_N),
            to(P.READ_N, P.SHADOW_READ),
            (*to(P.READ_N), SETTLE, *to(P.SHADOW_READ, P.VALIDATE)),
            (BACKFILL, *to(P.READ_N)),
            (VALIDATE, *to(P.READ_N), VALIDATE),
            (*to(P.READ_N), SETTLE, *to(P.SHADOW_READ, P.VALIDATE, P.DUAL_WRITE, P.OFF)),
        ),
        ((), (BACKFILL,), to(P.VALIDATE)),
    ),
    "READ_N–READ_V2": Family(
        _openings(P.READ_N, ALIKE),
        (
            to(P.READ_V2),
            to(P.READ_V2, P.READ_N),
            (*to(P.READ_V2), SETTLE, *to(P.READ_N)),
            (*to(P.READ_V2), VALIDATE, *to(P.READ_N)),
            (*to(P.READ_V2), SETTLE, *to(P.READ_N, P.SHADOW_READ)),
        ),
        ((), to(P.SHADOW_READ), to(P.READ_N)),
    ),
    "READ_V2–WRITE_V2_ONLY": Family(
        (
            *_openings(P.READ_V2, ALIKE),
            *_openings(P.WRITE_V2_ONLY, ("created", "noted legacy"), "", "update", "note", "delete"),
            *_openings(P.WRITE_V2_ONLY, ("absent",), "create", "create note"),
            *_openings(P.WRITE_V2_ONLY, ("created",), "delete create", "delete create note"),
        ),
        (
            (),
            to(P.WRITE_V2_ONLY),
            to(P.WRITE_V2_ONLY, P.READ_V2),
            to(P.READ_V2),
            to(P.READ_V2, P.READ_N),
            (*to(P.WRITE_V2_ONLY), SETTLE, *to(P.READ_V2, P.READ_N)),
            to(P.READ_V2, P.READ_N, P.SHADOW_READ, P.VALIDATE, P.DUAL_WRITE, P.OFF),
        ),
    ),
    "journeys": Family(
        _openings(P.OFF, LEFT_IN_V2),
        (
            (("migrate", P.READ_N), ("rollback", P.OFF)),
            (("migrate", P.READ_V2), ("rollback", P.OFF)),
            (("migrate", P.WRITE_V2_ONLY), ("rollback", P.READ_N)),
            (("migrate", P.WRITE_V2_ONLY), ("rollback", P.OFF)),
        ),
        ((), (("sleep", None), ("rollback", P.OFF)), (SETTLE, ("rollback", P.OFF))),
    ),
}
FAMILIES["WRITE_V2_ONLY–DECOMMISSIONED"] = Family(
    _openings(P.WRITE_V2_ONLY, ("legacy", "created", "noted"), "", "update"),
    (
        (("migrate", P.ARCHIVED),),
        (("migrate", P.DECOMMISSIONED),),
        (("migrate", P.ARCHIVED), ("rollback", P.READ_V2)),
        (("migrate", P.ARCHIVED), ("rollback", P.OFF)),
    ),
    ((), (("sleep", None), ("rollback", P.READ_V2))),
)


@dataclass(slots=True)
class Plan:
    """One scenario: everything about a run but the order of its steps."""

    opening: Opening
    path: tuple[Step, ...]
    rival: tuple[Step, ...] = ()
    clients: list[list[Wish]] = field(default_factory=list)
    faults: list[tuple[int, int, str]] = field(default_factory=list)
    twins: bool = False
    torn: bool = False
    percent: int = 100


def drawn(family: Family, choices: Choices) -> Plan:
    """Return a large scenario."""
    plan = Plan(_one(choices, family.openings), _one(choices, family.paths))
    plan.rival = _one(choices, family.rivals) if choices.draw(4) == 1 else ()
    busy = any(step[0] in ("migrate", "rollback") for step in plan.path)
    for _ in range(2 + choices.draw(2)):
        count = 1 + choices.draw(5 if busy else 3)
        plan.clients.append([_wish(choices, busy=busy) for _ in range(count)])
    if choices.draw(4) == 1:
        _disturb(choices, plan)
    for _ in range((0, 0, 1, 1, 2)[choices.draw(5)]):
        who, when = choices.draw(5), 1 + choices.draw(12)
        plan.faults.append((who, when, FAULTS[choices.draw(len(FAULTS))]))
    plan.twins = choices.draw(4) == 1
    plan.torn = choices.draw(3) == 1
    plan.percent = (100, 50)[choices.draw(2)]
    return plan


def _one(choices: Choices, options: tuple) -> any:
    return options[choices.draw(len(options))]


def _wish(choices: Choices, *, busy: bool) -> Wish:
    what = MENU[choices.draw(len(MENU))]
    key = "ab"[choices.draw(8) == 7]
    seconds = float((0, 0, 1, 4, 8, 20)[choices.draw(6)]) if busy else float((0, 0, 0, 2, 8)[choices.draw(5)])
    return Wish(what, key, "", seconds)


def _disturb(choices: Choices, plan: Plan) -> None:
    """Let one client's process be frozen, or its time of day be set back, while it is idle."""
    client = plan.clients[choices.draw(len(plan.clients))]
    at = choices.draw(len(client))
    how = ("freeze", "jump")[choices.draw(2)]
    client[at] = Wish(client[at].what, client[at].key, how, float(4 + 4 * choices.draw(3)))
