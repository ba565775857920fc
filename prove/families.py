"""Where scenarios begin and what their operator does: a family per pair of adjacent classes.

A family is one of runs with something in common; those of each kind of migration go all the way.
"""

from prove.in_place.families import IN_PLACE
from prove.steps import (
    BACKFILL,
    CERTIFY,
    REOPEN,
    REPAIR,
    SETTLE,
    SLEEP,
    VALIDATE,
    Family,
    P,
    openings,
    to,
)

ROGUES = ("v1", "v2", "v2 gone", "v2 new")

LEFT = ("absent", "legacy", "created", "noted", "noted legacy", "stale", "other", "other legacy")
LEFT_IN_V2 = (*LEFT, "orphan")
ALIKE = ("absent", "legacy", "created", "noted", "noted legacy")

PAIRED: dict[str, tuple[Family, ...]] = {
    "OFF–DUAL": (
        Family(
            openings(P.OFF, LEFT_IN_V2),
            (
                to(P.DUAL_WRITE),
                to(P.DUAL_WRITE, P.OFF),
                (*to(P.DUAL_WRITE), REPAIR),
                (*to(P.DUAL_WRITE), BACKFILL),
                (*to(P.DUAL_WRITE), SETTLE, *to(P.OFF)),
                to(P.DUAL_WRITE, P.VALIDATE, P.SHADOW_READ),
                (*to(P.DUAL_WRITE), SETTLE, *to(P.OFF), SETTLE, *CERTIFY),
            ),
            outside=ROGUES,
        ),
    ),
    "DUAL–DUAL": (
        Family(
            openings(P.DUAL_WRITE, LEFT_IN_V2),
            (
                (BACKFILL,),
                (REPAIR,),
                (BACKFILL, REPAIR),
                to(P.VALIDATE, P.SHADOW_READ),
                (BACKFILL, REPAIR, BACKFILL, REPAIR),
            ),
            ((), (BACKFILL,), (REPAIR,), (SETTLE, BACKFILL)),
            outside=ROGUES,
        ),
    ),
    "DUAL–READ_N": (
        Family(
            openings(P.SHADOW_READ, ALIKE),
            (
                to(P.READ_N),
                to(P.READ_N, P.SHADOW_READ),
                to(P.READ_V2),
                (*to(P.READ_N), SETTLE, *to(P.SHADOW_READ, P.VALIDATE)),
                (BACKFILL, *to(P.READ_N)),
                (VALIDATE, *to(P.READ_N), VALIDATE),
                (*to(P.READ_N), SETTLE, *to(P.SHADOW_READ, P.VALIDATE, P.DUAL_WRITE, P.OFF)),
            ),
            ((), (BACKFILL,), to(P.VALIDATE)),
            outside=("v1",),
        ),
        Family(
            openings(P.SHADOW_READ, ("legacy", "created", "noted")),
            (to(P.READ_N), (REOPEN, *to(P.READ_N)), (REOPEN, *to(P.READ_N), *to(P.READ_V2))),
            changed=True,
        ),
    ),
    "READ_N–READ_V2": (
        Family(
            openings(P.READ_N, ALIKE),
            (
                to(P.READ_V2),
                to(P.READ_V2, P.READ_N),
                to(P.WRITE_V2_ONLY),
                to(P.READ_V2, P.WRITE_V2_ONLY),
                (*to(P.READ_V2), SETTLE, *to(P.READ_N)),
                (*to(P.READ_V2), VALIDATE, *to(P.READ_N)),
                (*to(P.READ_V2), SETTLE, *to(P.READ_N, P.SHADOW_READ)),
            ),
            ((), to(P.SHADOW_READ), to(P.READ_N)),
        ),
    ),
    "READ_V2–WRITE_V2_ONLY": (
        Family(
            openings(P.READ_V2, ALIKE),
            (
                to(P.WRITE_V2_ONLY),
                to(P.WRITE_V2_ONLY, P.READ_V2),
                to(P.READ_N),
                (VALIDATE,),
                (*to(P.WRITE_V2_ONLY), SETTLE, *to(P.READ_V2, P.READ_N)),
                to(P.WRITE_V2_ONLY, P.READ_V2, P.READ_N),
            ),
            ((), to(P.READ_N)),
        ),
        Family(
            (
                *openings(P.WRITE_V2_ONLY, ("created", "noted legacy"), "update", "note", "delete"),
                *openings(P.WRITE_V2_ONLY, ("absent",), "create", "create note"),
                *openings(P.WRITE_V2_ONLY, ("created",), "delete create note"),
            ),
            (
                to(P.READ_V2),
                to(P.READ_V2, P.READ_N),
                to(P.READ_V2, P.READ_N, P.SHADOW_READ),
                to(P.READ_V2, P.READ_N, P.SHADOW_READ, P.VALIDATE, P.DUAL_WRITE, P.OFF),
            ),
            ((), to(P.WRITE_V2_ONLY)),
        ),
    ),
    "WRITE_V2_ONLY–DECOMMISSIONED": (
        Family(
            openings(P.WRITE_V2_ONLY, ("legacy", "created", "noted"), "", "update"),
            (
                (("migrate", P.ARCHIVED),),
                (("migrate", P.DECOMMISSIONED),),
                (("migrate", P.ARCHIVED), ("rollback", P.READ_V2)),
                (("migrate", P.ARCHIVED), ("rollback", P.OFF)),
            ),
            ((), (SLEEP, ("rollback", P.READ_V2))),
        ),
    ),
    "OFF–DUAL_AF": (
        Family(
            openings(P.OFF, LEFT_IN_V2),
            (
                to(P.DUAL_AF),
                to(P.DUAL_AF, P.OFF),
                (*to(P.DUAL_AF), BACKFILL),
                (*to(P.DUAL_AF), SETTLE, *to(P.OFF)),
                (*to(P.DUAL_AF), SETTLE, *to(P.OFF), SETTLE, *to(P.DUAL_AF)),
            ),
            first=True,
        ),
        Family(openings(P.DUAL_AF, LEFT_IN_V2), ((), (SLEEP,), (BACKFILL,)), first=True),
    ),
    "DUAL_AF–DUAL": (
        Family(
            openings(P.DUAL_AF, LEFT_IN_V2),
            (
                to(P.DUAL_WRITE),
                to(P.DUAL_WRITE, P.DUAL_AF),
                (*to(P.DUAL_WRITE), REPAIR),
                (*to(P.DUAL_WRITE), SETTLE, *to(P.DUAL_AF)),
                to(P.DUAL_WRITE, P.VALIDATE, P.SHADOW_READ),
            ),
            first=True,
        ),
        Family(
            openings(P.DUAL_WRITE, LEFT_IN_V2),
            (
                to(P.DUAL_AF),
                to(P.DUAL_AF, P.DUAL_WRITE),
                (*to(P.DUAL_AF), SETTLE, *to(P.DUAL_WRITE), REPAIR),
                (*to(P.DUAL_AF), SETTLE, *to(P.OFF)),
            ),
            ((), (BACKFILL,), (REPAIR,)),
            first=True,
        ),
        Family(
            openings(P.SHADOW_READ, ALIKE),
            (
                to(P.VALIDATE, P.DUAL_WRITE, P.DUAL_AF),
                (*to(P.VALIDATE, P.DUAL_WRITE, P.DUAL_AF), SETTLE, *CERTIFY),
            ),
            first=True,
        ),
    ),
    "READ_V2–V2_AF": (
        Family(
            openings(P.READ_V2, ALIKE),
            (
                to(P.V2_AF),
                to(P.V2_AF, P.READ_V2),
                (*to(P.V2_AF), SETTLE, *to(P.READ_V2)),
                (*to(P.V2_AF), SETTLE, *to(P.READ_V2, P.READ_N)),
                to(P.V2_AF, P.READ_V2, P.READ_N, P.SHADOW_READ),
            ),
            ((), to(P.READ_N)),
            first=True,
        ),
        Family(openings(P.V2_AF, ALIKE), ((), (SLEEP,)), first=True),
    ),
    "V2_AF–WRITE_V2_ONLY": (
        Family(
            openings(P.V2_AF, ALIKE),
            (
                to(P.WRITE_V2_ONLY),
                to(P.WRITE_V2_ONLY, P.V2_AF),
                (*to(P.WRITE_V2_ONLY), SETTLE, *to(P.V2_AF, P.READ_V2)),
            ),
            first=True,
        ),
        Family(
            (
                *openings(P.WRITE_V2_ONLY, ("created", "noted legacy"), "update", "delete"),
                *openings(P.WRITE_V2_ONLY, ("created",), "delete create note"),
            ),
            (
                to(P.V2_AF),
                to(P.V2_AF, P.READ_V2),
                to(P.V2_AF, P.READ_V2, P.READ_N),
                to(P.V2_AF, P.WRITE_V2_ONLY),
            ),
            first=True,
        ),
    ),
    "all the way": (
        Family(
            openings(P.OFF, LEFT_IN_V2),
            (
                (("migrate", P.READ_N), ("rollback", P.OFF)),
                (("migrate", P.READ_V2), ("rollback", P.OFF)),
                (("migrate", P.WRITE_V2_ONLY), ("rollback", P.READ_N)),
                (("migrate", P.WRITE_V2_ONLY), ("rollback", P.OFF)),
            ),
            ((), (SLEEP, ("rollback", P.OFF)), (SETTLE, ("rollback", P.OFF))),
        ),
        Family(
            openings(P.OFF, LEFT_IN_V2),
            (
                (("migrate", P.SHADOW_READ), ("rollback", P.OFF)),
                (("migrate", P.WRITE_V2_ONLY), ("rollback", P.OFF)),
            ),
            ((), (SLEEP, ("rollback", P.OFF))),
            first=True,
        ),
    ),
}
"""Scenarios by the pair of adjacent classes of phases that they are about."""

FAMILIES = {**PAIRED, **IN_PLACE}
"""The scenarios of every kind of migration."""
