"""Everything one migration's engine works with, put together once by the bootstrap."""

from dataclasses import dataclass, field
from typing import Generic, cast

from typing_extensions import TypeVar

from shared.engine.meter import Meter
from shared.model.declaration import Migration, TableToTable
from shared.model.environment import Environment
from shared.model.errors import InvalidInput
from shared.model.in_place import InPlace
from shared.ports import (
    Alarms,
    Archive,
    Clock,
    Control,
    DeadLetters,
    Executions,
    Exports,
    Ids,
    KeyQueue,
    Ledger,
    Measurements,
    Notifications,
    References,
    Snapshots,
    TableAdministration,
    Tables,
)

M = TypeVar("M", bound=Migration, default=Migration, covariant=True)


@dataclass(frozen=True, slots=True)
class World(Generic[M]):
    """One migration in one environment, with the ports through which it acts.

    `digest` identifies the transform and models in use (rule 10 of docs/protocol.md).
    """

    migration: M
    environment: Environment
    digest: str
    tables: Tables
    control: Control
    ledger: Ledger
    archive: Archive
    snapshots: Snapshots
    references: References
    exports: Exports
    administration: TableAdministration
    executions: Executions
    syncs: KeyQueue
    alarms: Alarms
    dead_letters: DeadLetters
    notifications: Notifications
    measurements: Measurements
    clock: Clock
    ids: Ids
    meter: Meter = field(default_factory=Meter)


PairedWorld = World[TableToTable]
"""The world of a migration from one table to another."""

InPlaceWorld = World[InPlace]
"""The world of a migration within one table."""


def paired(world: World) -> PairedWorld:
    """Return the world of a migration from one table to another; raise InvalidInput for others."""
    if not isinstance(world.migration, TableToTable):
        raise InvalidInput(
            f"{world.migration.name} changes one table in place: there is no second one",
            field="migration",
        )
    return cast("PairedWorld", world)


def in_place(world: World) -> InPlaceWorld:
    """Return the world of a migration within one table; raise InvalidInput for others."""
    if not isinstance(world.migration, InPlace):
        raise InvalidInput(
            f"{world.migration.name} moves records to another table: it has no snapshots",
            field="migration",
        )
    return cast("InPlaceWorld", world)
