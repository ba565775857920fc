"""Runs, checkpoints, findings and decisions in one table of DynamoDB (the port `Ledger`)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from shared.aws import expressions
from shared.aws import ledger_layout as layout
from shared.aws.dynamodb_rows import Rows
from shared.aws.exclusion_parts import joined, parts
from shared.aws.expressions import Request
from shared.aws.records import from_item, to_item
from shared.aws.shortening import shortened
from shared.model.control import Approval, AuditEntry
from shared.model.errors import AlreadyRunning, ConditionFailed, NotFound, Superseded
from shared.model.item import Item, Value
from shared.model.runs import Finding, Run, RunStatus, Segment
from shared.model.shadow import ShadowTally
from shared.model.writes import AtMost, Either, Equals, Every, Exists, Missing
from shared.ports import Clock

ABSENT = Missing("PK")

ASKED = frozenset({"pause", "taken_back", "max_wcu"})
"""What operators ask of a run's workers: nothing else may overwrite it."""


class LedgerTable:
    """One migration's part of the table; shared/aws/ledger_layout.py says where records stand."""

    def __init__(self, dynamodb: Any, table: str, migration: str, clock: Clock) -> None:
        self._migration = migration
        self._rows = Rows(dynamodb, table, clock)

    def begin(self, run: Run, lock: str, over: str | None) -> None:
        """Store a new run and take its lock; beginning the same run twice is no error."""
        free = ABSENT if over is None else Either((ABSENT, Equals("run_id", over)))
        table = self._rows.table
        try:
            self._rows.together(
                {"Put": expressions.put(table, _run_item(run), ABSENT)},
                {"Put": expressions.put(table, _lock_item(run, lock), free)},
                {"Put": expressions.put(table, layout.run_place(run))},
            )
        except ConditionFailed as error:
            holder = self.holder(run.migration, lock)
            if holder == run.run_id:
                return
            if 1 in error.failed and holder is not None:
                raise _already_running(run, holder) from error
            raise Superseded(f"run {run.run_id} began already", run_id=run.run_id) from error

    def load(self, run_id: str) -> Run | None:
        """Return a run."""
        item = self._rows.get(layout.run_key(self._migration, run_id))
        return None if item is None else from_item(Run, item)

    def save(self, run: Run) -> None:
        """Store the changes of a run under way, but for what others write, in its attempt."""
        try:
            self._rows.update(self._changed(run))
        except ConditionFailed as error:
            raise _run_superseded(run) from error

    def retake(self, run: Run, lock: str) -> None:
        """Take the lock for a run that is resumed, and store its next attempt as it is."""
        before = Equals("attempt", run.attempt - 1)
        free = Either((ABSENT, Equals("run_id", run.run_id)))
        table = self._rows.table
        try:
            self._rows.together(
                {"Put": expressions.put(table, _run_item(run), before)},
                {"Put": expressions.put(table, _lock_item(run, lock), free)},
            )
        except ConditionFailed as error:
            holder = self.holder(run.migration, lock)
            if 0 in error.failed or holder is None:
                raise _run_superseded(run) from error
            raise _already_running(run, holder) from error

    def release(self, run: Run, lock: str) -> None:
        """Store how a run under way ended, and give its lock back if it holds it."""
        key = layout.lock_key(run.migration, lock)
        own = Either((ABSENT, Equals("run_id", run.run_id)))
        try:
            self._rows.together(
                {"Update": self._changed(run)},
                {"Delete": expressions.delete(self._rows.table, key, own)},
            )
        except ConditionFailed as error:
            if 0 in error.failed:
                raise _run_superseded(run) from error
            self.save(run)  # the lock is another run's by now, and stays so

    def holder(self, migration: str, lock: str) -> str | None:
        """Return the id of the run that holds a lock."""
        item = self._rows.get(layout.lock_key(migration, lock))
        return None if item is None else str(item["run_id"])

    def unlock(self, migration: str, lock: str, holder: str) -> None:
        """Free a lock that a run holds for nothing; one that another run has by now stays."""
        key = layout.lock_key(migration, lock)
        own = Equals("run_id", holder)
        try:
            self._rows.together({"Delete": expressions.delete(self._rows.table, key, own)})
        except ConditionFailed:
            return

    def runs(self, migration: str, limit: int) -> list[Run]:
        """Return the newest runs first."""
        places = self._rows.beneath(
            layout.migration_partition(migration), layout.RUN_PLACES, newest_first=True, limit=limit
        )
        found = (self.load(place["run_id"]) for place in places)
        return [run for run in found if run is not None]

    def ask_pause(self, run_id: str, pause: bool) -> None:
        """Ask a run's workers to stop at their next page, or take that back."""
        self._ask(run_id, "pause", pause, counted=None if pause else "taken_back")

    def ask_rate(self, run_id: str, max_wcu: float) -> None:
        """Hold a run's workers to so many write units a second from their next page on."""
        self._ask(run_id, "max_wcu", Decimal(repr(max_wcu)))

    def open_segments(self, segments: Sequence[Segment]) -> None:
        """Store segments that are new or of an older attempt; opened ones keep their state."""
        for segment in segments:
            older = AtMost("attempt", segment.attempt - 1)
            try:
                self._rows.put(
                    layout.segment_item(self._migration, segment), Either((ABSENT, older))
                )
            except ConditionFailed as error:
                stored = self.segment(segment.run_id, segment.name)
                if stored is None or stored.attempt > segment.attempt:
                    raise _segment_superseded(segment) from error

    def segment(self, run_id: str, name: str) -> Segment | None:
        """Return a segment with its checkpoint by a strongly consistent read."""
        item = self._rows.get(layout.segment_key(self._migration, run_id, name))
        return None if item is None else from_item(Segment, item)

    def segments(self, run_id: str) -> list[Segment]:
        """Return all segments of a run, by name, by strongly consistent reads."""
        partition = layout.run_partition(self._migration, run_id)
        items = self._rows.beneath(partition, layout.SEGMENTS)
        return [from_item(Segment, item) for item in items]

    def checkpoint(self, segment: Segment, findings: Sequence[Finding]) -> None:
        """Store a page's findings and then its end, if the attempt is still current.

        Findings come first, so that a page that counts them has them. A page that is repeated
        stores the same ones in the same places.
        """
        self._rows.store_all(
            [layout.finding_item(self._migration, shortened(each)) for each in findings]
        )
        try:
            self._rows.put(
                layout.segment_item(self._migration, segment), Equals("attempt", segment.attempt)
            )
        except ConditionFailed as error:
            raise _segment_superseded(segment) from error

    def findings(self, run_id: str) -> Iterator[Finding]:
        """Yield all findings of a run, ordered by key."""
        partition = layout.run_partition(self._migration, run_id)
        for item in self._rows.beneath(partition, layout.FINDINGS):
            yield from_item(Finding, item)

    def store_keys(self, migration: str, digest: str, keys: Iterable[str]) -> None:
        """Store a set of excluded keys under its digest, in as many items as it takes."""
        partition = layout.exclusions_partition(migration, digest)
        for item in parts(partition, keys):
            self._rows.put(item)

    def keys(self, migration: str, digest: str) -> frozenset[str]:
        """Return a set of keys; raise NotFound when it was never stored whole."""
        partition = layout.exclusions_partition(migration, digest)
        found = joined(list(self._rows.beneath(partition)))
        if found is None:
            raise NotFound(f"{migration} has no exclusions {digest}")
        return found

    def claim(self, run_id: str, mark: str) -> bool:
        """Leave a mark on a run; tell whether it is the first of that name."""
        try:
            self._rows.put(layout.mark_key(self._migration, run_id, mark), ABSENT)
        except ConditionFailed:
            return False
        return True

    def approve(self, approval: Approval, audit: AuditEntry) -> None:
        """Store an approval, replacing an older one for the same gate, with its audit entry."""
        key = layout.approval_key(approval.migration, approval.gate.value)
        table = self._rows.table
        self._rows.together(
            {"Put": expressions.put(table, {**key, **to_item(approval)})},
            {"Put": expressions.put(table, layout.audit_item(audit))},
        )

    def approval(self, migration: str, gate: str) -> Approval | None:
        """Return the newest approval for a gate."""
        item = self._rows.get(layout.approval_key(migration, gate))
        return None if item is None else from_item(Approval, item)

    def wait_for_approval(self, migration: str, gate: str, waiter: str) -> None:
        """Remember the token of a workflow that waits at a gate."""
        self._rows.put({**layout.waiter_key(migration, gate), "waiter": waiter})

    def waiter(self, migration: str, gate: str) -> str | None:
        """Return the token of the workflow that waits at a gate."""
        item = self._rows.get(layout.waiter_key(migration, gate))
        return None if item is None else str(item["waiter"])

    def count_reads(self, tally: ShadowTally) -> None:
        """Add what one batch of shadow reads found to what its step has so far: one write."""
        item = to_item(tally)
        if not tally.differing:
            del item["differing"]  # no set is empty in DynamoDB
        added = ("equal", "raced", "lagging", "real", "differing")
        self._rows.update(
            expressions.tally(
                self._rows.table,
                layout.tally_key(tally.migration, tally.epoch),
                add={name: item.pop(name) for name in added if name in item},
                default={"since": item.pop("since")},
                assign=item,
            )
        )

    def reads_counted(self, migration: str, limit: int) -> list[ShadowTally]:
        """Return what shadow reads found in each step, the newest step first."""
        items = self._rows.beneath(
            layout.migration_partition(migration), layout.TALLIES, newest_first=True, limit=limit
        )
        return [from_item(ShadowTally, item) for item in items]

    def record(self, audit: AuditEntry) -> None:
        """Append to the audit log; the same entry twice is one."""
        self._rows.put(layout.audit_item(audit))

    def audit(self, migration: str, limit: int) -> list[AuditEntry]:
        """Return the newest audit entries first."""
        partition = layout.audit_partition(migration)
        items = self._rows.beneath(partition, newest_first=True, limit=limit)
        return [from_item(AuditEntry, item) for item in items]

    def _ask(self, run_id: str, name: str, value: Value, counted: str | None = None) -> None:
        """Change what workers look at before each page of a run, and count that if asked to."""
        key = layout.run_key(self._migration, run_id)
        try:
            self._rows.update(
                self._rows.change(key, {name: value}, condition=Exists("PK"), increment=counted)
            )
        except ConditionFailed as error:
            raise NotFound(f"there is no run {run_id}", run_id=run_id) from error

    def _changed(self, run: Run) -> Request:
        """Return the update that stores a run but leaves alone what others write."""
        own = [each.name for each in fields(Run) if each.name not in ASKED]
        stored = to_item(run)
        assign = {name: stored[name] for name in own if name in stored}
        absent = [name for name in own if getattr(run, name) is None]
        active = Equals("status", RunStatus.RUNNING.value)
        current = Every((Equals("attempt", run.attempt), active))
        return self._rows.change(layout.run_key(run.migration, run.run_id), assign, absent, current)


def _run_item(run: Run) -> Item:
    return {**layout.run_key(run.migration, run.run_id), **to_item(run)}


def _lock_item(run: Run, lock: str) -> Item:
    return {**layout.lock_key(run.migration, lock), "run_id": run.run_id}


def _already_running(run: Run, holder: str) -> AlreadyRunning:
    return AlreadyRunning(
        f"run {holder} of {run.migration} is under way",
        run_id=holder,
        mend=f"wait until {holder} ends, or pause it",
    )


def _run_superseded(run: Run) -> Superseded:
    message = f"run {run.run_id} ended, or went on, without attempt {run.attempt}"
    return Superseded(message, run_id=run.run_id)


def _segment_superseded(segment: Segment) -> Superseded:
    message = f"segment {segment.name} of run {segment.run_id} went on without this attempt"
    return Superseded(message, run_id=segment.run_id)
