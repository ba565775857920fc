"""The units that a migration will use, from what DescribeTable says of v1.

Sizes are averages: "DynamoDB item sizes and formats", "Read and write capacity units" and
"Understanding DynamoDB warm throughput" of the AWS developer guide. cli/bill.py has the dollars.
"""

import math
from dataclasses import dataclass

from shared.model.declaration import Index, Migration
from shared.model.in_place import InPlace
from shared.ports import TableDescription

WRITE_UNIT_BYTES = 1024
READ_UNIT_BYTES = 4096
NEW_TABLE_UNITS = 4000
"""Write units a second that a new on-demand table takes before it has grown."""


@dataclass(frozen=True, slots=True)
class Passes:
    """The read units of one pass of each job."""

    dry_run: int
    backfill: int
    validation: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Units and seconds of one dry run, one backfill and one full validation.

    `units_each` is what writing one record of average size costs.
    """

    items: int
    bytes: int
    units_each: int
    table_write_units: int
    index_write_units: int
    passes: Passes
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
    def read_units(self) -> int:
        """Return the read units of all three."""
        return self.passes.dry_run + self.passes.backfill + self.passes.validation


def estimate(migration: Migration, source: TableDescription, max_wcu: float | None) -> Estimate:
    """Return the costs at a rate of write units a second; without one, a new table's limit.

    Every record is taken to appear in every index of v2, which is the most it can; in place in
    every index of the table.
    """
    items, size = source.item_count, source.size_bytes
    units_each = max(1, math.ceil(size / items / WRITE_UNIT_BYTES)) if items else 0
    in_place = isinstance(migration, InPlace)
    indexes = len(written_indexes(migration))
    compared = size if in_place else 2 * size + indexes * size / 2
    rate = max_wcu or float(NEW_TABLE_UNITS)
    return Estimate(
        items=items,
        bytes=size,
        units_each=units_each,
        table_write_units=items * units_each,
        index_write_units=items * units_each * indexes,
        passes=Passes(
            dry_run=_read_units(size),
            backfill=_read_units(size / 2),  # an eventually consistent read counts half
            validation=_read_units(compared),
        ),
        rate=rate,
        prewarm=rate if rate > NEW_TABLE_UNITS else None,
    )


def written_indexes(migration: Migration) -> tuple[Index, ...]:
    """Return the indexes of the table that the backfill writes."""
    return migration.shown.indexes


def _read_units(size: float) -> int:
    """Return the units of reading so many bytes strongly."""
    return math.ceil(size / READ_UNIT_BYTES)
