"""Both tables of a migration: their items, what changes the tables themselves, their exports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shared.model.item import Item, Value
from shared.model.key import Key, KeySchema
from shared.model.writes import Action, Side


@dataclass(frozen=True, slots=True)
class Page:
    """Items of one page and where the next one begins (None: there is none)."""

    items: list[Item]
    cursor: Item | None


class Insert(StrEnum):
    """What became of one record of an insert-only batch."""

    WRITTEN = "written"
    PRESENT = "present"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class InsertOutcome:
    """The outcome of one record; `reason` says why it was refused."""

    result: Insert
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InsertResult:
    """Outcomes in the order of the items, and the write units that were consumed."""

    outcomes: list[InsertOutcome]
    units: float


RECOVERY, STREAM = "point-in-time recovery", "stream"
"""What a table of a migration has switched on; a stream where somebody watches it."""


@dataclass(frozen=True, slots=True)
class IndexDescription:
    """What a table says of an index; `whole` tells whether it projects every attribute."""

    status: str
    keys: KeySchema
    whole: bool = True


@dataclass(frozen=True, slots=True)
class TableDescription:
    """What a table says of itself, and of its indexes by their names."""

    table_id: str
    arn: str
    status: str
    keys: KeySchema
    indexes: Mapping[str, IndexDescription]
    stream: bool
    point_in_time_recovery: bool
    item_count: int
    size_bytes: int
    replicas: tuple[str, ...] = ()


class Tables(Protocol):
    """Both tables of one migration: strong reads, conditional writes, transactions, pages."""

    def get(self, side: Side, key: Key) -> Item | None:
        """Return one item by a strongly consistent read."""
        ...

    def get_many(self, side: Side, keys: Sequence[Key]) -> list[Item | None]:
        """Return items in the order of their keys, each by a strongly consistent read."""
        ...

    def get_together(self, keys: Sequence[tuple[Side, Key]]) -> list[Item | None]:
        """Return items of both tables as they were at one moment (TransactGetItems)."""
        ...

    def write(self, action: Action) -> Item | None:
        """Do one write and return the new item of a put or update, the old one of a delete."""
        ...

    def write_together(self, actions: Sequence[Action], token: str) -> None:
        """Do all writes or none; the same token with the same actions takes effect once."""
        ...

    def insert_absent(self, side: Side, items: Sequence[Item]) -> InsertResult:
        """Store each item whose key is absent; what is there is never overwritten.

        When it raises, some items may have been stored; inserting all of them again is safe.
        """
        ...

    def scan(
        self, side: Side, segment: int, total: int, cursor: Item | None, limit: int, *, strong: bool
    ) -> Page:
        """Return one page of one parallel scan segment."""
        ...

    def scan_index(
        self, side: Side, index: str, segment: int, total: int, cursor: Item | None, limit: int
    ) -> Page:
        """Return one page of an index's entries, keys only; equal partition values are neighbours.

        A segment holds all entries of a partition value.
        """
        ...

    def query(
        self,
        side: Side,
        index: str,
        values: Sequence[Value],
        cursor: Item | None,
        limit: int,
    ) -> Page:
        """Return one page of an index's entries with these key values."""
        ...

    def describe(self, side: Side) -> TableDescription:
        """Return what a table says of itself; raise TableGone when there is none."""
        ...


class References(Protocol):
    """The table in which an in-place migration looks things up; it is never written."""

    def partition(self, value: Value) -> list[Item]:
        """Return all items of a partition, each as it is by a strongly consistent read."""
        ...

    def scan(self, cursor: Item | None, limit: int) -> Page:
        """Return one page of all items."""
        ...

    def keys(self) -> tuple[str, KeySchema]:
        """Return the table's status and key as they are; raise TableGone when there is none."""
        ...


class TableAdministration(Protocol):
    """What changes a table itself: by an operator's consent, or in the workflow's last steps."""

    def protect(self, side: Side, *, stream: bool) -> tuple[str, ...]:
        """Switch on point-in-time recovery and, if wanted, the stream; return what was off."""
        ...

    def deny_writes(self, side: Side) -> None:
        """Close a table for writes by policy; closing twice is no error."""
        ...

    def allow_writes(self, side: Side) -> None:
        """Lift the denial; lifting twice is no error."""
        ...

    def writes_denied(self, side: Side) -> bool:
        """Tell whether the denial is in force."""
        ...

    def delete_table(self, side: Side, table_id: str) -> None:
        """Delete a table for good if it is still the one with this id; once is enough.

        Raises TableGone when there is another one under its name, and Contended while the
        table is being updated: nothing was deleted yet, call again.
        """
        ...


class ExportStatus(StrEnum):
    """How far an export is."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class ExportProof:
    """What reading an export back showed: items and files counted, checksums compared."""

    arn: str
    items: int
    files: int
    bytes: int
    manifest: str


class Exports(Protocol):
    """Exports of a table to the archive, at a point in time."""

    def start(self, side: Side, prefix: str, token: str) -> str:
        """Begin an export under a prefix and return its ARN; a token starts it once."""
        ...

    def status(self, arn: str) -> tuple[ExportStatus, str]:
        """Return how far an export is, and why it failed."""
        ...

    def verify(self, arn: str) -> ExportProof:
        """Read an export back, compare counts and checksums; raise Refused naming what differs."""
        ...
