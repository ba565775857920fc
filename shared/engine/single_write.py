"""Writes to the primary alone: to v1 in OFF, to v2 from WRITE_V2_ONLY on.

In the availability-first phases the other table follows such a write afterwards.

A create needs the key absent, an update the record present, and a delete nothing. They
carry a write id, so that one whose answer was lost can be recognised.
"""

from dataclasses import dataclass, replace

from shared.engine.commit import Patience, retry, unknown
from shared.engine.images import movable, source_image, stamped
from shared.engine.lease import Operation
from shared.engine.record import Change, Shape, changed
from shared.model.errors import (
    ConditionFailed,
    Contended,
    NotFound,
    OutcomeUnknown,
    Throttled,
)
from shared.model.item import Item
from shared.model.key import Key
from shared.model.stamp import Seen, Stamp
from shared.model.writes import Condition, Delete, Exists, Missing, Put, Side, Update


@dataclass(frozen=True, slots=True)
class Updated:
    """An item of the primary as it was read before a change, and as the change left it."""

    old: Item
    new: Item


class SingleWriter:
    """Writes one record at a time to the primary table alone."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._world = shape.world

    def create(self, operation: Operation, key: Key, own: Item, stamp: Stamp) -> Item:
        """Store a new record in the primary and return its item; else raise AlreadyExists."""
        side = operation.state.phase.primary
        image = stamped(self._shape.image(side, own), stamp, self._shape.migration)
        self._shape.refuse_too_large(image)
        action = Put(side, image, Missing(self._shape.partition(side)))
        place = self._shape.keys(side).key_of(image)

        def attempt() -> Item:
            self._shape.refuse_left_behind(operation, key)
            try:
                self._world.tables.write(action)
            except ConditionFailed as error:
                raise self._shape.taken(key) from error
            except OutcomeUnknown as error:
                stored = self._look(operation, side, place, error)
                if stored is None or self._shape.stamps.read(stored).birth != stamp.birth:
                    raise unknown() from error
            return image

        return retry(self._world, operation, stamp.write or "", attempt)

    def update(self, operation: Operation, key: Key, change: Change, write: str) -> Updated:
        """Change a record and return its item before and after.

        Raises NotFound, or VersionConflict when it is not as expected.
        """
        side = operation.state.phase.primary

        def attempt() -> Updated:
            old = self._shape.present(self._shape.read(side, key), key, change.expected)
            assign, remove = self._shape.delta(side, old, change)
            self._refuse_unstorable(side, operation, key, changed(old, assign, remove))
            action = Update(
                side,
                self._shape.place(side, key),
                {**assign, self._shape.stamps.write: write},
                remove=remove,
                increment=self._shape.stamps.version,
                condition=self._unchanged(side, old, change.expected),
            )
            operation.check()
            try:
                new = self._world.tables.write(action)
            except ConditionFailed as error:
                raise Contended("the record changed while it was read") from error
            except OutcomeUnknown as error:
                new = self._find_out(operation, action, old, write, error)
            return Updated(old, new or {})

        return retry(self._world, operation, write, attempt)

    def _refuse_unstorable(self, side: Side, operation: Operation, key: Key, new: Item) -> None:
        """Refuse what the table cannot hold, and what could not follow into the other one.

        Into v2 nothing follows in OFF; into v1 it may have to, as long as a way back exists.
        """
        self._shape.refuse_too_large(new)
        phase, migration = operation.state.phase, self._shape.migration
        if side is Side.TARGET and phase.source_exists:
            movable(migration, source_image(migration, new), self._shape.text(key))
        elif side is Side.SOURCE and phase.follows:
            movable(migration, new, self._shape.text(key))

    def _find_out(
        self, operation: Operation, action: Update, old: Item, write: str, error: OutcomeUnknown
    ) -> Item:
        """Return the new item of an update whose answer was lost, sending it again if need be.

        The second sending is under CAS of what was read, so that it cannot be a second effect.
        """
        again = replace(
            action, condition=self._shape.stamps.cas(old, self._shape.partition(action.side))
        )
        patience = Patience(self._world, write)
        while True:
            stored = self._look(operation, action.side, action.key, error)
            if stored is not None and self._shape.stamps.read(stored).write == write:
                return stored
            if stored is None or self._shape.stamps.read(stored) != self._shape.stamps.read(old):
                break  # somebody wrote since: whether we did before cannot be told
            if operation.expired:
                break
            try:
                return self._world.tables.write(again) or {}
            except (ConditionFailed, Contended, Throttled, OutcomeUnknown):
                patience.wait()
        raise unknown() from error

    def _look(
        self, operation: Operation, side: Side, place: Key, error: OutcomeUnknown
    ) -> Item | None:
        """Return what is stored after an answer was lost.

        A read that is refused is repeated here: `retry` would do the write a second time.
        """
        patience = Patience(self._world, operation.state.migration)
        while True:
            try:
                return self._world.tables.get(side, place)
            except (Contended, Throttled):
                if operation.expired:
                    raise unknown() from error
                patience.wait()

    def delete(self, operation: Operation, key: Key, expected: Seen | None) -> Item | None:
        """Remove a record from the primary and return what it was, as far as that is known.

        Raises NotFound or VersionConflict.
        """
        side = operation.state.phase.primary
        place = self._shape.place(side, key)

        def attempt() -> Item | None:
            condition: Condition | None = None
            if expected is not None:
                seen = self._shape.present(self._shape.read(side, key), key, expected)
                condition = self._unchanged(side, seen, expected)
                operation.check()
            try:
                old = self._world.tables.write(Delete(side, place, condition))
            except ConditionFailed as error:
                raise Contended("the record changed while it was read") from error
            except OutcomeUnknown as error:
                if self._look(operation, side, place, error) is not None:
                    raise unknown() from error  # sent again, it could hit a record made since
                return None
            if old is None:
                raise NotFound("there is no record with this key", key=self._shape.text(key))
            return old

        return retry(self._world, operation, self._world.ids.new(), attempt)

    def _unchanged(self, side: Side, seen: Item, expected: Seen | None) -> Condition:
        """Return the condition of a single-table write: it exists, as expected if it matters."""
        partition = self._shape.partition(side)
        return Exists(partition) if expected is None else self._shape.stamps.cas(seen, partition)
