"""Small scopes, exhaustively: one key, two writers, one operator, one worker, every order of steps.

For each pair of adjacent classes all combinations of a few stages, calls and moves are gone
through, each in every order. An order is given up where it comes to a state from which all was
tried before: what both tables and the control item hold, what each actor was told so far, which
calls ended before which began, and the time. Time passes when all sleep, or by choice until
somebody wakes. Waits of less than a second take time only when they add up to one: meanwhile
others go on or do not, as at every step.

Of steps that commute one order is tried. Nobody switches at a call that commutes with all that
others do: the ledger's, and what the operator or a worker does to the control item unseen.
"""

from collections.abc import Iterator
from itertools import combinations_with_replacement, product

from prove.choices import Enumerated
from prove.clients import Wish
from prove.follower import Round
from prove.in_place.scopes import IN_PLACE
from prove.playing import Outcome
from prove.runs import play
from prove.scenarios import Plan
from prove.steps import BACKFILL, CERTIFY, NOTING, REPAIR, SETTLE, P, Scope, found, to

DEAD = (0.0, 1000.0)
"""For how long a replica is dead, in seconds: not at all, or longer than anybody waits."""

PAIRED: dict[str, tuple[Scope, ...]] = {
    "OFF–DUAL": (
        Scope(
            found(P.OFF, "legacy", "other", "orphan"),
            (
                to(P.DUAL_WRITE),
                to(P.DUAL_WRITE, P.OFF),
                (*to(P.DUAL_WRITE), SETTLE, *to(P.OFF)),
                (*to(P.DUAL_WRITE), REPAIR),
                (*to(P.DUAL_WRITE), SETTLE, *to(P.OFF), SETTLE, *to(P.DUAL_WRITE)),
            ),
        ),
    ),
    "DUAL–DUAL": (
        Scope(found(P.DUAL_WRITE, "absent", "legacy", "other"), ((BACKFILL,),)),
        Scope(found(P.DUAL_WRITE, "legacy"), ((REPAIR,),)),
    ),
    "DUAL–READ_N": (
        Scope(
            found(P.SHADOW_READ, "absent", "noted"),
            (
                to(P.READ_N),
                to(P.READ_N, P.SHADOW_READ),
                (*to(P.READ_N), SETTLE, *to(P.SHADOW_READ)),
                (*to(P.READ_N), SETTLE, *to(P.SHADOW_READ, P.VALIDATE, P.DUAL_WRITE, P.OFF)),
                (*CERTIFY, *to(P.READ_N)),
            ),
        ),
    ),
    "READ_N–READ_V2": (
        Scope(
            found(P.READ_N, "absent", "noted"),
            (
                to(P.READ_V2),
                to(P.READ_V2, P.READ_N),
                (*to(P.READ_V2), SETTLE, *to(P.READ_N)),
                (*to(P.READ_V2), SETTLE, *to(P.READ_N), SETTLE, *to(P.SHADOW_READ)),
            ),
            calls=NOTING,
        ),
        Scope(found(P.READ_N, "noted"), ((REPAIR, *to(P.READ_V2)),)),
    ),
    "READ_V2–WRITE_V2_ONLY": (
        Scope(
            found(P.READ_V2, "absent", "noted"),
            (
                to(P.WRITE_V2_ONLY),
                to(P.WRITE_V2_ONLY, P.READ_V2),
                (*to(P.WRITE_V2_ONLY), SETTLE, *to(P.READ_V2), SETTLE),
            ),
            calls=NOTING,
        ),
        Scope(
            found(P.READ_V2, "absent", "noted"),
            ((*to(P.WRITE_V2_ONLY), SETTLE, *to(P.READ_V2, P.READ_N)),),
        ),
        Scope(found(P.READ_V2, "noted"), ((REPAIR, *to(P.WRITE_V2_ONLY)),)),
    ),
    "WRITE_V2_ONLY–DECOMMISSIONED": (
        Scope(
            found(P.WRITE_V2_ONLY, "absent", "noted"),
            (to(P.READ_V2), to(P.READ_V2, P.READ_N), (("migrate", P.ARCHIVED),)),
        ),
        Scope(
            found(P.ARCHIVED, "absent", "noted"),
            ((("migrate", P.DECOMMISSIONED),), (("rollback", P.READ_V2),)),
        ),
    ),
    "OFF–DUAL_AF": (
        Scope(
            found(P.OFF, "legacy", "other", "orphan"),
            (
                to(P.DUAL_AF),
                to(P.DUAL_AF, P.OFF),
                (*to(P.DUAL_AF), SETTLE, *to(P.OFF)),
            ),
            first=True,
        ),
        Scope(found(P.DUAL_AF, "legacy", "other"), ((),), first=True, dead=DEAD),
        Scope(found(P.DUAL_AF, "absent", "legacy"), ((BACKFILL,),), first=True),
    ),
    "DUAL_AF–DUAL": (
        Scope(
            found(P.DUAL_WRITE, "absent", "legacy"),
            (to(P.DUAL_AF), to(P.DUAL_AF, P.DUAL_WRITE)),
            first=True,
        ),
        Scope(found(P.DUAL_WRITE, "other"), (to(P.DUAL_AF),), first=True),
        Scope(found(P.DUAL_AF, "absent", "legacy"), (to(P.DUAL_WRITE),), first=True),
    ),
    "READ_V2–V2_AF": (
        Scope(
            found(P.READ_V2, "absent", "noted"),
            (
                to(P.V2_AF),
                to(P.V2_AF, P.READ_V2),
                (*to(P.V2_AF), SETTLE, *to(P.READ_V2)),
            ),
            calls=NOTING,
            first=True,
        ),
        Scope(found(P.V2_AF, "noted"), ((),), first=True, dead=DEAD),
    ),
    "V2_AF–WRITE_V2_ONLY": (
        Scope(
            found(P.V2_AF, "absent", "noted"),
            (to(P.WRITE_V2_ONLY), to(P.WRITE_V2_ONLY, P.V2_AF)),
            first=True,
        ),
        Scope(
            found(P.WRITE_V2_ONLY, "absent", "noted"),
            (to(P.V2_AF), to(P.V2_AF, P.READ_V2)),
            first=True,
        ),
    ),
}
"""The small scopes of each pair."""

SCOPES = {**PAIRED, **IN_PLACE}
"""Those of every kind of migration."""


def plans(family: str) -> Iterator[Plan]:
    """Yield every scenario of a pair's small scopes."""
    for scope in SCOPES[family]:
        pairs = tuple(combinations_with_replacement(scope.calls, 2))  # both callers are alike
        for opening, path, dead, asked in product(scope.openings, scope.paths, scope.dead, pairs):
            clients = [[Wish(each, "a")] for each in asked]
            plan = Plan(opening, path, clients=clients, small=True, dead=dead)
            plan.first, plan.in_place, plan.percent = scope.first, scope.in_place, scope.percent
            plan.follow = (Round(0.0, 0),) * 2 if scope.first and not path else ()
            yield plan


def enumerated(plan: Plan) -> Iterator[tuple[list[int], Outcome]]:
    """Yield every run of a scenario that differs from those before it, with its decisions."""
    choices = Enumerated()
    more = True
    while more:
        outcome = play(plan, choices, ticking=False)
        yield list(choices.taken), outcome
        more = choices.advance()
