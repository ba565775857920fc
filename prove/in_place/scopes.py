"""The small scopes of migrations in place, each gone through in every order."""

from functools import partial

from prove.in_place.families import LOWER, RESTORE, RESTORE_ONE
from prove.steps import BACKFILL, REPAIR, SETTLE, P, Scope, found, to

_scope = partial(Scope, in_place=True)

IN_PLACE: dict[str, tuple[Scope, ...]] = {
    "in place OFF–READ_BOTH": (
        _scope(
            found(P.OFF, "nothing", "old"),
            (
                to(P.READ_BOTH),
                to(P.READ_BOTH, P.OFF),
                (*to(P.READ_BOTH), SETTLE, *to(P.OFF)),
            ),
        ),
        _scope(found(P.READ_BOTH, "upgraded", "new"), ((LOWER, *to(P.OFF)),)),
    ),
    "in place READ_BOTH–WRITE_NEW": (
        _scope(
            found(P.READ_BOTH, "nothing", "old", "upgraded"),
            (
                to(P.WRITE_NEW),
                to(P.WRITE_NEW, P.READ_BOTH),
                (*to(P.WRITE_NEW), SETTLE, *to(P.READ_BOTH)),
                (RESTORE,),
            ),
        ),
        _scope(
            found(P.READ_BOTH, "old"), (to(P.WRITE_NEW), to(P.WRITE_NEW, P.READ_BOTH)), percent=20
        ),
    ),
    "in place WRITE_NEW–VALIDATE": (
        _scope(found(P.WRITE_NEW, "nothing", "old", "upgraded"), ((BACKFILL,), (RESTORE,))),
        _scope(
            found(P.WRITE_NEW, "old", "made"),
            (
                (BACKFILL, RESTORE_ONE),
                (BACKFILL, *to(P.VALIDATE)),
                (BACKFILL, *to(P.READ_BOTH), RESTORE),
            ),
        ),
    ),
    "in place VALIDATE–DONE": (
        _scope(found(P.VALIDATE, "upgraded", "restored"), (to(P.WRITE_NEW), (REPAIR,), to(P.DONE))),
        _scope(found(P.DONE, "upgraded"), (to(P.VALIDATE), to(P.VALIDATE, P.DONE))),
    ),
}
"""The small scopes in place of each pair."""
