"""What a table holds: its records by key, and each index beside them, always in step.

moto keeps items in nested dictionaries and sorts them anew for every page. Here records are
immutable and kept in order; the JSON of each is made once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from operator import is_
from typing import Any

from moto.dynamodb.models.table import GlobalSecondaryIndex, SecondaryIndex

from local.dynamodb.keys import Schema
from local.dynamodb.ordered import Key, Ordered
from local.dynamodb.values import Item, measure_item


class Record:
    """One version of an item; never changed."""

    __slots__ = ("_raw", "attributes", "size")

    def __init__(self, attributes: Item, size: int) -> None:
        self.attributes = attributes
        self.size = size
        self._raw: bytes | None = None

    @property
    def raw(self) -> bytes:
        """The item as JSON."""
        if self._raw is None:
            self._raw = json.dumps(self.attributes, separators=(",", ":")).encode()
        return self._raw


class Index:
    """A secondary index: the records that have its key, projected and in its order."""

    def __init__(self, definition: SecondaryIndex, schema: Schema, table: Schema) -> None:
        self.name = definition.name
        self.is_global = isinstance(definition, GlobalSecondaryIndex)
        self.schema = schema
        self._table = table
        projection = definition.projection or {}
        self.complete = projection.get("ProjectionType", "ALL") == "ALL"
        self._kept = frozenset(
            (*table.names, *schema.names, *projection.get("NonKeyAttributes", ()))
        )
        self.entries: Ordered[Record] = Ordered()

    def place(self, item: Item) -> Key:
        """Give an item's place: the index's key, then the table's to tell equal ones apart."""
        return (*self.schema.place(item), *self._table.place(item))

    def entry(self, record: Record | None) -> Record | None:
        """Give a record as the index holds it; None when it lacks the index's key."""
        if record is None or not self.schema.holds(record.attributes):
            return None
        if self.complete:
            return record
        kept = {name: v for name, v in record.attributes.items() if name in self._kept}
        return Record(kept, measure_item(kept))

    def replace(self, old: Record | None, new: Record | None) -> None:
        """Follow a write to the table."""
        entry = self.entry(new)
        place = None if entry is None else self.place(entry.attributes)
        if old is not None and self.schema.holds(old.attributes):
            old_place = self.place(old.attributes)
            if old_place != place:
                self.entries.discard(old_place)
        if entry is not None and place is not None:
            self.entries.set(place, entry)


class Storage:
    """The records and indexes of one table."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.records: Ordered[Record] = Ordered()
        self.indexes: dict[str, Index] = {}
        self.size = 0
        self._definitions: list[SecondaryIndex] = []

    def __len__(self) -> int:
        return len(self.records)

    def __deepcopy__(self, _memo: dict[int, Any]) -> Storage:
        twin = Storage(self.schema)
        for record in self.all():
            twin.replace(self.schema.place(record.attributes), None, record)
        return twin

    def all(self) -> list[Record]:
        """List every record in the order of a scan."""
        return [record for _, record in self.records.walk((), (1 << 64,))]

    def index_as(
        self, definitions: Iterable[SecondaryIndex], types: Iterable[Mapping[str, str]]
    ) -> None:
        """Keep exactly these indexes; a new one is filled from the records that are there."""
        wanted = list(definitions)
        if len(wanted) == len(self._definitions) and all(map(is_, wanted, self._definitions)):
            return
        known = {id(one): self.indexes[one.name] for one in self._definitions}
        self.indexes = {one.name: known.get(id(one)) or self._filled(one, types) for one in wanted}
        self._definitions = wanted

    def replace(self, key: Key, old: Record | None, new: Record | None) -> None:
        """Put, replace or remove the record at a key, in the table and in every index."""
        self.size += (new.size if new else 0) - (old.size if old else 0)
        if new is None:
            self.records.discard(key)
        else:
            self.records.set(key, new)
        for index in self.indexes.values():
            index.replace(old, new)

    def _filled(self, definition: SecondaryIndex, types: Iterable[Mapping[str, str]]) -> Index:
        index = Index(definition, Schema.read(definition.schema, types), self.schema)
        for record in self.all():
            if _fits(index.schema, record.attributes):
                index.replace(None, record)
        return index


def _fits(schema: Schema, item: Item) -> bool:
    """Tell whether an old item's values suit a new index; others stay out of it, as on AWS."""
    return all(
        a.name in item and a.kind in item[a.name] and item[a.name][a.kind] != ""
        for a in schema.attributes
    )
