"""Runs, checkpoints, findings, exclusions, approvals and the audit log in RAM."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from threading import RLock

from shared.memory.copies import unshared_entry
from shared.model.control import Approval, AuditEntry
from shared.model.errors import AlreadyRunning, NotFound, Superseded
from shared.model.runs import Finding, Run, Segment
from shared.model.shadow import ShadowTally


class MemoryLedger:
    """The port `Ledger`; what goes in and comes out is copied, as by a store."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._runs: dict[str, Run] = {}
        self._locks: dict[tuple[str, str], str] = {}
        self._segments: dict[tuple[str, str], Segment] = {}
        self._findings: dict[tuple[str, str, str], Finding] = {}
        self._exclusions: dict[tuple[str, str], frozenset[str]] = {}
        self._approvals: dict[tuple[str, str], Approval] = {}
        self._waiters: dict[tuple[str, str], str] = {}
        self._reads: dict[tuple[str, int], ShadowTally] = {}
        self._audit: list[AuditEntry] = []
        self._marks: set[tuple[str, str]] = set()

    def copy(self) -> "MemoryLedger":
        """Return a ledger of its own with the same entries."""
        copy = MemoryLedger()
        copy._runs = dict(self._runs)
        copy._locks = dict(self._locks)
        copy._segments = dict(self._segments)
        copy._findings = dict(self._findings)
        copy._exclusions = dict(self._exclusions)
        copy._approvals = dict(self._approvals)
        copy._waiters = dict(self._waiters)
        copy._reads = dict(self._reads)
        copy._audit = list(self._audit)
        copy._marks = set(self._marks)
        return copy

    def begin(self, run: Run, lock: str, over: str | None) -> None:
        """Store a new run and take its lock; beginning the same run twice is no error."""
        with self._lock:
            if self.holder(run.migration, lock) == run.run_id:
                return
            if run.run_id in self._runs:
                raise Superseded(f"run {run.run_id} began already", run_id=run.run_id)
            self._take(run, lock, over)
            self._runs[run.run_id] = unshared_entry(run)

    def load(self, run_id: str) -> Run | None:
        """Return a run."""
        with self._lock:
            run = self._runs.get(run_id)
            return None if run is None else unshared_entry(run)

    def save(self, run: Run) -> None:
        """Store the changes of a run under way, but for what others write, in its attempt."""
        with self._lock:
            stored = self._current(run, run.attempt)
            if not stored.active:
                raise run_superseded(run)
            own = unshared_entry(run)
            self._runs[run.run_id] = replace(
                own, pause=stored.pause, taken_back=stored.taken_back, max_wcu=stored.max_wcu
            )

    def retake(self, run: Run, lock: str) -> None:
        """Take the lock for a run that is resumed, and store its next attempt as it is."""
        with self._lock:
            self._current(run, run.attempt - 1)
            self._take(run, lock, run.run_id)
            self._runs[run.run_id] = unshared_entry(run)

    def release(self, run: Run, lock: str) -> None:
        """Store how a run under way ended, and give its lock back if it holds it."""
        with self._lock:
            self.save(run)
            if self.holder(run.migration, lock) == run.run_id:
                del self._locks[run.migration, lock]

    def holder(self, migration: str, lock: str) -> str | None:
        """Return the id of the run that holds a lock."""
        with self._lock:
            return self._locks.get((migration, lock))

    def unlock(self, migration: str, lock: str, holder: str) -> None:
        """Free a lock that a run holds for nothing; one that another run has by now stays."""
        with self._lock:
            if self.holder(migration, lock) == holder:
                del self._locks[migration, lock]

    def runs(self, migration: str, limit: int) -> list[Run]:
        """Return the newest runs first."""
        with self._lock:
            own = [run for run in self._runs.values() if run.migration == migration]
        newest = sorted(own, key=lambda run: (run.started_at, run.run_id), reverse=True)
        return [unshared_entry(run) for run in newest[:limit]]

    def ask_pause(self, run_id: str, pause: bool) -> None:
        """Ask a run's workers to stop at their next page, or take that back."""
        with self._lock:
            known = self._known(run_id)
            taken_back = known.taken_back + int(not pause)
            self._runs[run_id] = replace(known, pause=pause, taken_back=taken_back)

    def ask_rate(self, run_id: str, max_wcu: float) -> None:
        """Hold a run's workers to so many write units a second from their next page on."""
        with self._lock:
            self._runs[run_id] = replace(self._known(run_id), max_wcu=max_wcu)

    def open_segments(self, segments: Sequence[Segment]) -> None:
        """Store segments that are new or of an older attempt; opened ones keep their state."""
        with self._lock:
            for segment in segments:
                stored = self._segments.get((segment.run_id, segment.name))
                if stored is not None and stored.attempt > segment.attempt:
                    raise superseded(segment)
                if stored is None or stored.attempt < segment.attempt:
                    self._segments[segment.run_id, segment.name] = unshared_entry(segment)

    def segment(self, run_id: str, name: str) -> Segment | None:
        """Return a segment with its checkpoint."""
        with self._lock:
            segment = self._segments.get((run_id, name))
            return None if segment is None else unshared_entry(segment)

    def segments(self, run_id: str) -> list[Segment]:
        """Return all segments of a run, by name."""
        with self._lock:
            return [
                unshared_entry(self._segments[at])
                for at in sorted(self._segments)
                if at[0] == run_id
            ]

    def checkpoint(self, segment: Segment, findings: Sequence[Finding]) -> None:
        """Store a page's end and its findings if the attempt is still current."""
        with self._lock:
            stored = self._segments.get((segment.run_id, segment.name))
            if stored is None or stored.attempt != segment.attempt:
                raise superseded(segment)
            self._segments[segment.run_id, segment.name] = unshared_entry(segment)
            for finding in findings:
                at = (finding.run_id, finding.key, finding.kind.value)
                self._findings[at] = unshared_entry(finding)

    def findings(self, run_id: str) -> Iterator[Finding]:
        """Yield all findings of a run, ordered by key."""
        with self._lock:
            ordered = [self._findings[at] for at in sorted(self._findings) if at[0] == run_id]
        yield from [unshared_entry(finding) for finding in ordered]

    def store_keys(self, migration: str, digest: str, keys: Iterable[str]) -> None:
        """Store a set of keys under its digest."""
        with self._lock:
            self._exclusions[migration, digest] = frozenset(keys)

    def keys(self, migration: str, digest: str) -> frozenset[str]:
        """Return a set of keys; raise NotFound when it was never stored whole."""
        with self._lock:
            try:
                return self._exclusions[migration, digest]
            except KeyError:
                raise NotFound(f"{migration} has no exclusions {digest}") from None

    def claim(self, run_id: str, mark: str) -> bool:
        """Leave a mark on a run; tell whether it is the first of that name."""
        with self._lock:
            first = (run_id, mark) not in self._marks
            self._marks.add((run_id, mark))
            return first

    def approve(self, approval: Approval, audit: AuditEntry) -> None:
        """Store an approval, replacing an older one for the same gate."""
        with self._lock:
            self._approvals[approval.migration, approval.gate.value] = approval
            self.record(audit)

    def approval(self, migration: str, gate: str) -> Approval | None:
        """Return the newest approval for a gate."""
        with self._lock:
            return self._approvals.get((migration, gate))

    def wait_for_approval(self, migration: str, gate: str, waiter: str) -> None:
        """Remember the token of a workflow that waits at a gate."""
        with self._lock:
            self._waiters[migration, gate] = waiter

    def waiter(self, migration: str, gate: str) -> str | None:
        """Return the token of the workflow that waits at a gate."""
        with self._lock:
            return self._waiters.get((migration, gate))

    def count_reads(self, tally: ShadowTally) -> None:
        """Add what one batch of shadow reads found to what its step has so far."""
        with self._lock:
            at = (tally.migration, tally.epoch)
            stored = self._reads.get(at)
            self._reads[at] = tally if stored is None else stored.plus(tally)

    def reads_counted(self, migration: str, limit: int) -> list[ShadowTally]:
        """Return what shadow reads found in each step, the newest step first."""
        with self._lock:
            own = [each for at, each in self._reads.items() if at[0] == migration]
        return sorted(own, key=lambda each: each.epoch, reverse=True)[:limit]

    def record(self, audit: AuditEntry) -> None:
        """Append to the audit log; the same entry twice is one."""
        with self._lock:
            if audit not in self._audit:
                self._audit.append(audit)

    def audit(self, migration: str, limit: int) -> list[AuditEntry]:
        """Return the newest audit entries first."""
        with self._lock:
            own = [entry for entry in self._audit if entry.migration == migration]
        return sorted(own, key=lambda entry: (entry.at, entry.epoch), reverse=True)[:limit]

    def _take(self, run: Run, lock: str, over: str | None) -> None:
        """Take a lock that is free or held by the run `over`; else raise AlreadyRunning."""
        holder = self.holder(run.migration, lock)
        if holder is not None and holder != over:
            raise already_running(run, holder)
        self._locks[run.migration, lock] = run.run_id

    def _known(self, run_id: str) -> Run:
        run = self._runs.get(run_id)
        if run is None:
            raise NotFound(f"there is no run {run_id}", run_id=run_id)
        return run

    def _current(self, run: Run, attempt: int) -> Run:
        """Return the stored run if its attempt is this one; else raise Superseded."""
        stored = self._runs.get(run.run_id)
        if stored is None or stored.attempt != attempt:
            raise run_superseded(run)
        return stored


def already_running(run: Run, holder: str) -> AlreadyRunning:
    """Return the error for a lock that another run holds."""
    return AlreadyRunning(
        f"run {holder} of {run.migration} is under way",
        run_id=holder,
        mend=f"wait until {holder} ends, or pause it",
    )


def run_superseded(run: Run) -> Superseded:
    """Return the error for a step of an attempt that is over."""
    message = f"run {run.run_id} ended, or went on, without attempt {run.attempt}"
    return Superseded(message, run_id=run.run_id)


def superseded(segment: Segment) -> Superseded:
    """Return the error for a worker of an attempt that is over."""
    return Superseded(
        f"segment {segment.name} of run {segment.run_id} went on without attempt {segment.attempt}",
        run_id=segment.run_id,
    )
