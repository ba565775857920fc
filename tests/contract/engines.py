"""What a contract test works with: the ports of one engine, and a hand on what lies behind."""

from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

from shared.memory.key_queue import MemoryKeyQueue
from shared.memory.references import MemoryReferences
from shared.memory.world import MemoryParts, memory_parts
from shared.model.alarms import AlarmState
from shared.model.declaration import (
    TRANSFORM,
    Index,
    TableDeclaration,
    TableToTable,
)
from shared.model.environment import LOCAL
from shared.model.item import Item
from shared.model.key import Key, KeySchema
from shared.model.metrics import Metric
from shared.model.runs import RunKind
from shared.model.writes import Side
from shared.ports import (
    RECOVERY,
    STREAM,
    Alarms,
    Archive,
    Clock,
    Control,
    DeadLetters,
    Executions,
    Exports,
    KeyQueue,
    Ledger,
    Measurements,
    Notifications,
    References,
    Snapshots,
    TableAdministration,
    Tables,
)

_NUMBERS = count(1)

DYNAMODB_LOCAL = "dynamodb-local"
"""The engine that differs from AWS in ways it cannot be talked out of; tests say where."""


def example_migration() -> TableToTable:
    """Return a migration under a name of its own, so that tests never meet each other's items."""
    name = f"example{next(_NUMBERS)}"
    source = TableDeclaration(
        f"{name}-v1",
        KeySchema("PK", "SK"),
        (Index("by-team", KeySchema("team", "rank", sort_type="N")),),
    )
    target = TableDeclaration(
        f"{name}-v2",
        KeySchema("id", partition_type="N"),
        (Index("by-name", KeySchema("name")),),
    )
    return TableToTable(
        name=name,
        title="Example",
        source=source,
        target=target,
        up=dict,
        down=dict,
        classify=lambda _item: TRANSFORM,
        environments=(LOCAL,),
    )


def example_reference(migration: TableToTable) -> TableDeclaration:
    """Return the table that a migration in place of this name would look things up in."""
    return TableDeclaration(f"{migration.name}-reference", KeySchema("account", "id"))


class Hand(Protocol):
    """What a test does behind the ports' back."""

    def recreate(self, side: Side) -> None:
        """Drop a table and make it again under the same name."""

    def lay_bare(self, side: Side) -> None:
        """Switch off a table's point-in-time recovery and stream."""

    def tamper_data(self, arn: str) -> None:
        """Change one item inside an export's data."""

    def tamper_manifest(self, arn: str) -> None:
        """Change the number of items that an export's manifest claims."""

    def start_execution(self) -> str:
        """Begin an execution that runs until it is ended, and return its ARN."""

    def end_execution(self, execution: str) -> None:
        """End an execution."""

    def deploy_validation(self) -> None:
        """Make the state machine of validations, which ends at once."""

    def validations(self) -> list[dict[str, Any]]:
        """Return the inputs of all executions of that machine."""

    def queued(self) -> list[Key]:
        """Take all keys out of the queue of keys."""

    def set_alarm(self, name: str, state: AlarmState, reason: str) -> None:
        """Make an alarm of this name, and set its state."""

    def subscribe(self) -> None:
        """Have notifications kept from now on."""

    def notified(self) -> list[tuple[str, str]]:
        """Return the subjects and bodies of all notifications that were kept."""

    def lose_topic(self) -> None:
        """Take away the topic of notifications."""

    def tell(self, at: float, metric: Metric, *values: float) -> None:
        """Put values of a metric as they were measured at a time."""

    def give_up(self, queue: str, messages: int) -> None:
        """Make a queue of the migration that holds so many messages."""

    def store_text(self, name: str, text: str) -> str:
        """Put text into the archive and return its URI."""

    def refer(self, *items: Item) -> None:
        """Put items into the reference table."""

    def expire(self, name: str) -> None:
        """Let the time of a snapshot be over."""


