"""The records of one migration as a service uses them: the same calls in every phase.

This is what an API's write handlers are built on. Changing the phase needs no new code:
each call picks up the phase of its lease once and acts on it to its end.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from shared.engine.availability_first import AvailabilityFirstWriter
from shared.engine.dual_write import DualWriter
from shared.engine.exclusions import Exclusions
from shared.engine.images import movable
from shared.engine.lease import Operation, PhaseLease
from shared.engine.meter import Meter
from shared.engine.reading import Reader, RecordPage
from shared.engine.record import Change, Record, Shape
from shared.engine.sampling import Offer, Sampler
from shared.engine.single_write import SingleWriter
from shared.engine.world import PairedWorld
from shared.model.declaration import Search
from shared.model.errors import NotInPhase
from shared.model.item import Item, Value
from shared.model.key import Key
from shared.model.metrics import Metric
from shared.model.phases import Phase
from shared.model.stamp import Seen, Stamp
from shared.model.writes import Side

__all__ = ["Record", "RecordPage", "Records", "Seen"]

P = ParamSpec("P")
Answer = TypeVar("Answer")


def _timed(
    write: "Callable[Concatenate[Records, P], Answer]",
) -> "Callable[Concatenate[Records, P], Answer]":
    """Return the same write, whose whole time is measured."""

    @wraps(write)
    def timed(records: "Records", /, *given: P.args, **named: P.kwargs) -> Answer:
        with records.measuring(Metric.WRITE_LATENCY):
            return write(records, *given, **named)

    return timed


def _to_nobody(_key: Key) -> None:
    """Take a sampled key and leave it: nobody compares."""


class Records:
    """Creates, reads, changes, deletes and lists records, in v2's shape.

    The keys of a share of what is read go to `offer`, to be compared in both tables later.

    Every call may raise LeaseLost or OutcomeUnknown; the caller then tries again later.
    """

    def __init__(self, world: PairedWorld, offer: Offer = _to_nobody) -> None:
        timing = world.environment.timing
        shape = Shape(world)
        self._world = world
        self._limit = timing.operation
        self._lease = PhaseLease(
            world.control, world.clock, world.migration.name, timing, world.tables
        )
        self._exclusions = Exclusions(world)
        self._dual = DualWriter(shape)
        self._single = SingleWriter(shape)
        self._first = AvailabilityFirstWriter(shape, self._single)
        self._shape = shape
        self._reader = Reader(shape, self._exclusions)
        self._sampler = Sampler(world, offer)

    @property
    def meter(self) -> Meter:
        """Return what measures these calls."""
        return self._world.meter

    def measuring(self, metric: Metric) -> AbstractContextManager[None]:
        """Return a block whose time is kept."""
        return self._world.meter.timing(metric, self._world.clock)

    def new_id(self) -> str:
        """Return a fresh id for a record that is created without one."""
        return self._world.ids.new()

    @_timed
    def create(self, item: Item, key: Key) -> Record:
        """Store a new record; raise AlreadyExists, NotInPhase or RecordHeld."""
        operation = self._begin(key, frozenset(item))
        own = self._complete(item, key)
        stamp = Stamp(1, self._world.ids.new(), self._world.ids.new())
        phase = operation.state.phase
        if phase.dual:
            return self._dual.create(operation, key, own, stamp)
        if phase.follows:
            return self._first.create(operation, key, own, stamp)
        return self._shape.record(phase.primary, self._single.create(operation, key, own, stamp))

    def get(self, key: Key) -> Record:
        """Return a record by a strongly consistent read; raise NotFound."""
        operation = self._operate()
        self._sampler.saw(operation.state, key)
        return self._reader.get(operation, key)

    @_timed
    def update(
        self, key: Key, changes: Mapping[str, Value], remove: tuple[str, ...], expected: Seen | None
    ) -> Record:
        """Set and remove attributes; raise NotFound, VersionConflict, NotInPhase or RecordHeld."""
        change = Change(changes, remove, expected)
        operation = self._begin(key, change.fields)
        phase = operation.state.phase
        if phase.dual:
            return self._dual.update(operation, key, change)
        write = self._world.ids.new()
        if phase.follows:
            return self._first.update(operation, key, change, write)
        updated = self._single.update(operation, key, change, write)
        return self._shape.record(phase.primary, updated.new)

    @_timed
    def delete(self, key: Key, expected: Seen | None) -> None:
        """Remove a record; raise NotFound, VersionConflict or RecordHeld."""
        operation = self._begin(key, frozenset())
        phase = operation.state.phase
        if phase.dual:
            self._dual.delete(operation, key, expected)
        elif phase.follows:
            self._first.delete(operation, key, expected)
        else:
            self._single.delete(operation, key, expected)

    def search(
        self,
        search: Search,
        values: Mapping[str, str],
        cursor: Mapping[str, Any] | None,
        limit: int,
    ) -> RecordPage:
        """Return one page of a list; raise PageExpired when its table no longer answers."""
        operation = self._operate()
        page = self._reader.search(operation, search, values, cursor, limit)
        for key in page.keys:
            self._sampler.saw(operation.state, key)
        return page

    def _operate(self) -> Operation:
        """Begin an operation on the phase in force."""
        operation = self._lease.operation(self._limit)
        self._world.meter.phase = operation.state.phase
        return operation

    def _begin(self, key: Key, fields: frozenset[str]) -> Operation:
        """Begin a write, after refusing what the phase cannot hold."""
        operation = self._operate()
        phase = operation.state.phase
        self._exclusions.refuse_excluded(operation.state, key)
        lost = sorted(fields & self._world.migration.target_only)
        if lost and phase.primary is Side.SOURCE:
            raise NotInPhase(
                f"{', '.join(lost)} cannot be stored before reads are on v2 (phase {phase})",
                field=lost[0],
                mend=f"leave it out, or wait for {Phase.READ_V2}",
            )
        return operation

    def _complete(self, item: Item, key: Key) -> Item:
        """Return a record with v2's defaults, as if it had come from v1.

        One that could not come from there is refused: `up` would leave its doubtful fields out.
        """
        migration = self._world.migration
        image = movable(migration, migration.down(item), migration.source.keys.text(key))
        return {**image, **{n: item[n] for n in migration.target_only if n in item}}
