"""Capacity units by AWS's rules, and their report in an answer; moto answers a constant.

AWS: "DynamoDB read and write operations" (sizes rounded up to 1 KB to write and 4 KB to read,
half for eventual reads, twice in transactions) and "Using Global Secondary Indexes" (index writes).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from local.dynamodb.expressions.requests import option
from local.dynamodb.storage import Index, Record, Storage
from local.dynamodb.values import same_item

_WRITE = 1024
_READ = 4096
_DETAILS = ("NONE", "TOTAL", "INDEXES")

#: Called with table name, index name (None: the table itself), "read" or "write", and units.
Meter = Callable[[str, str | None, str, float], None]
meters: list[Meter] = []


class Bill:
    """The units one request consumes, by table and index."""

    def __init__(self, side: str, heard_by: Iterable[Meter] = meters) -> None:
        self._side = side
        self._heard_by = heard_by
        self._units: dict[str, dict[tuple[str | None, bool], float]] = defaultdict(
            lambda: defaultdict(float)
        )

    def add(
        self, table: str, units: float, index: str | None = None, *, is_global: bool = True
    ) -> None:
        """Charge a table, or one of its indexes, and tell the meters."""
        self._units[table][index, is_global] += units
        for meter in self._heard_by:
            meter(table, index, self._side, units)

    def report(self, table: str, detail: str) -> dict[str, Any]:
        """Give one table's ConsumedCapacity: `detail` is TOTAL or INDEXES."""
        units = self._units[table]
        report: dict[str, Any] = {"TableName": table, "CapacityUnits": sum(units.values())}
        if detail == "INDEXES":
            report["Table"] = {"CapacityUnits": units.get((None, True), 0.0)}
            for (index, is_global), some in units.items():
                if index is not None:
                    kind = "GlobalSecondaryIndexes" if is_global else "LocalSecondaryIndexes"
                    report.setdefault(kind, {})[index] = {"CapacityUnits": some}
        return report

    def reports(self, detail: str) -> list[dict[str, Any]]:
        """Give the ConsumedCapacity of every table charged."""
        side = f"{self._side.capitalize()}CapacityUnits"
        found = [self.report(table, detail) for table in list(self._units)]
        return [{**one, side: one["CapacityUnits"]} for one in found]


def detail_of(request: dict[str, Any]) -> str | None:
    """Give TOTAL or INDEXES when the request wants its capacity told, else None."""
    detail = option(request, "ReturnConsumedCapacity", _DETAILS)
    return None if detail == "NONE" else detail


def read_units(size: int, *, consistent: bool) -> float:
    """Count the units of reading so many bytes, at least one block."""
    blocks = max(1, -(-size // _READ))
    return float(blocks) if consistent else blocks / 2


def write_units(*records: Record | None) -> float:
    """Count the units of a write: the larger of the item before and after, at least one."""
    size = max((record.size for record in records if record), default=0)
    return float(max(1, -(-size // _WRITE)))


def charge_write(
    bill: Bill,
    table: str,
    storage: Storage,
    old: Record | None,
    new: Record | None,
    *,
    times: int = 1,
) -> None:
    """Charge a write to a table and to the indexes it changes."""
    bill.add(table, times * write_units(old, new))
    for index in storage.indexes.values():
        units = _index_units(index, old, new)
        if units:
            bill.add(table, times * units, index.name, is_global=index.is_global)


def _index_units(index: Index, old: Record | None, new: Record | None) -> float:
    before, after = index.entry(old), index.entry(new)
    if before is None or after is None:
        return write_units(before, after) if before or after else 0.0
    if index.place(before.attributes) != index.place(after.attributes):
        return write_units(before) + write_units(after)
    return 0.0 if same_item(before.attributes, after.attributes) else write_units(before, after)
