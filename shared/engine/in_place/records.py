"""The records of an in-place migration as a service uses them: the new shape in every phase.

Before WRITE_NEW a record is stored in the shape it is found in, a new one in the old shape; from
there on a write leaves the new shape, for the share of the keys that the phase has.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from shared.engine.commit import retry, unknown
from shared.engine.in_place.choice import Choice
from shared.engine.in_place.lost_answers import LostAnswers
from shared.engine.in_place.shapes import Lookups, Shapes
from shared.engine.lease import Operation, PhaseLease
from shared.engine.meter import Meter
from shared.engine.reading import RecordPage, continued, following
from shared.engine.record import Change, Record, present, refuse_too_large
from shared.engine.world import InPlaceWorld
from shared.model.declaration import Search
from shared.model.errors import (
    AlreadyExists,
    ConditionFailed,
    Contended,
    NotFound,
    OutcomeUnknown,
)
from shared.model.item import Item, Value
from shared.model.key import Key
from shared.model.metrics import Metric
from shared.model.stamp import Seen, Stamp, life
from shared.model.writes import Condition, Delete, Missing, Put, Side


class InPlaceRecords:
    """Creates, reads, changes, deletes and lists records, in the new shape.

    Every call may raise LeaseLost or OutcomeUnknown; the caller then tries again later.
    """

    def __init__(self, world: InPlaceWorld) -> None:
        timing = world.environment.timing
        self._world = world
        self._limit = timing.operation
        self._shapes = Shapes(world)
        self._answers = LostAnswers(self._shapes)
        self._choice = Choice(self._shapes)
        self._lease = PhaseLease(
            world.control, world.clock, world.migration.name, timing, world.tables
        )

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

    def create(self, item: Item, key: Key) -> Record:
        """Store a new record; raise AlreadyExists, NotInPhase or RecordHeld."""
        with self.measuring(Metric.WRITE_LATENCY):
            operation, lookups = self._operate(), Lookups(self._world)
            own = self._choice.complete(item, key, lookups)
            image = self._choice.created(operation.state, key, own, lookups)
            stamp = Stamp(1, self._world.ids.new(), self._world.ids.new())
            stored = {**image, **self._shapes.stamps.write_out(stamp)}
            refuse_too_large(stored)
            action = Put(Side.SOURCE, stored, Missing(self._shapes.keys.partition))
            return retry(
                self._world,
                operation,
                stamp.write or "",
                lambda: self._created(operation, key, action, own),
            )

    def _created(self, operation: Operation, key: Key, action: Put, own: Item) -> Record:
        birth = self._shapes.stamps.read(action.item).birth
        try:
            self._world.tables.write(action)
        except ConditionFailed as error:
            raise AlreadyExists(
                "a record with this key exists", key=self._shapes.keys.text(key)
            ) from error
        except OutcomeUnknown as error:
            stored = self._answers.look(operation, key, error)
            if stored is None or self._shapes.stamps.read(stored).birth != birth:
                raise unknown() from error
        return Record(own, 1, life(birth))

    def get(self, key: Key) -> Record:
        """Return a record by a strongly consistent read; raise NotFound."""
        self._operate().check()
        with self._world.meter.reading(Side.SOURCE, self._world.clock, one=True):
            stored = self._shapes.read(key)
        if stored is None:
            raise NotFound("there is no record with this key", key=self._shapes.keys.text(key))
        return self._record(stored, Lookups(self._world))

    def update(
        self, key: Key, changes: Mapping[str, Value], remove: tuple[str, ...], expected: Seen | None
    ) -> Record:
        """Set and remove attributes; raise NotFound, VersionConflict, NotInPhase or RecordHeld."""
        with self.measuring(Metric.WRITE_LATENCY):
            operation, write = self._operate(), self._world.ids.new()
            change = Change(changes, remove, expected)

            def attempt() -> Record:
                old = self._present(key, expected)
                writing, after = self._choice.changed(operation.state, key, old, change, write)
                operation.check()
                action = self._shapes.update(writing)
                stored = self._answers.sent(operation, key, action, write)
                stamp = self._shapes.stamps.read(stored)
                return Record(after, stamp.version, life(stamp.birth))

            return retry(self._world, operation, write, attempt)

    def delete(self, key: Key, expected: Seen | None) -> None:
        """Remove a record; raise NotFound or VersionConflict."""
        with self.measuring(Metric.WRITE_LATENCY):
            operation = self._operate()

            def attempt() -> None:
                condition: Condition | None = None
                if expected is not None:
                    condition = self._shapes.exactly(self._present(key, expected))
                    operation.check()
                try:
                    old = self._world.tables.write(Delete(Side.SOURCE, key, condition))
                except ConditionFailed as error:
                    raise Contended("the record changed while it was read") from error
                except OutcomeUnknown as error:
                    if self._answers.look(operation, key, error) is not None:
                        raise unknown() from error  # sent again it could hit a record made since
                    return
                if old is None:
                    raise NotFound(
                        "there is no record with this key", key=self._shapes.keys.text(key)
                    )

            retry(self._world, operation, self._world.ids.new(), attempt)

    def search(
        self,
        search: Search,
        values: Mapping[str, str],
        cursor: Mapping[str, Any] | None,
        limit: int,
    ) -> RecordPage:
        """Return one page of the records that a search finds."""
        self._operate().check()
        start = continued(search, values, cursor)[1] if cursor is not None else None
        wanted = [values[name] for name in search.parameters]
        with self._world.meter.reading(Side.SOURCE, self._world.clock, one=False):
            page = self._world.tables.query(Side.SOURCE, search.index, wanted, start, limit)
        lookups = Lookups(self._world)
        records = [self._record(item, lookups) for item in page.items]
        keys = tuple(self._shapes.keys.key_of(item) for item in page.items)
        return RecordPage(records, following(Side.SOURCE, search, values, page.cursor), keys)

    # -- shapes

    def _operate(self) -> Operation:
        operation = self._lease.operation(self._limit)
        self._world.meter.phase = operation.state.phase
        return operation

    def _record(self, stored: Item, lookups: Lookups) -> Record:
        stamp = self._shapes.stamps.read(stored)
        return Record(self._shapes.view(stored, lookups), stamp.version, life(stamp.birth))

    def _present(self, key: Key, expected: Seen | None) -> Item:
        return present(
            self._shapes.stamps, self._shapes.keys, self._shapes.read(key), key, expected
        )
