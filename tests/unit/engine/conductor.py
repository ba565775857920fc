"""Runs jobs and journeys as the state machines do, in one thread and with a clock of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from migrations.personnel.migration import MIGRATION
from shared.engine.archive import delete_source, export_source
from shared.engine.cutover import approve, move, request_approval
from shared.engine.failures import Ended, record_failure
from shared.engine.itinerary import Step
from shared.engine.jobs import work_segment
from shared.engine.journey import begin_journey, finish_journey, plan_step
from shared.engine.preflight import check_preflight
from shared.engine.records import Records
from shared.engine.runs import StartedRun, begin_run, finish_run
from shared.engine.sync import sync
from shared.engine.world import World, paired
from shared.memory.world import MemoryParts, memory_parts
from shared.model.control import ControlState
from shared.model.declaration import TableToTable
from shared.model.environment import LOCAL, Environment
from shared.model.errors import CutoverError, RecordHeld
from shared.model.item import Item, Value
from shared.model.key import Key
from shared.model.phases import DETOURS, Phase
from shared.model.runs import Finding, Run, RunKind
from shared.model.writes import Side
from tests.unit.engine.watched import Beside, Watched

JOBS = {
    "DRY_RUN": RunKind.DRY_RUN,
    "BACKFILL": RunKind.BACKFILL,
    "VALIDATE": RunKind.VALIDATE,
    "RESTORE": RunKind.RESTORE,
}
AVAILABILITY_FIRST = replace(MIGRATION, mode="availability_first")
LONGEST_JOURNEY = 200
FOREVER = 1e12

OnStep = Callable[[Step], None]


@dataclass
class Conductor:
    """One migration's world and the hand that drives it."""

    parts: MemoryParts
    world: World
    executions: int = field(default=0)
    dead: list[Key] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    # -- the world

    def watched(
        self, before: Beside | None = None, after: Beside | None = None, port: str = "tables"
    ) -> "Conductor":
        """Return a conductor over the same parts with one port watched."""
        port_ = Watched(getattr(self.world, port), before, after)
        return replace(self, world=replace(self.world, **{port: port_}))

    def records(self) -> Records:
        """Return a fresh instance of the service, with a lease of its own."""
        return Records(paired(self.world))

    @property
    def state(self) -> ControlState:
        return self.world.control.read(self.world.migration.name)

    @property
    def phase(self) -> Phase:
        return self.state.phase

    def pass_time(self, seconds: float) -> None:
        self.parts.clock.advance(seconds)

    def settle(self) -> None:
        """Let every lease, operation and worker of before come to its end."""
        timing = self.world.environment.timing
        self.pass_time(timing.settle + timing.fence)

    def stored(self, side: Side, key: Key) -> Item | None:
        return self.parts.tables.get(side, key)

    def load(self, side: Side, *items: Item) -> None:
        self.parts.store.load(side, *items)

    def findings(self, run: Run) -> list[Finding]:
        return list(self.world.ledger.findings(run.run_id))

    def certificate_granted(self) -> bool:
        return self.state.certificate is not None

    # -- jobs

    def execution(self) -> str:
        """Begin an execution and return its ARN."""
        self.executions += 1
        name = self.names.pop() if self.names else f"execution-{self.parts.ids.new()}"
        self.parts.executions.under_way.add(name)
        return name

    def begin(self, kind: RunKind, parent: str | None = None, **given: Any) -> StartedRun:
        """Begin a run in an execution that stays under way."""
        given = {"migration": self.world.migration.name, **given}
        return begin_run(self.world, kind, given, self.execution(), parent)

    def work(self, started: StartedRun) -> None:
        """Work through all segments of a begun run once, as the Map does."""
        self._wait(started.begin_at)
        for each in self.world.archive.load(started.segments_uri):
            work = partial(work_segment, self.world, **each)
            while not work(until=FOREVER):
                pass

    def finish(self, started: StartedRun) -> Run:
        """Finish a run as the machine does: segments that a pause left behind go on first."""
        run = finish_run(self.world, started.run_id)
        while run.active:
            self.work(started)
            run = finish_run(self.world, started.run_id, run.taken_back)
        self.end_execution(run)
        return run

    def end_execution(self, run: Run) -> None:
        """Let a run's execution be over, whatever the run itself says."""
        self.parts.executions.under_way.discard(run.execution or "")

    def job(self, kind: RunKind, parent: str | None = None, **given: Any) -> Run:
        """Run a job to its end."""
        started = self.begin(kind, parent, **given)
        if not started.ended:
            self.work(started)
        return self.finish(started)

    def dry_run(self, **given: Any) -> Run:
        return self.job(RunKind.BACKFILL, dry_run=True, **given)

    def backfill(self, **given: Any) -> Run:
        return self.job(RunKind.BACKFILL, **given)

    def validate(self, **given: Any) -> Run:
        return self.job(RunKind.VALIDATE, **given)

    # -- journeys

    def migrate(self, on_step: OnStep | None = None, **given: Any) -> Run:
        return self.journey(RunKind.MIGRATE, on_step, **given)

    def rollback(self, on_step: OnStep | None = None, **given: Any) -> Run:
        return self.journey(RunKind.ROLLBACK, on_step, **given)

    def journey(self, kind: RunKind, on_step: OnStep | None = None, **given: Any) -> Run:
        """Begin a journey and go it to its end; `on_step` acts before each step is taken."""
        return self.go_on(self.begin_journey(kind, **given), on_step)

    def begin_journey(self, kind: RunKind, **given: Any) -> Run:
        given = {"migration": self.world.migration.name, **given}
        execution = self.execution()
        return begin_journey(self.world, kind, given, execution)

    def go_on(self, run: Run, on_step: OnStep | None = None) -> Run:
        """Take step after step; an error closes the runs as the state machine would, and rises."""
        try:
            for _ in range(LONGEST_JOURNEY):
                step = plan_step(self.world, run.run_id)
                if on_step:
                    on_step(step)
                self._take(run, step)
                if step.kind == "FINISH":
                    return finish_journey(self.world, run.run_id)
        except CutoverError as error:
            record_failure(self.world, [run.run_id], type(error).__name__, error.message)
            raise
        finally:
            self.end_execution(run)
        raise AssertionError(f"no end after {LONGEST_JOURNEY} steps, in {self.phase}")

    def fail(self, run: Run, error: str, cause: str) -> Ended:
        """End a run as the state machine does that caught an error."""
        ended = record_failure(self.world, [run.run_id], error, cause)
        self.end_execution(run)
        return ended

    def _take(self, run: Run, step: Step) -> None:
        match step.kind:
            case "CHECK":
                check_preflight(self.world, run.run_id)
            case "BACK_UP" | "ARCHIVE":
                purpose = "backup" if step.kind == "BACK_UP" else "archive"
                while not (export := export_source(self.world, run.run_id, purpose)).done:
                    self._wait(export.check_at)
            case "WAIT":
                assert step.until is not None
                self._wait(step.until)
            case "MOVE":
                assert step.to is not None
                move(self.world, run.run_id, step.to, step.percent)
            case "DELETE":
                delete_source(self.world, run.run_id)
            case "APPROVE":
                assert step.gate is not None
                request_approval(self.world, run.run_id, step.gate, run.run_id)
                if (run.run_id, step.gate) not in self.parts.executions.woken:
                    self.approve(step.gate)
                if (run.run_id, step.gate) not in self.parts.executions.woken:
                    self.approve(step.gate, approver="Bob")  # nobody knows who began this
                assert self.parts.executions.woken.pop() == (run.run_id, step.gate)
            case "FINISH":
                pass
            case job:
                given = {k: v for k, v in step.given.items() if k != "migration"}
                self.job(JOBS[job], run.run_id, **given)

    def approve(self, gate: Phase, **given: Any) -> None:
        """Approve a phase as a person does who has read everything."""
        given = {"approver": "Ada", "table": self.world.migration.source.name, **given}
        approve(self.world, gate, reason="looks good", **given)

    def sync(self) -> int:
        """Work off the keys whose replica lags; return how many it made follow.

        What nobody can decide goes where a dead-letter queue would keep it.
        """
        keys, self.parts.syncs.keys = self.parts.syncs.keys, []
        followed = 0
        for key in keys:
            try:
                followed += sync(self.world, key)
            except RecordHeld:
                self.dead.append(key)
        return followed

    def _wait(self, until: float) -> None:
        self.sync()
        self.pass_time(max(0.0, until - self.parts.clock.wall()))

    # -- shortcuts

    def go_to(self, phase: Phase, percent: int = 100) -> None:
        """Bring the migration to a phase, settled and with nobody in the way."""
        if phase.order < self.phase.order:
            self.rollback(to_phase=phase.value)
        elif phase.order > self.phase.order:
            self.migrate(approve="auto", until=phase.value, ramp=[percent])
        assert self.phase is phase, self.phase
        self.settle()


