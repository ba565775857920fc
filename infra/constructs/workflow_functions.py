"""The functions of the state machines: what each may do, and within which limits."""

from functools import partial

from constructs import Construct

from infra.constructs.deployment import Deployment
from infra.constructs.execution_access import ExecutionAccess
from infra.constructs.metric_access import grant_read_metrics
from infra.constructs.migration_function import FULL_CORE, FunctionLimits, MigrationFunction
from infra.constructs.watch_access import WatchAccess
from infra.kinds import Grant

_LONGEST = 15 * 60
"""Seconds: Lambda's own limit; a worker returns its cursor before, an export is read back."""

_MANY = FunctionLimits(5 * 60, FULL_CORE)
"""For steps that touch every segment of a run, up to 10,000, and every finding."""


class WorkflowFunctions(Construct):
    """One function per step, each with exactly the grants that its step needs."""

    def __init__(self, scope: Construct, name: str, *, deployment: Deployment) -> None:
        super().__init__(scope, name)
        self._deployment = deployment
        self._tables = deployment.tables
        self._books = deployment.books
        self._archive = deployment.archive
        self._executions = ExecutionAccess(deployment.names)
        self._watch = WatchAccess(deployment.place)
        self._add_runs()
        self._add_workers()
        self._add_journey()
        self._add_export()
        self.renewing = self._renewing() if deployment.kind.renewed else None
        self.answering = self._answering()
        self.observing = self._add(
            "observe_migration",
            self._books.grant_read_phase,
            self._books.grant_read_ledger,
            self._tables.grant_describe,
        )

    def _add_runs(self) -> None:
        """Add what opens and closes a run; the phase item says which run is working."""
        books, archive = self._books, self._archive
        moving = (books.grant_move_phase, books.grant_keep_ledger, self._watch.grant_tell)
        self._add("start_run", *moving, *self._starting, archive.grant_store_segments, limits=_MANY)
        for name in ("finish_run", "record_failure"):
            self._add(name, *moving, archive.grant_store_reports, limits=_MANY)

    @property
    def _starting(self) -> tuple[Grant, ...]:
        """Return what checking an input takes: its keys, the pinned tables, a lock's holder."""
        return (
            self._tables.grant_describe,
            self._tables.grant_find_keys,
            self._archive.grant_read_lists,
            self._executions.grant_look,
        )

    def _add_workers(self) -> None:
        """Add the workers of segments, whose kind says what each may do to the tables."""
        tables, books = self._tables, self._books
        working = (
            books.grant_read_phase,
            books.grant_keep_ledger,
            tables.grant_describe,
            self._watch.grant_tell,
        )
        limits = FunctionLimits(_LONGEST, FULL_CORE, self._deployment.environment.concurrency)
        for name, own in self._deployment.kind.workers(tables, self._archive).items():
            self._add(name, *working, *own, limits=limits)

    def _add_journey(self) -> None:
        """Add the planner and the steps that only touch the books."""
        books, tables = self._books, self._tables
        keeping = (books.grant_read_phase, books.grant_keep_ledger)
        moving = (books.grant_move_phase, books.grant_keep_ledger)
        look, tell = self._watch.grant_look, self._watch.grant_tell
        wake, counting = self._executions.grant_wake, self._deployment.syncs.grant_count
        self._add("start_journey", *moving, *self._starting, wake, tell)
        self._add("plan_step", *keeping, wake, counting, look, self._executions.grant_look)
        checking = (tables.grant_describe, tables.grant_look_at_reference)
        self._add("check_preflight", *keeping, *checking, look)
        closing = (tables.grant_close_source,) if self._ends_source else ()
        touching = (*checking, *closing, grant_read_metrics)
        self._add("move_phase", *moving, *touching, counting, look, tell)
        self._add("request_approval", *keeping, wake, tell)
        reporting = (self._archive.grant_store_reports, grant_read_metrics)
        self._add("finish_journey", *keeping, *reporting, tell, limits=_MANY)

    @property
    def _ends_source(self) -> bool:
        return self._deployment.kind.works.ends_source

    def _add_export(self) -> None:
        """Add the step that exports the source, and where it ends the one that deletes it."""
        books, tables = self._books, self._tables
        exporting = (
            books.grant_move_phase,
            books.grant_keep_ledger,
            tables.grant_describe,
            tables.grant_export_source,
        )
        limits = FunctionLimits(_LONGEST, FULL_CORE)
        if not self._ends_source:
            export = partial(self._archive.grant_export, purposes=("backup",))
            self._add("export_source", *exporting, export, limits=limits)
            return
        export = partial(self._archive.grant_export, purposes=("archive", "backup"))
        self._add("export_source", *exporting, tables.grant_close_source, export, limits=limits)
        self._add(
            "delete_source",
            books.grant_read_phase,
            books.grant_keep_ledger,
            tables.grant_describe,
            tables.grant_delete_source,
        )

    def _renewing(self) -> MigrationFunction:
        """Add what a schedule calls: it looks at the books, and may start a validation."""
        books, executions = self._books, self._executions
        return self._add(
            "renew_certificate",
            books.grant_read_phase,
            books.grant_read_ledger,
            executions.grant_look,
            executions.grant_start_validation,
        )

    def _answering(self) -> MigrationFunction:
        """Add what an alarm calls: it holds the next move, and may begin the way back."""
        return self._add(
            "answer_alarm",
            self._books.grant_move_phase,
            self._books.grant_keep_ledger,
            self._executions.grant_look,
            self._executions.grant_answer,
            self._watch.grant_tell,
        )

    def _add(
        self, name: str, *grants: Grant, limits: FunctionLimits | None = None
    ) -> MigrationFunction:
        function = MigrationFunction(
            self, name, deployment=self._deployment, limits=limits or FunctionLimits()
        )
        for grant in grants:
            grant(function.role)
        return function
