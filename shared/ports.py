"""What the engine needs from the world, as protocols named by role.

`shared.memory` and `shared.aws` implement them; one contract suite runs over both. Every
call may raise a StoreError (shared/model/errors.py) and is a point where a simulation may
switch to another actor.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from shared.model.alarms import Alarm
from shared.model.control import Approval, AuditEntry, ControlState
from shared.model.figures import Figures
from shared.model.item import Item, Value
from shared.model.key import Key
from shared.model.runs import Finding, Run, RunKind, Segment
from shared.model.shadow import ShadowTally
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
"""What every table of a migration has switched on."""


@dataclass(frozen=True, slots=True)
class TableDescription:
    """What a table says of itself; `indexes` gives each index's status by its name."""

    table_id: str
    arn: str
    status: str
    partition: str
    sort: str | None
    indexes: Mapping[str, str]
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


class TableAdministration(Protocol):
    """What changes a table itself: by an operator's consent, or in the workflow's last steps."""

    def protect(self, side: Side) -> tuple[str, ...]:
        """Switch on point-in-time recovery and the stream; return the names of what was off."""
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


class Control(Protocol):
    """The control items, one per migration."""

    def read(self, migration: str) -> ControlState:
        """Return the state by a strongly consistent read; a migration never begun is OFF."""
        ...

    def write(self, state: ControlState, replaces: int, audit: AuditEntry) -> None:
        """Store a state over the revision it replaces, with its audit entry, or neither.

        Raises Superseded when the stored revision is another one, and InvalidInput when the
        state's own revision is not the next one.
        """
        ...


class Ledger(Protocol):
    """Runs, checkpoints, findings, exclusions, approvals and the audit log."""

    def begin(self, run: Run, lock: str, over: str | None) -> None:
        """Store a new run and take its lock; `over` names a dead run whose lock may be taken.

        Raises AlreadyRunning naming the holder. Beginning a run that holds the lock already is
        no error; one that has ended is Superseded.
        """
        ...

    def load(self, run_id: str) -> Run | None:
        """Return a run."""
        ...

    def save(self, run: Run) -> None:
        """Store the changes of a run under way; Superseded if it ended, or has another attempt.

        `pause` and `max_wcu` are left as they are stored, here and in `release`: only
        `ask_pause`, `ask_rate` and `retake` write them.
        """
        ...

    def retake(self, run: Run, lock: str) -> None:
        """Take the lock for a run that is resumed, and store its next attempt.

        Raises Superseded when its attempt does not follow the stored one.
        """
        ...

    def release(self, run: Run, lock: str) -> None:
        """Store how a run under way ended, and give its lock back if it holds it.

        Raises Superseded when it has ended already, or goes on with another attempt.
        """
        ...

    def holder(self, migration: str, lock: str) -> str | None:
        """Return the id of the run that holds a lock."""
        ...

    def unlock(self, migration: str, lock: str, holder: str) -> None:
        """Free a lock that a run holds for nothing; one that another run has by now stays."""
        ...

    def runs(self, migration: str, limit: int) -> list[Run]:
        """Return the newest runs first."""
        ...

    def ask_pause(self, run_id: str, pause: bool) -> None:
        """Ask a run's workers to stop at their next page, or take that back; else NotFound."""
        ...

    def ask_rate(self, run_id: str, max_wcu: float) -> None:
        """Hold a run's workers to so many write units a second from their next page on.

        Raises NotFound when there is no such run.
        """
        ...

    def open_segments(self, segments: Sequence[Segment]) -> None:
        """Store a run's segments before any worker starts.

        A segment stored with this attempt keeps its checkpoint, so that opening twice is safe;
        one of a later attempt raises Superseded.
        """
        ...

    def segment(self, run_id: str, name: str) -> Segment | None:
        """Return a segment with its checkpoint by a strongly consistent read."""
        ...

    def segments(self, run_id: str) -> list[Segment]:
        """Return all segments of a run by strongly consistent reads."""
        ...

    def checkpoint(self, segment: Segment, findings: Sequence[Finding]) -> None:
        """Store a page's end and its findings if the attempt is still current; else Superseded."""
        ...

    def findings(self, run_id: str) -> Iterator[Finding]:
        """Yield all findings of a run, ordered by key."""
        ...

    def store_keys(self, migration: str, digest: str, keys: Iterable[str]) -> None:
        """Store a set of keys under its digest."""
        ...

    def keys(self, migration: str, digest: str) -> frozenset[str]:
        """Return a set of keys; raise NotFound when it was never stored whole."""
        ...

    def claim(self, run_id: str, mark: str) -> bool:
        """Leave a mark on a run; tell whether it is the first of that name."""
        ...

    def approve(self, approval: Approval, audit: AuditEntry) -> None:
        """Store an approval, replacing an older one for the same gate."""
        ...

    def approval(self, migration: str, gate: str) -> Approval | None:
        """Return the newest approval for a gate."""
        ...

    def wait_for_approval(self, migration: str, gate: str, waiter: str) -> None:
        """Remember the token of a workflow that waits at a gate."""
        ...

    def waiter(self, migration: str, gate: str) -> str | None:
        """Return the token of the workflow that waits at a gate."""
        ...

    def count_reads(self, tally: ShadowTally) -> None:
        """Add what one batch of shadow reads found to what its step has so far."""
        ...

    def reads_counted(self, migration: str, limit: int) -> list[ShadowTally]:
        """Return what shadow reads found in each step, the newest step first."""
        ...

    def record(self, audit: AuditEntry) -> None:
        """Append to the audit log; the same entry twice is one."""
        ...

    def audit(self, migration: str, limit: int) -> list[AuditEntry]:
        """Return the newest audit entries first."""
        ...


