"""Brings the replica of one record up to date, after a write that it could not follow.

One transaction under "both are exactly as read", so it may come late, twice or while writers go
on (engine/repair.py). It makes the replica right in the end; it is no proof that it is.
"""

from shared.engine.commit import Patience
from shared.engine.compare import compare
from shared.engine.disproof import read_together
from shared.engine.exclusions import Exclusions
from shared.engine.lease import Operation, PhaseLease
from shared.engine.repair import repair
from shared.engine.world import PairedWorld
from shared.model.errors import (
    ConditionFailed,
    Contended,
    LeaseLost,
    OutcomeUnknown,
    RecordHeld,
    Throttled,
)
from shared.model.key import Key
from shared.model.writes import Side


def sync(world: PairedWorld, key: Key) -> bool:
    """Make one record's replica what the primary says, as `Syncing.sync` does."""
    return Syncing(world).sync(key)


class Syncing:
    """Syncs records one after the other, under one lease of the phase."""

    def __init__(self, world: PairedWorld) -> None:
        timing = world.environment.timing
        self._world = world
        self._limit = timing.worker_operation
        self._exclusions = Exclusions(world)
        self._lease = PhaseLease(
            world.control, world.clock, world.migration.name, timing, world.tables
        )

    def sync(self, key: Key) -> bool:
        """Make a record's replica what the primary says; return False if nothing was to do.

        Takes one worker operation at most. Raises Contended when the record changes all the
        time or the replica cannot be written, and RecordHeld when no program can decide: both
        come back with the message, and end in the dead-letter queue.
        """
        operation = self._lease.operation(self._limit)
        phase = operation.state.phase
        if not (phase.follows or phase.dual) or self._exclusions.holds(operation.state, key):
            return False  # the other table is nobody's replica: validation comes before its readers
        patience = Patience(self._world, self._world.migration.source.keys.text(key))
        while not operation.expired:
            try:
                return self._once(operation, key)
            except (ConditionFailed, Contended, LeaseLost, OutcomeUnknown, Throttled):
                patience.wait()
        raise Contended("the record could not be synced yet")

    def _once(self, operation: Operation, key: Key) -> bool:
        world, authority = self._world, operation.state.phase.primary
        stored = read_together(world, key)
        found = compare(world.migration, stored[Side.SOURCE], stored[Side.TARGET], authority)
        if found is None:
            return False
        if not repair(world, operation, key, stored, authority, excluded=False):
            raise RecordHeld(
                f"the record has no form in the other table: {found.reason}", field=found.field
            )
        return True
