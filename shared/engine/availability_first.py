"""Writes that a failing replica cannot fail: DUAL_AF, where v1 decides, and V2_AF, where v2 does.

The primary is written as if it were alone, and the write stands. Then the replica gets one
write, which takes effect only where the same incarnation is older or nothing is there. When it
does not, for whatever reason, a sync of the key is queued; nobody reads the replica and no
certificate is granted until a phase keeps both alike again (docs/protocol.md, "Phases").
"""

from dataclasses import replace

from shared.engine.images import movable
from shared.engine.lease import Instant, Operation, now
from shared.engine.record import Change, Record, Shape
from shared.engine.replica import mirror, target_update
from shared.engine.single_write import SingleWriter
from shared.model.errors import (
    CutoverError,
    InvalidInput,
    OutcomeUnknown,
    RecordHeld,
    StoreError,
    Throttled,
)
from shared.model.item import Item
from shared.model.key import Key
from shared.model.metrics import Metric
from shared.model.stamp import Seen, Stamp
from shared.model.writes import Action, Delete, Side
from shared.ports import Clock

LONGEST_REST = 8
"""The longest rest of a replica that keeps failing, in first rests."""


class Rest:
    """How long the replica is left alone once it failed: each try costs a writer its time.

    The first rest is short, and every failure in a row doubles it.
    """

    def __init__(self, clock: Clock, first: float) -> None:
        self._clock = clock
        self._first = first
        self._length = 0.0
        self._began: Instant | None = None

    @property
    def lasts(self) -> bool:
        """Tell whether to leave the replica alone now."""
        return self._began is not None and self._began.age(self._clock) < self._length

    def begin(self) -> None:
        """Rest from now on, after one more failure."""
        self._began = now(self._clock)
        self._length = min(max(self._first, 2 * self._length), LONGEST_REST * self._first)

    def end(self) -> None:
        """Forget all failures: the replica took a write."""
        self._began, self._length = None, 0.0


class AvailabilityFirstWriter:
    """Writes one record at a time to the primary, and lets the replica follow if it can."""

    def __init__(self, shape: Shape, single: SingleWriter) -> None:
        self._shape = shape
        self._world = shape.world
        self._single = single
        self._rest = Rest(shape.world.clock, shape.world.environment.timing.renew)

    def create(self, operation: Operation, key: Key, own: Item, stamp: Stamp) -> Record:
        """Store a new record; raise AlreadyExists when the primary has one."""
        new = self._single.create(operation, key, own, stamp)
        self._follow(operation, key, self._leg(operation, key, new, new))
        return self._shape.record(operation.state.phase.primary, new)

    def update(self, operation: Operation, key: Key, change: Change, write: str) -> Record:
        """Change a record; raise NotFound, or VersionConflict when it is not as expected."""
        updated = self._single.update(operation, key, change, write)
        self._follow(operation, key, self._leg(operation, key, updated.old, updated.new))
        return self._shape.record(operation.state.phase.primary, updated.new)

    def delete(self, operation: Operation, key: Key, expected: Seen | None) -> None:
        """Remove a record; raise NotFound or VersionConflict."""
        old = self._single.delete(operation, key, expected)
        replica = operation.state.phase.primary.other
        leg = None
        if old is not None:  # else the answer was lost: which incarnation it was is not known
            leg = self._removal(replica, key, old)
        self._follow(operation, key, leg)

    def _removal(self, replica: Side, key: Key, old: Item) -> Action | None:
        """Return the replica's delete; None when code outside the wrapper spoilt the stamp."""
        try:
            seen = self._shape.stamps.read(old)
        except InvalidInput:
            return None
        condition = self._shape.stamps.replaceable(seen, self._shape.partition(replica))
        return Delete(replica, self._shape.place(replica, key), condition)

    def _leg(self, operation: Operation, key: Key, old: Item, new: Item) -> Action | None:
        """Return the replica's write; None when code outside the wrapper left it no form there."""
        stamp = self._shape.stamps.read(new)
        older = replace(stamp, version=stamp.version - 1)
        try:
            if operation.state.phase.primary is Side.TARGET:
                partition = self._shape.partition(Side.SOURCE)
                condition = self._shape.stamps.replaceable(older, partition)
                return mirror(self._shape, new, key, condition)
            image = movable(self._shape.migration, new, self._shape.text(key))
        except (InvalidInput, RecordHeld):
            return None
        return target_update(self._shape, key, old, image, older)

    def _follow(self, operation: Operation, key: Key, leg: Action | None) -> None:
        """Do the replica's write, or queue a sync; raise nothing, for the write stands."""
        if leg is None or operation.expired or self._rest.lasts:
            self._queue(key)
            return
        try:
            self._world.tables.write(leg)
        except (OutcomeUnknown, Throttled):
            self._rest.begin()
            self._queue(key)
        except StoreError:
            self._queue(key)
        else:
            self._rest.end()

    def _queue(self, key: Key) -> None:
        """Queue a sync; without one the key is found by the validation before any reader moves."""
        try:
            self._world.syncs.ask([key])
        except CutoverError:
            self._world.meter.add(Metric.SYNCS_LOST)
        else:
            self._world.meter.add(Metric.SYNCS_QUEUED)
