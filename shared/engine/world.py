"""Everything one migration's engine works with, put together once by the bootstrap."""

from dataclasses import dataclass, field

from shared.engine.meter import Meter
from shared.model.declaration import TableToTable
from shared.model.environment import Environment
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
    TableAdministration,
    Tables,
)


@dataclass(frozen=True, slots=True)
class World:
    """One migration in one environment, with the ports through which it acts.

    `digest` identifies the transform and models in use (rule 10 of docs/protocol.md).
    """

    migration: TableToTable
    environment: Environment
    digest: str
    tables: Tables
    control: Control
    ledger: Ledger
    archive: Archive
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