@dataclass(frozen=True)
class Engine:
    """All ports of one engine for one migration."""

    kind: str
    migration: TableToTable
    tables: Tables
    administration: TableAdministration
    exports: Exports
    control: Control
    ledger: Ledger
    archive: Archive
    snapshots: Snapshots
    references: References
    executions: Executions
    queue: KeyQueue
    alarms: Alarms
    dead_letters: DeadLetters
    notifications: Notifications
    measurements: Measurements
    clock: Clock
    hand: Hand

    @property
    def name(self) -> str:
        return self.migration.name

    def token(self, name: str = "token") -> str:
        """Return a token of this test's own: AWS tells tokens apart by account, not by table."""
        return f"{self.name}-{name}"


class MemoryHand:
    """Reaches into the memory adapters."""

    def __init__(
        self, parts: MemoryParts, queue: MemoryKeyQueue, references: MemoryReferences
    ) -> None:
        self._parts = parts
        self._queue = queue
        self._references = references

    def recreate(self, side: Side) -> None:
        self._parts.store.create(side)

    def lay_bare(self, side: Side) -> None:
        self._parts.store.table(side).off = {RECOVERY, STREAM}

    def tamper_data(self, arn: str) -> None:
        lines = self._parts.exports.exports[arn].lines
        lines[0] = lines[0].replace("one", "two")

    def tamper_manifest(self, arn: str) -> None:
        self._parts.exports.exports[arn].counted += 1

    def start_execution(self) -> str:
        execution = f"execution-{len(self._parts.executions.under_way) + 1}"
        self._parts.executions.under_way.add(execution)
        return execution

    def end_execution(self, execution: str) -> None:
        self._parts.executions.under_way.discard(execution)

    def deploy_validation(self) -> None:
        """Do nothing: in RAM every workflow is there."""

    def validations(self) -> list[dict[str, Any]]:
        started = self._parts.executions.started.values()
        return [given for kind, given in started if kind is RunKind.VALIDATE]

    def tell(self, at: float, metric: Metric, *values: float) -> None:
        self._parts.measurements.tell(at, metric, *values)

    def queued(self) -> list[Key]:
        keys, self._queue.keys = self._queue.keys, []
        return keys

    def set_alarm(self, name: str, state: AlarmState, reason: str) -> None:
        self._parts.alarms.absent.discard(name)
        self._parts.alarms.put(name, state, reason, self._parts.clock.wall())

    def subscribe(self) -> None:
        """Do nothing: in RAM all of them are kept."""

    def notified(self) -> list[tuple[str, str]]:
        return self._parts.notifications.published

    def give_up(self, queue: str, messages: int) -> None:
        if queue.endswith("-failed"):
            self._parts.dead_letters.counts[queue] = messages

    def lose_topic(self) -> None:
        self._parts.notifications.gone = True

    def store_text(self, name: str, text: str) -> str:
        uri = f"memory://archive/{name}"
        self._parts.archive.documents[uri] = text
        return uri

    def refer(self, *items: Item) -> None:
        self._references.items += items

    def expire(self, name: str) -> None:
        del self._parts.snapshots.documents[name]


def memory_engine() -> Engine:
    """Return the ports in RAM."""
    parts = memory_parts(example_migration())
    queue = MemoryKeyQueue()
    references = MemoryReferences(example_reference(parts.migration))
    parts.alarms.absent.add(parts.migration.watch_alarm)
    return Engine(
        kind="memory",
        migration=parts.migration,
        tables=parts.tables,
        administration=parts.administration,
        exports=parts.exports,
        control=parts.control,
        ledger=parts.ledger,
        archive=parts.archive,
        snapshots=parts.snapshots,
        references=references,
        executions=parts.executions,
        queue=queue,
        alarms=parts.alarms,
        dead_letters=parts.dead_letters,
        notifications=parts.notifications,
        measurements=parts.measurements,
        clock=parts.clock,
        hand=MemoryHand(parts, queue, references),
    )


def source_item(partition: str, /, **attributes: object) -> Item:
    """Return an item of the source table."""
    return {"PK": partition, "SK": "PROFILE", **attributes}
