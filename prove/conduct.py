"""Drives a migration as its operator and its state machines do: moves, jobs, journeys.

The same code sets a stage before a run, one step after the other, and acts in it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from prove.follower import Follower
from shared.engine.archive import delete_source, export_source
from shared.engine.cutover import approve, move, move_by_hand
from shared.engine.failures import record_failure
from shared.engine.itinerary import Step
from shared.engine.jobs import work_segment
from shared.engine.journey import begin_journey, finish_journey, plan_step
from shared.engine.preflight import check_preflight
from shared.engine.runs import StartedRun, begin_run, finish_run
from shared.engine.world import World
from shared.memory.executions import MemoryExecutions
from shared.memory.key_queue import MemoryKeyQueue
from shared.model.errors import CutoverError, GuardRefused, StoreError, Superseded, WorkerFailed
from shared.model.moves import Guard
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus

JOBS = {
    "DRY_RUN": RunKind.DRY_RUN,
    "BACKFILL": RunKind.BACKFILL,
    "VALIDATE": RunKind.VALIDATE,
    "RESTORE": RunKind.RESTORE,
}
FOREVER = 1e15
TRIES = 12
LONGEST_JOURNEY = 120

Piece = Callable[[World], None]
Team = Callable[[Sequence[Piece]], None]
"""Has pieces of work done, each in a process of its own, and returns when all are done or dead."""


class GaveUp(Exception):
    """The operator could not get where the scenario wanted to go; the run is judged as it is."""


class Conduct:
    """The hand of an operator, over one world."""

    def __init__(
        self,
        world: World,
        executions: MemoryExecutions,
        queue: MemoryKeyQueue,
        team: Team | None = None,
        ended: Callable[[Run], None] = lambda _run: None,
    ) -> None:
        self.world = world
        self._queue = queue
        self.branches: set[str] = set()
        self._executions = executions
        self._team = team or self._alone
        self._ended = ended

    # -- moves

    def reach(self, phase: Phase, percent: int | None = None) -> None:
        """Move to a phase, meeting whatever guard stands before it."""
        for _ in range(TRIES):
            try:
                move_by_hand(self.world, phase, percent, actor="prove", reason="a scenario")
                return
            except Superseded:
                continue
            except GuardRefused as refused:
                self._meet(refused.missing, phase)
            except StoreError:
                self.world.clock.sleep(0.5)
                if self.world.control.read(self.world.migration.name).phase is phase:
                    return  # the answer was lost, the move was not
        raise GaveUp(f"{phase} could not be reached")

    def back_and_forth(self, phases: Sequence[Phase]) -> None:
        """Reach one phase after the other."""
        for phase in phases:
            self.reach(phase)

    def settle(self) -> None:
        """Wait until nobody acts on an older phase and no worker of old writes."""
        timing = self.world.environment.timing
        self.world.clock.sleep(timing.settle + timing.fence)

    def _meet(self, missing: Sequence[str], phase: Phase) -> None:
        if not missing or missing[0] not in set(Guard):
            raise GaveUp(f"{phase} was refused for good")
        match Guard(missing[0]):
            case Guard.SETTLED | Guard.SOAKED:
                state = self.world.control.read(self.world.migration.name)
                now = self.world.clock.wall()
                self.world.clock.sleep(state.settled_at(now, self.world.environment.timing) - now)
            case Guard.SYNCED:
                self._sync()
            case Guard.APPROVED:
                approve(
                    self.world,
                    phase,
                    approver="prove",
                    reason="a scenario",
                    table=self.world.migration.source.name,
                )
            case Guard.DRY_RUN:
                self.job(RunKind.DRY_RUN)
            case Guard.BACKFILLED:
                self.job(RunKind.BACKFILL)
            case Guard.CERTIFICATE:
                self.job(RunKind.VALIDATE, repair=True)
            case Guard.RESTORED:
                self.job(RunKind.RESTORE, lower=True)
            case guard:
                raise GaveUp(f"{phase} lacks {guard}")

    def _sync(self) -> None:
        """Have the keys synced that wait for it, as the queue's function does all the time."""
        if not self._queue.keys:
            return
        follower = Follower(self.branches, self._queue)
        self._team([follower.drain])
        if self._queue.keys:
            self.world.clock.sleep(1.0)

    # -- jobs

    def job(self, kind: RunKind, parent: str | None = None, **given: Any) -> Run | None:
        """Run a job to its end; None when it was refused or failed."""
        execution = f"execution-{self.world.ids.new()}"
        self._executions.under_way.add(execution)
        given = {"migration": self.world.migration.name, **given}
        if kind is RunKind.DRY_RUN:
            kind, given = RunKind.BACKFILL, {**given, "dry_run": True}
        started: StartedRun | None = None
        try:
            started = begin_run(self.world, kind, given, execution, parent)
            if not started.ended:
                self._wait(started.begin_at)
                self._work(started)
            run = finish_run(self.world, started.run_id)
            while run.active:
                self._work(started)
                run = finish_run(self.world, started.run_id, run.taken_back)
        except CutoverError as error:
            if started is not None:
                self._close(started.run_id, error)
            return None
        finally:
            self._executions.under_way.discard(execution)
        self._ended(run)
        return run

    def _work(self, started: StartedRun) -> None:
        pieces: list[Piece] = [
            partial(work_at, each) for each in self.world.archive.load(started.segments_uri)
        ]
        self._team(pieces)

    def _alone(self, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            piece(self.world)

    def _close(self, run_id: str, error: CutoverError) -> None:
        for _ in range(TRIES):
            try:
                record_failure(self.world, [run_id], type(error).__name__, error.message)
                return
            except (StoreError, Superseded):
                self.world.clock.sleep(0.5)

    def _wait(self, until: float) -> None:
        self.world.clock.sleep(max(0.0, until - self.world.clock.wall()))

    # -- journeys

    def journey(self, kind: RunKind, **given: Any) -> Run:
        """Go a journey to its end, as its state machine does."""
        execution = f"execution-{self.world.ids.new()}"
        self._executions.under_way.add(execution)
        try:
            run = begin_journey(
                self.world, kind, {"migration": self.world.migration.name, **given}, execution
            )
            return self.go_on(run)
        finally:
            self._executions.under_way.discard(execution)

    def go_on(self, run: Run) -> Run:
        """Take the steps of a journey that has begun."""
        try:
            for _ in range(LONGEST_JOURNEY):
                step = plan_step(self.world, run.run_id)
                if step.kind == "FINISH":
                    return finish_journey(self.world, run.run_id)
                self._take(run, step)
        except CutoverError as error:
            self._close(run.run_id, error)
            raise
        raise WorkerFailed(f"no end after {LONGEST_JOURNEY} steps")

    def _take(self, run: Run, step: Step) -> None:
        match step.kind:
            case "CHECK":
                check_preflight(self.world, run.run_id)
            case "BACK_UP" | "ARCHIVE":
                purpose = "backup" if step.kind == "BACK_UP" else "archive"
                while not (export := export_source(self.world, run.run_id, purpose)).done:
                    self._wait(export.check_at)
            case "WAIT":
                self._wait(step.until or 0.0)
                self._sync()
            case "MOVE" if step.to is not None:
                move(self.world, run.run_id, step.to, step.percent)
            case "DELETE":
                delete_source(self.world, run.run_id)
            case job:
                given = {name: v for name, v in step.given.items() if name != "migration"}
                done = self.job(JOBS[job], run.run_id, **given)
                if done is None or done.status is RunStatus.SUPERSEDED:
                    raise Superseded("a job of the journey did not end well")


def work_at(segment: dict[str, Any], world: World) -> None:
    """Work at one segment until it is done or somebody else has taken it over."""
    while not work_segment(world, **segment, until=FOREVER):
        pass
