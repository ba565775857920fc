"""What the memory adapters share: two tables of ordered rows behind one lock."""

import zlib
from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from threading import RLock
from typing import Any

from shared.memory.copies import unshared_item
from shared.memory.refusals import key_value, storable
from shared.model.declaration import Migration, TableDeclaration
from shared.model.errors import Refused, TableGone
from shared.model.item import Item, Value, size
from shared.model.key import Key, KeySchema
from shared.model.writes import Side
from shared.ports import RECOVERY, STREAM, IndexDescription, TableDescription

Position = tuple[Any, ...]
"""Where an entry stands: the hash of its partition value, that value, its sort value."""


@dataclass
class MemoryTable:
    """One table: its rows in the order of their positions, and what happened to it."""

    declaration: TableDeclaration
    table_id: str
    denied: bool = False
    status: str = "ACTIVE"
    off: set[str] = field(default_factory=set)
    rows: dict[Position, Item] = field(default_factory=dict)
    order: list[Position] = field(default_factory=list)

    def read(self, key: Key) -> Item | None:
        """Return a copy of the item under a key."""
        position = self.position(key)
        return self.copy(position) if position in self.rows else None

    def copy(self, position: Position) -> Item:
        """Return a copy of the item at a position."""
        return unshared_item(self.rows[position])

    def store(self, key: Key, item: Item | None) -> None:
        """Put an item (None: nothing) under a key."""
        position = self.position(key)
        if item is None:
            if self.rows.pop(position, None) is not None:
                del self.order[bisect_left(self.order, position)]
            return
        if position not in self.rows:
            insort(self.order, position)
        self.rows[position] = unshared_item(item)

    def position(self, key: Key) -> Position:
        """Return where a key stands; raise Refused when it is empty or ill-typed."""
        schema = self.declaration.keys
        return self.index_position(schema, schema.attributes(key))

    def segment(self, number: int, total: int, cursor: Item | None) -> list[Position]:
        """Return the positions of a scan segment that follow a cursor."""
        first = bisect_left(self.order, (-(-(number << 32) // total),))
        end = bisect_left(self.order, (-(-((number + 1) << 32) // total),))
        if cursor is not None:
            after = self.index_position(self.declaration.keys, cursor)
            first = max(first, bisect_right(self.order, after))
        return self.order[first:end]

    def index_positions(
        self, keys: KeySchema, cursor: Item | None
    ) -> list[tuple[Position, Position]]:
        """Return an index's entries after a cursor, each with its primary position, in order."""
        entries = sorted(
            (self.index_position(keys, item), primary)
            for primary, item in self.rows.items()
            if all(name in item for name in keys.names)
        )
        if cursor is None:
            return entries
        own = self.declaration.keys
        start = (self.index_position(keys, cursor), self.index_position(own, cursor))
        return [entry for entry in entries if entry > start]

    @staticmethod
    def index_position(schema: KeySchema, item: Mapping[str, Value]) -> Position:
        """Return where an item stands by the keys of a schema, as far as it has them."""
        given = tuple(name for name in schema.names if name in item)
        return _position(schema, given, *(item[name] for name in given))

    def describe(self) -> TableDescription:
        """Return what a table in good order says of itself."""
        return TableDescription(
            table_id=self.table_id,
            arn=f"arn:aws:dynamodb:us-east-1:123456789012:table/{self.declaration.name}",
            status=self.status,
            keys=self.declaration.keys,
            indexes={
                index.name: IndexDescription("ACTIVE", index.keys)
                for index in self.declaration.indexes
            },
            stream=STREAM not in self.off,
            point_in_time_recovery=RECOVERY not in self.off,
            item_count=len(self.rows),
            size_bytes=sum(size(item) for item in self.rows.values()),
        )


@lru_cache(maxsize=1 << 16, typed=True)
def _position(schema: KeySchema, names: tuple[str, ...], *values: Value) -> Position:
    """Return where the values of some keys of a schema stand."""
    ordered = [
        key_value(value, schema.types[name], name)
        for name, value in zip(names, values, strict=True)
    ]
    if not ordered or schema.partition not in names:
        raise Refused(f"key attribute {schema.partition} is missing", field=schema.partition)
    text = f"{type(ordered[0]).__name__}:{ordered[0]!r}"
    return (zlib.crc32(text.encode()), *ordered)


class MemoryStore:
    """The tables of a migration; every adapter over them takes `lock` for each call."""

    def __init__(self, migration: Migration) -> None:
        self.lock = RLock()
        self._declared = migration.tables
        self._made = 0
        self._tables: dict[Side, MemoryTable] = {}
        for side in self._declared:
            self.create(side)

    def copy(self) -> "MemoryStore":
        """Return a store of its own with the same tables; items are never changed in place."""
        copy = MemoryStore.__new__(MemoryStore)
        copy.lock = RLock()
        copy._declared = self._declared
        copy._made = self._made
        copy._tables = {
            side: replace(table, rows=dict(table.rows), order=list(table.order))
            for side, table in self._tables.items()
        }
        return copy

    def create(self, side: Side) -> MemoryTable:
        """Make a new empty table with an id of its own, in place of the one that was there."""
        with self.lock:
            self._made += 1
            table = MemoryTable(self._declared[side], f"table-{self._made:04d}")
            self._tables[side] = table
            return table

    def drop(self, side: Side) -> None:
        """Delete a table."""
        with self.lock:
            self._tables.pop(side, None)

    def declaration(self, side: Side) -> TableDeclaration:
        """Return how a table is declared."""
        return self._declared[side]

    def exists(self, side: Side) -> bool:
        """Tell whether a table is there."""
        return side in self._tables

    def table(self, side: Side) -> MemoryTable:
        """Return a table; raise TableGone when it was deleted."""
        try:
            return self._tables[side]
        except KeyError:
            raise TableGone(f"table {self._declared[side].name} does not exist") from None

    def writable(self, side: Side) -> MemoryTable:
        """Return a table; raise Refused when writes to it are denied."""
        table = self.table(side)
        if table.denied:
            raise Refused(
                f"writes to {table.declaration.name} are denied by its policy",
                mend="roll back to WRITE_V2_ONLY, which lifts the denial",
            )
        return table

    def load(self, side: Side, *items: Item) -> None:
        """Store items as code outside the wrapper would: at once and with no condition."""
        with self.lock:
            table = self.table(side)
            for item in items:
                normal = storable(table.declaration, item)
                table.store(table.declaration.keys.key_of(normal), normal)

    def items(self, side: Side) -> list[Item]:
        """Return copies of all items of a table, in the order of a scan."""
        with self.lock:
            table = self.table(side)
            return [table.copy(position) for position in table.order]
