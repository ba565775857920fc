"""Records of a table's stream: one per write that changed something, and none that did not.

moto writes two records for an update that creates an item, calls Lambda functions inside the
writer's request, and empties the shard afterwards. Here a write only appends to the shard; whoever
polls the stream reads it through the streams API.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.dynamodb.models.table import StreamShard, Table

from local.dynamodb.keys import Schema
from local.dynamodb.storage import Record
from local.dynamodb.values import measure_item, same_item


class Change:
    """One stream record, in the shape moto's streams backend reads."""

    def __init__(
        self, table: Table, schema: Schema, old: Record | None, new: Record | None, number: int
    ) -> None:
        self._table = table
        self._schema = schema
        self._old = old
        self._new = new
        self._number = number
        self._at = datetime.now(UTC)
        self._id = uuid4().hex

    def to_json(self) -> dict[str, Any]:
        """Give the record as GetRecords answers it."""
        name = "INSERT" if self._old is None else "REMOVE" if self._new is None else "MODIFY"
        return {
            "eventID": self._id,
            "eventName": name,
            "eventSource": "aws:dynamodb",
            "eventVersion": "1.1",
            "awsRegion": self._table.region_name,
            "dynamodb": self._images(),
        }

    def _images(self) -> dict[str, Any]:
        view = (self._table.stream_specification or {}).get("StreamViewType")
        held = self._new or self._old
        keys = self._schema.key_of(held.attributes) if held else {}
        images: dict[str, Any] = {
            "ApproximateCreationDateTime": self._at,
            "Keys": keys,
            "SequenceNumber": str(self._number),
            "StreamViewType": view,
        }
        size = measure_item(keys)
        for member, views, record in (
            ("NewImage", ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"), self._new),
            ("OldImage", ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"), self._old),
        ):
            if record and view in views:
                images[member] = record.attributes
                size += record.size
        return {**images, "SizeBytes": size}


def emit(table: Table, schema: Schema, old: Record | None, new: Record | None) -> None:
    """Append a record to the table's stream, if it has one and the write changed something."""
    shard: StreamShard | None = table.stream_shard
    if shard is None or not (table.stream_specification or {}).get("StreamEnabled"):
        return
    if same_item(old.attributes if old else None, new.attributes if new else None):
        return
    number = shard.starting_sequence_number + len(shard.items)
    items: list[Any] = shard.items
    items.append(Change(table, schema, old, new, number))
