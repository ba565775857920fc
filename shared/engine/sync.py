"""Brings the replica of one record up to date, after a write that it could not follow.

One transaction under "both are exactly as read", so it may come late, twice or while writers go
on (engine/repair.py). It makes the replica right in the end; it is no proof that it is.
"""

from shared.engine.commit import Patience
from shared.engine.compare import compare
from shared.engine.exclusions import Exclusions
from shared.engine.images import pair
from shared.engine.lease import PhaseLease
from shared.engine.repair import repair
from shared.engine.world import World
from shared.model.errors import ConditionFailed, Contended, OutcomeUnknown, RecordHeld, Throttled
from shared.model.item import Item
from shared.model.key import Key
from shared.model.writes import Side

TRIES = 5
"""How often a record that keeps changing is tried before its message comes again."""


def sync(world: World, key: Key) -> bool:
    """Make a record's replica what the primary says; return False when there was nothing to do.

    Raises Contended when the record changes all the time or the replica cannot be written, and
    RecordHeld when no program can decide: both come back with the message, and end in the
    dead-letter queue.
    """
    patience = Patience(world, world.migration.source.keys.text(key))
    for _ in range(TRIES):
        timing = world.environment.timing
        lease = PhaseLease(world.control, world.clock, world.migration.name, timing, world.tables)
        operation = lease.operation(timing.worker_operation)
        state = operation.state
        if not (state.phase.follows or state.phase.dual) or Exclusions(world).holds(state, key):
            return False  # the other table is nobody's replica: validation comes before its readers
        places = pair(world.migration, key)
        try:
            stored: dict[Side, Item | None] = dict(
                zip(Side, world.tables.get_together(places), strict=True)
            )
            authority = state.phase.primary
            found = compare(world.migration, stored[Side.SOURCE], stored[Side.TARGET], authority)
            if found is None:
                return False
            if repair(world, operation, key, stored, authority, excluded=False):
                return True
        except (ConditionFailed, Contended, OutcomeUnknown, Throttled):
            patience.wait()
            continue
        raise RecordHeld(
            f"the record has no form in the other table: {found.reason}", field=found.field
        )
    raise Contended("the record could not be synced yet")
