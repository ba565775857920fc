"""Writes to both tables in one transaction: the DUAL class, READ_N and READ_V2.

The primary is written under "exactly as read" (CAS). While v1 is primary, v2 takes the
write under "same incarnation and not newer" (REPL); once v2 has cancelled a transaction, the
next tries read both and write both under CAS. While v2 is primary, v1 is overwritten without a
condition (docs/protocol.md, "Phases").
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from shared.engine.commit import Patience, commit
from shared.engine.images import keep_target_only, movable, stamped
from shared.engine.lease import Operation
from shared.engine.record import Change, Record, Shape, changed
from shared.engine.replica import mirror, target_update
from shared.model.errors import AlreadyExists, ConditionFailed, Contended, Throttled
from shared.model.item import Item
from shared.model.key import Key
from shared.model.metrics import Metric
from shared.model.stamp import Seen, Stamp
from shared.model.writes import Action, Condition, Delete, Missing, Put, Side, Update

Answer = TypeVar("Answer")


class DualWriter:
    """Writes one record at a time to both tables."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._world = shape.world

    def create(self, operation: Operation, key: Key, own: Item, stamp: Stamp) -> Record:
        """Store a new record in both tables; raise AlreadyExists when the primary has one."""
        side = operation.state.phase.primary

        def attempt(heal: bool) -> Record:
            self._shape.refuse_left_behind(operation, key)
            stored = self._shape.read_both(key) if heal else {}
            rival = stored.get(side.other)
            if stored.get(side) is not None:
                raise self._taken(operation, key)
            fresh = replace(stamp, version=1 + self._shape.version(rival))
            image = stamped(self._shape.image(side, own), fresh, self._shape.migration)
            self._shape.refuse_too_large(image)
            absent = Missing(self._shape.partition(side))
            try:
                commit(
                    self._world,
                    operation,
                    [Put(side, image, absent), self._created_replica(side, image, key, rival)],
                )
            except ConditionFailed as error:
                if 0 in error.failed:
                    raise self._taken(operation, key) from error
                raise
            return self._shape.record(side, image)

        return self._contend(operation, stamp.write or "", attempt)

    def _created_replica(self, side: Side, image: Item, key: Key, rival: Item | None) -> Put:
        """Return the replica's leg of a create; `rival` is what stands there, None if nothing."""
        migration = self._shape.migration
        if side is Side.TARGET:
            return mirror(self._shape, image, key)
        condition = self._shape.stamps.cas(rival, self._shape.partition(Side.TARGET))
        return Put(Side.TARGET, movable(migration, image, self._shape.text(key)), condition)

    def _taken(self, operation: Operation, key: Key) -> AlreadyExists | Contended:
        """Return the error for a key that is not free, or for one that it only seemed to be."""
        if self._shape.strict(operation):
            operation.check()
            if self._shape.read_together(key)[operation.state.phase.primary] is None:
                return Contended("the record was removed while it was read")
        return self._shape.taken(key)

    def _stored(self, operation: Operation, key: Key, *, both: bool) -> dict[Side, Item | None]:
        """Return what a change is made to: the primary's item, and the replica's if asked for.

        That there is none is told to callers, and so is found out as their reads are.
        """
        side = operation.state.phase.primary
        stored = self._shape.read_both(key) if both else {side: self._shape.read(side, key)}
        if stored[side] is None and self._shape.strict(operation):
            operation.check()
            return self._shape.read_together(key)
        return stored

    def update(self, operation: Operation, key: Key, change: Change) -> Record:
        """Change a record; raise NotFound, or VersionConflict when it is not as expected."""
        write = self._world.ids.new()
        if operation.state.phase.primary is Side.SOURCE:
            return self._update_source_first(operation, key, change, write)
        return self._update_target_first(operation, key, change, write)

    def _update_source_first(
        self, operation: Operation, key: Key, change: Change, write: str
    ) -> Record:
        def attempt(heal: bool) -> Record:
            stored = self._stored(operation, key, both=heal)
            old = self._shape.present(stored[Side.SOURCE], key, change.expected)
            seen = self._shape.stamps.read(old)
            rival = stored.get(Side.TARGET)
            stamp = Stamp(max(seen.version, self._shape.version(rival)) + 1, seen.birth, write)
            assign, remove = self._shape.delta(Side.SOURCE, old, change)
            new = stamped(changed(old, assign, remove), stamp, self._shape.migration)
            image = movable(self._shape.migration, new, self._shape.text(key))
            primary = Update(
                Side.SOURCE,
                key,
                {**assign, **self._shape.stamps.write_out(stamp)},
                remove=remove,
                condition=self._shape.stamps.cas(old, self._shape.partition(Side.SOURCE)),
            )
            if heal:
                replica: Action = self._full_target(image, rival)
            else:
                replica = target_update(self._shape, key, old, image, seen)
            self._commit(operation, [primary, replica])
            return self._shape.record(Side.SOURCE, new)

        return self._contend(operation, write, attempt)

    def _full_target(self, image: Item, stored: Item | None) -> Put:
        """Return the v2 leg after v2 cancelled: a complete image over exactly what was read."""
        condition = self._shape.stamps.cas(stored, self._shape.partition(Side.TARGET))
        return Put(Side.TARGET, keep_target_only(self._shape.migration, image, stored), condition)

    def _update_target_first(
        self, operation: Operation, key: Key, change: Change, write: str
    ) -> Record:
        def attempt(heal: bool) -> Record:  # noqa: ARG001 v1 has no condition that could fail
            stored = self._stored(operation, key, both=False)
            old = self._shape.present(stored[Side.TARGET], key, change.expected)
            self._shape.refuse_overwriting(operation, key, old)
            seen = self._shape.stamps.read(old)
            stamp = Stamp(seen.version + 1, seen.birth, write)
            new = stamped(changed(old, change.assign, change.remove), stamp, self._shape.migration)
            self._shape.refuse_too_large(new)
            primary = Update(
                Side.TARGET,
                self._shape.migration.target_key(key),
                {**change.assign, **self._shape.stamps.write_out(stamp)},
                remove=change.remove,
                condition=self._shape.stamps.cas(old, self._shape.partition(Side.TARGET)),
            )
            self._commit(operation, [primary, mirror(self._shape, new, key)])
            return self._shape.record(Side.TARGET, new)

        return self._contend(operation, write, attempt)

    def delete(self, operation: Operation, key: Key, expected: Seen | None) -> None:
        """Remove a record from both tables; raise NotFound or VersionConflict."""
        side = operation.state.phase.primary
        places = {
            Side.SOURCE: key,
            Side.TARGET: self._shape.migration.target_key(key),
        }

        def attempt(heal: bool) -> None:
            stored = self._stored(operation, key, both=heal)
            old = self._shape.present(stored[side], key, expected)
            other = self._shape.partition(side.other)
            condition: Condition | None = None
            if side is Side.SOURCE and heal:
                condition = self._shape.stamps.cas(stored[side.other], other)
            elif side is Side.SOURCE:
                condition = self._shape.stamps.replaceable(self._shape.stamps.read(old), other)
            else:
                self._shape.refuse_overwriting(operation, key, old)
            actions: list[Action] = [
                Delete(
                    side, places[side], self._shape.stamps.cas(old, self._shape.partition(side))
                ),
                Delete(side.other, places[side.other], condition),
            ]
            self._commit(operation, actions)

        self._contend(operation, self._world.ids.new(), attempt)

    def _contend(
        self,
        operation: Operation,
        seed: str,
        attempt: Callable[[bool], Answer],
    ) -> Answer:
        """Try until the transaction holds; once v2 cancelled it, go on under CAS of both."""
        patience = Patience(self._world, seed)
        heal = False
        while True:
            operation.check()
            try:
                return attempt(heal)
            except ConditionFailed as error:
                heal = heal or 1 in error.failed
            except (Contended, Throttled) as error:
                patience.blame(error)
            patience.wait()

    def _commit(self, operation: Operation, actions: Sequence[Action]) -> None:
        """Do both writes of a change or of a deletion, and keep how long that took.

        It is what the second table adds: the strong read before takes as long as the plain
        write that it stands in for.
        """
        with self._world.meter.timing(Metric.DUAL_WRITE_ADDED, self._world.clock):
            commit(self._world, operation, actions)
