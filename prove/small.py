"""Small scopes, exhaustively: one key, two writers, one operator or worker, every order of steps.

For each pair of adjacent classes all combinations of a few stages, calls and moves are gone
through, each in every order with a bounded number of turns at which an actor that could go on is
set aside (Musuvathi and Qadeer, "Iterative context bounding", 2007). Time passes when all sleep,
or by such a turn.
"""

from collections.abc import Iterator
from itertools import product

from prove.choices import Enumerated
from prove.clients import Wish
from prove.runs import Outcome, play
from prove.scenarios import BACKFILL, REPAIR, SETTLE, P, Plan, Step, to
from prove.stage import Opening

SWITCHES = 3
"""The most turns of one run at which somebody is set aside who could go on."""
SWITCHES_WITH_WORKERS = 2
"""The same where a job is under way, which has many more steps."""

CALLS = ("rename", "delete", "create", "get")

Scope = tuple[tuple[Opening, ...], tuple[tuple[Step, ...], ...]]

SCOPES: dict[str, Scope] = {
    "OFF–DUAL": (
        tuple((P.OFF, variant, "") for variant in ("legacy", "other", "orphan")),
        (to(P.DUAL_WRITE), (*to(P.DUAL_WRITE), REPAIR), (*to(P.DUAL_WRITE), SETTLE, *to(P.OFF))),
    ),
    "DUAL–DUAL": (
        tuple((P.DUAL_WRITE, variant, "") for variant in ("absent", "legacy", "other")),
        ((BACKFILL,), (REPAIR,)),
    ),
    "DUAL–READ_N": (
        tuple((P.SHADOW_READ, variant, "") for variant in ("absent", "noted")),
        (to(P.READ_N), to(P.READ_N, P.SHADOW_READ), (*to(P.READ_N), SETTLE, *to(P.SHADOW_READ))),
    ),
    "READ_N–READ_V2": (
        tuple((P.READ_N, variant, "") for variant in ("absent", "noted")),
        (to(P.READ_V2), to(P.READ_V2, P.READ_N), (*to(P.READ_V2), SETTLE, *to(P.READ_N))),
    ),
    "READ_V2–WRITE_V2_ONLY": (
        tuple((P.READ_V2, variant, "") for variant in ("absent", "noted")),
        (
            to(P.WRITE_V2_ONLY),
            to(P.WRITE_V2_ONLY, P.READ_V2),
            (*to(P.WRITE_V2_ONLY), SETTLE, *to(P.READ_V2), SETTLE),
        ),
    ),
    "WRITE_V2_ONLY–DECOMMISSIONED": (
        tuple((P.WRITE_V2_ONLY, variant, "") for variant in ("absent", "noted")),
        (to(P.READ_V2), to(P.READ_V2, P.READ_N)),
    ),
}
"""The stages and the operator's moves of each pair."""


def plans(family: str) -> Iterator[Plan]:
    """Yield every scenario of a pair's small scope."""
    openings, paths = SCOPES[family]
    for opening, path, first, second in product(openings, paths, CALLS, CALLS):
        clients = [[Wish(first, "a")], [Wish(second, "a")]]
        yield Plan(opening, path, clients=clients)


def switches(plan: Plan) -> int:
    """Return how many turns of a scenario's run may set somebody aside."""
    works = any(step in (BACKFILL, REPAIR) for step in plan.path)
    return SWITCHES_WITH_WORKERS if works else SWITCHES


def enumerated(plan: Plan) -> Iterator[tuple[list[int], Outcome]]:
    """Yield every run of a scenario with its decisions."""
    choices = Enumerated(switches(plan))
    while True:
        outcome = play(plan, choices, ticking=False)
        yield list(choices.taken), outcome
        if not choices.advance():
            return
