"""The tripwire: finds writes that went around the wrapper, by what the tables' streams report.

A stream cannot tell whose write a record is, so each key it names is compared in both tables,
in the phases in which the wrapper keeps them alike. There it writes both in one transaction, and
a pair read at one moment differs for one reason only once a certificate was granted: somebody
wrote past the wrapper. The certificate is then void, and the difference is on record; the next
validation with repair makes the replica what the phase's primary says. A migration may declare
that it is mended at once instead.

Before a certificate a pair may also differ because a backfill brought back a deleted record, or
because v1 was not written for a while: nothing is void then, and validation will find it.

Safe to repeat: every look is at the tables as they are now, so late and repeated records of a
stream show what was mended long ago.
"""

from collections.abc import Iterable

from shared.engine.disproof import differing, disprove, watched
from shared.engine.world import PairedWorld
from shared.model.key import Key
from shared.model.runs import Finding

ACTOR = "tripwire"


def suspects(world: PairedWorld, keys: Iterable[Key]) -> list[Key]:
    """Return the keys whose records seem to differ, each once; a write in flight may be one."""
    state = world.control.read(world.migration.name)
    return differing(world, state, keys) if watched(world, state) else []


def examine(world: PairedWorld, key: Key) -> Finding | None:
    """Look at a suspect at one moment; return what was found and what became of it.

    Raises Contended when the record changes all the time: look again later.
    """
    return disprove(world, key, ACTOR)
