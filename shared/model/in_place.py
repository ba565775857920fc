"""How a migration within one table is declared: the same records, in another shape.

Records of both shapes live side by side while it lasts, so the declaration can tell them apart
(docs/protocol.md, "In place").
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.model.declaration import Migration, TableDeclaration, Verdict
from shared.model.item import Item
from shared.model.key import KeyValue
from shared.model.phases import IN_PLACE, Phase
from shared.model.writes import Side

REFERENCE = "reference"
"""The role of the reference table, and the scan of a validation that goes through it."""

Found = Sequence[Item]
"""What a transform looks things up in: one partition of the reference table, or nothing."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """What must be true of every migrated record; `broken` says why it is not, or None."""

    name: str
    broken: Callable[[Item], str | None]


@dataclass(frozen=True, slots=True)
class Reference:
    """Another table in which the transform looks things up; it is only ever read.

    `partition` names which of its partitions a record of either shape looks into (None: none),
    and `index` the index of the migrated table that has the same values for its partitions.
    `used` tells whether a migrated record refers to a record of the reference, and `broken` why
    it refers to something that is not there (None: it does not).
    """

    table: TableDeclaration
    partition: Callable[[Item], KeyValue | None]
    index: str
    used: Callable[[Item, Item], bool]
    broken: Callable[[Item, Found], str | None] = lambda _item, _found: None


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlace(Migration):
    """A migration of every record of a table into another shape, where it lies.

    `up` and `down` are total, deterministic and leave their input alone; they work on items
    without the engine's stamp and keep the key. `classify` decides whether a record of the old
    shape may be upgraded, and `upgraded` tells the shapes apart. `derived` are attributes that
    `up` computes and nobody writes: they are computed anew at each write.
    `writers` says who writes the table: only services behind the wrapper, or anybody; then an
    upgrade is conditional on every attribute that was read. Snapshots of the old shape are kept
    for `snapshot_days`: for that long there is a way back.
    """

    up: Callable[[Item, Found], Item]
    down: Callable[[Item], Item]
    classify: Callable[[Item, Found], Verdict]
    upgraded: Callable[[Item], bool]
    derived: frozenset[str] = frozenset()
    reference: Reference | None = None
    invariants: tuple[Invariant, ...] = ()
    writers: Literal["wrapped", "any"] = "wrapped"
    snapshot_days: int = 90

    @property
    def way(self) -> tuple[Phase, ...]:
        """Return the phases of this migration from the first to the last."""
        return IN_PLACE

    @property
    def goal(self) -> Phase:
        """Return the phase that a migrate leads to."""
        return Phase.DONE

    @property
    def ramps(self) -> str:
        """Return what the ramp moves a share of: the writers."""
        return "writes in the new shape"

    @property
    def tables(self) -> Mapping[Side, TableDeclaration]:
        """Return the one table."""
        return {Side.SOURCE: self.source}

    @property
    def declared_tables(self) -> Mapping[str, TableDeclaration]:
        """Return the one table and what it is looked up in."""
        found = {} if self.reference is None else {REFERENCE: self.reference.table}
        return {Side.SOURCE.value: self.source, **found}
