"""The scenarios of migrations in place: a family per pair of adjacent phases."""

from functools import partial

from prove.steps import BACKFILL, REPAIR, SETTLE, SLEEP, VALIDATE, Family, P, Step, openings, to

RESTORE: Step = ("restore", None)
LOWER: Step = ("lower", None)
RESTORE_ONE: Step = ("restore one", None)
RAISE: Step = ("raise", None)

HOME = to(P.READ_BOTH, P.OFF)
OLD = ("nothing", "old", "made", "two old")
NEW = ("upgraded", "made and upgraded", "new", "noted in place")
ALL = (*OLD, *NEW, "restored")

_family = partial(Family, outside=("in place",), in_place=True, shares=(100, 20))

IN_PLACE: dict[str, tuple[Family, ...]] = {
    "in place OFF–READ_BOTH": (
        _family(
            openings(P.OFF, OLD),
            (
                to(P.READ_BOTH),
                to(P.READ_BOTH, P.OFF),
                (*to(P.READ_BOTH), SETTLE, *to(P.OFF)),
                to(P.READ_BOTH, P.WRITE_NEW),
            ),
        ),
        _family(
            openings(P.READ_BOTH, ALL),
            ((LOWER, *to(P.OFF)), to(P.OFF), (RESTORE, LOWER, *to(P.OFF)), (RESTORE,)),
            ((), to(P.WRITE_NEW), (LOWER,), to(P.WRITE_NEW, P.READ_BOTH)),
        ),
    ),
    "in place READ_BOTH–WRITE_NEW": (
        _family(
            openings(P.READ_BOTH, ALL),
            (
                to(P.WRITE_NEW),
                to(P.WRITE_NEW, P.READ_BOTH),
                (*to(P.WRITE_NEW), BACKFILL),
                (*to(P.WRITE_NEW), SETTLE, *to(P.READ_BOTH), RESTORE),
                (*to(P.WRITE_NEW), BACKFILL, *to(P.READ_BOTH), RESTORE),
                (*to(P.WRITE_NEW), SETTLE, RAISE, SETTLE, *HOME),
                (LOWER, *to(P.WRITE_NEW, P.READ_BOTH, P.OFF)),
            ),
            ((), (LOWER,), (SLEEP, *HOME), (BACKFILL,)),
        ),
    ),
    "in place WRITE_NEW–VALIDATE": (
        _family(
            openings(P.WRITE_NEW, ALL),
            (
                (BACKFILL,),
                (BACKFILL, RESTORE),
                (BACKFILL, RESTORE_ONE),
                (BACKFILL, *to(P.VALIDATE), REPAIR),
                (RESTORE, BACKFILL, RESTORE),
                to(P.VALIDATE),
                (BACKFILL, *HOME),
                (REPAIR, RESTORE_ONE, REPAIR),
                (*to(P.READ_BOTH), RESTORE),
            ),
            ((), (BACKFILL,), (RESTORE,), to(P.READ_BOTH), (SETTLE, *HOME)),
        ),
    ),
    "in place VALIDATE–DONE": (
        _family(
            openings(P.VALIDATE, ALL),
            (
                (REPAIR, *to(P.DONE)),
                to(P.DONE),
                (RESTORE_ONE, *to(P.DONE)),
                to(P.DONE, P.VALIDATE),
                (VALIDATE, RESTORE, REPAIR),
                (*to(P.DONE), SETTLE, *to(P.VALIDATE, P.WRITE_NEW), RESTORE),
                to(P.DONE, P.VALIDATE, P.WRITE_NEW, P.READ_BOTH, P.OFF),
            ),
            ((), (RESTORE,), to(P.WRITE_NEW), (REPAIR,), (BACKFILL,)),
        ),
    ),
    "in place all the way": (
        _family(
            openings(P.OFF, OLD),
            (
                (("migrate", P.DONE), ("rollback", P.OFF)),
                (("migrate", P.VALIDATE), ("rollback", P.READ_BOTH)),
                (("migrate", P.WRITE_NEW), ("rollback", P.OFF), ("migrate", P.DONE)),
                (("migrate", P.DONE), ("rollback", P.OFF), ("migrate", P.DONE)),
            ),
            ((), (SLEEP, ("rollback", P.OFF)), (SETTLE, ("rollback", P.READ_BOTH))),
        ),
    ),
}
"""Scenarios in place by the pair of adjacent phases that they are about."""
