"""Puts the memory adapters together into one migration's world."""

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from shared.engine.world import World
from shared.memory.administration import MemoryAdministration
from shared.memory.alarms import MemoryAlarms
from shared.memory.archive import MemoryArchive
from shared.memory.clock import MemoryClock, MemoryIds
from shared.memory.control import MemoryControl
from shared.memory.dead_letters import MemoryDeadLetters
from shared.memory.executions import MemoryExecutions
from shared.memory.exports import MemoryExports
from shared.memory.key_queue import MemoryKeyQueue
from shared.memory.ledger import MemoryLedger
from shared.memory.measurements import MemoryMeasurements
from shared.memory.notifications import MemoryNotifications
from shared.memory.references import MemoryReferences
from shared.memory.snapshots import MemorySnapshots
from shared.memory.store import MemoryStore
from shared.memory.tables import MemoryTables
from shared.model.declaration import Migration, TableDeclaration
from shared.model.environment import Environment
from shared.model.in_place import InPlace
from shared.ports import Clock

M = TypeVar("M", bound=Migration)


@dataclass(frozen=True, slots=True)
class MemoryParts(Generic[M]):
    """The adapters of one migration under their own types, for tests that reach into them."""

    migration: M
    store: MemoryStore
    tables: MemoryTables
    control: MemoryControl
    ledger: MemoryLedger
    archive: MemoryArchive
    snapshots: MemorySnapshots
    references: MemoryReferences
    exports: MemoryExports
    administration: MemoryAdministration
    executions: MemoryExecutions
    syncs: MemoryKeyQueue
    alarms: MemoryAlarms
    dead_letters: MemoryDeadLetters
    notifications: MemoryNotifications
    measurements: MemoryMeasurements
    clock: MemoryClock
    ids: MemoryIds

    def copy(self, clock: Clock) -> "MemoryParts[M]":
        """Return parts of their own that hold the same, with another clock for the tables."""
        store = self.store.copy()
        ledger = self.ledger.copy()
        return replace(
            self,
            store=store,
            tables=MemoryTables(store, clock),
            control=self.control.copy(ledger),
            ledger=ledger,
            archive=self.archive.copy(),
            snapshots=self.snapshots.copy(),
            exports=MemoryExports(store, clock),
            administration=MemoryAdministration(store),
            executions=MemoryExecutions(),
            syncs=self.syncs.copy(),
            alarms=MemoryAlarms(),
            dead_letters=MemoryDeadLetters(),
            notifications=MemoryNotifications(),
        )

    def world(self, environment: Environment, digest: str = "test") -> World[M]:
        """Return the world of these parts; several worlds over them see each other's writes."""
        return World(
            migration=self.migration,
            environment=environment,
            digest=digest,
            tables=self.tables,
            control=self.control,
            ledger=self.ledger,
            archive=self.archive,
            snapshots=self.snapshots,
            references=self.references,
            exports=self.exports,
            administration=self.administration,
            executions=self.executions,
            syncs=self.syncs,
            alarms=self.alarms,
            dead_letters=self.dead_letters,
            notifications=self.notifications,
            measurements=self.measurements,
            clock=self.clock,
            ids=self.ids,
        )


def memory_parts(migration: M) -> MemoryParts[M]:
    """Return empty tables, an empty ledger and a clock that stands still, for one migration."""
    clock = MemoryClock()
    store = MemoryStore(migration)
    ledger = MemoryLedger()
    return MemoryParts(
        migration=migration,
        store=store,
        tables=MemoryTables(store, clock),
        control=MemoryControl(ledger),
        ledger=ledger,
        archive=MemoryArchive(),
        snapshots=MemorySnapshots(),
        references=MemoryReferences(_reference(migration)),
        exports=MemoryExports(store, clock),
        administration=MemoryAdministration(store),
        executions=MemoryExecutions(),
        syncs=MemoryKeyQueue(),
        alarms=MemoryAlarms(),
        dead_letters=MemoryDeadLetters(),
        notifications=MemoryNotifications(),
        measurements=MemoryMeasurements(),
        clock=clock,
        ids=MemoryIds(),
    )


def _reference(migration: Migration) -> TableDeclaration | None:
    declared = migration.reference if isinstance(migration, InPlace) else None
    return None if declared is None else declared.table


def memory_world(migration: M, environment: Environment, digest: str = "test") -> World[M]:
    """Return a fresh world in RAM for one migration."""
    return memory_parts(migration).world(environment, digest)
