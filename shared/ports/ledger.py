"""What is decided about a migration, and what its runs leave behind."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from shared.model.control import Approval, AuditEntry, ControlState
from shared.model.runs import Finding, Run, Segment
from shared.model.shadow import ShadowTally


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

        `pause`, `taken_back` and `max_wcu` are left as they are stored, here and in `release`:
        only `ask_pause`, `ask_rate` and `retake` write them.
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
        """Ask a run's workers to stop at their next page, or take that back, which is counted.

        Raises NotFound when there is no such run.
        """
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
