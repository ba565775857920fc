"""What a migration will cost, from what DescribeTable says of v1.

Sizes are averages: "DynamoDB item sizes and formats", "Read and write capacity units" and
"Managing pre-warmed capacity" of the AWS developer guide. Prices are us-east-1, on demand.
"""

import math
from dataclasses import dataclass

from shared.model.declaration import TableToTable
from shared.model.prices import DOLLARS_PER_READ_UNIT, DOLLARS_PER_WRITE_UNIT
from shared.ports import TableDescription

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096
NEW_TABLE_UNITS = 4000
"""Write units a second that a new on-demand table takes before it has grown."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Units, seconds and dollars of one dry run, one backfill and one full validation."""

    items: int
    bytes: int
    table_write_units: int
    index_write_units: int
    read_units: int
    rate: float
    prewarm: float | None

    @property
    def write_units(self) -> int:
        """Return the write units of the backfill, v2's indexes included."""
        return self.table_write_units + self.index_write_units

    @property
    def seconds(self) -> float:
        """Return how long the backfill takes when it writes at the rate."""
        return self.write_units / self.rate

    @property
    def dollars(self) -> float:
        """Return the price of all units."""
        return self.write_units * DOLLARS_PER_WRITE_UNIT + self.read_units * DOLLARS_PER_READ_UNIT


def estimate(migration: TableToTable, source: TableDescription, max_wcu: float | None) -> Estimate:
    """Return the costs at a rate of write units a second; without one, a new table's limit.

    Every record is taken to appear in every index of v2, which is the most it can.
    """
    items, size = source.item_count, source.size_bytes
    units_each = max(1, math.ceil(size / items / WRITE_UNIT_BYTES)) if items else 0
    indexes = len(migration.target.indexes)
    rate = max_wcu or float(NEW_TABLE_UNITS)
    return Estimate(
        items=items,
        bytes=size,
        table_write_units=items * units_each,
        index_write_units=items * units_each * indexes,
        read_units=math.ceil(_passes(indexes) * size / READ_UNIT_BYTES),
        rate=rate,
        prewarm=rate if rate > NEW_TABLE_UNITS else None,
    )


def _passes(indexes: int) -> float:
    """Return how often the table's bytes are read, where an eventual read counts half."""
    dry_run, backfill, validate_both, validate_index = 1.0, 0.5, 2.0, 0.5
    return dry_run + backfill + validate_both + validate_index * indexes