def stage(
    *items: Item,
    phase: Phase = Phase.OFF,
    environment: Environment = LOCAL,
    migration: TableToTable = MIGRATION,
    percent: int = 100,
) -> Conductor:
    """Return a migration whose v1 holds these items, in a phase."""
    if phase in DETOURS:
        migration = replace(migration, mode=AVAILABILITY_FIRST.mode)
    parts = memory_parts(migration)
    parts.store.load(Side.SOURCE, *items)
    conductor = Conductor(parts, parts.world(environment))
    conductor.go_to(phase, percent)
    return conductor


def way_through(*phases: Phase) -> TableToTable:
    """Return the migration whose way leads through these phases, by a detour only if need be."""
    return AVAILABILITY_FIRST if set(phases) & set(DETOURS) else MIGRATION


def key(name: str) -> Key:
    """Return the key of a made-up employee, the same in both tables."""
    return Key(f"EMPLOYEE#{name}", "PROFILE")


def person(name: str, **attributes: Value) -> Item:
    """Return an employee in v2's shape, as a create request gives it."""
    return {**place(name), "employee_id": name, **attributes}


def legacy(name: str, **attributes: Value) -> Item:
    """Return an employee in v1's shape as code older than the wrapper wrote it."""
    return {**place(name), **attributes}


def place(name: str) -> Item:
    """Return the key attributes of a made-up employee."""
    return {"PK": f"EMPLOYEE#{name}", "SK": "PROFILE"}