class Archive(Protocol):
    """Documents kept for people and for the workflow: reports, segment lists, long key lists."""

    def store(self, name: str, document: Any) -> str:
        """Store a JSON document and return its URI."""
        ...

    def load(self, uri: str) -> Any:
        """Return the JSON document at a URI; raise InvalidInput when it cannot be read."""
        ...


class Executions(Protocol):
    """The workflows that runs belong to."""

    def running(self, execution: str) -> bool:
        """Tell whether an execution is still under way."""
        ...

    def start(self, kind: RunKind, given: Mapping[str, Any], name: str) -> None:
        """Start the migration's workflow of a kind; a name that was used before starts none."""
        ...

    def wake(self, waiter: str, gate: str) -> None:
        """Let a workflow that waits at a gate go on; one that has ended is no error."""
        ...


class KeyQueue(Protocol):
    """Source keys of records that somebody is to look at later, each perhaps more than once."""

    def ask(self, keys: Sequence[Key]) -> None:
        """Put keys into the queue; when it raises, some may be in it."""
        ...

    def waiting(self) -> int:
        """Return about how many keys are queued or being worked on."""
        ...


class Alarms(Protocol):
    """The alarms that watch a migration."""

    def look(self, names: Sequence[str]) -> Mapping[str, Alarm]:
        """Return the alarms of these names as they are now; one that is not there is left out."""
        ...


class DeadLetters(Protocol):
    """Messages that no function could handle, in queues of their own, until a person looks."""

    def waiting(self) -> Mapping[str, int]:
        """Return about how many there are by the name of their queue; empty ones are left out."""
        ...


class Notifications(Protocol):
    """Word to the people who watch a migration."""

    def publish(self, subject: str, body: str) -> None:
        """Tell whoever has subscribed; raise a StoreError when it may not have been taken."""
        ...


class Measurements(Protocol):
    """What the callers of a migration's API see of it, by its metrics."""

    def figures(self, since: float, until: float) -> Figures:
        """Return what they saw between two times; raise a StoreError when nobody can tell."""
        ...


class Clock(Protocol):
    """Time, and waiting for it."""

    def wall(self) -> float:
        """Return the time of day in epoch seconds; it may jump."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards, but may stand still while frozen."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Ids(Protocol):
    """Fresh identifiers."""

    def new(self) -> str:
        """Return an id that was never returned before."""
        ...
