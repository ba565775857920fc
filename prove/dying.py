"""An execution of a state machine whose process dies at one of its port calls."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from prove.conduct import FOREVER, JOBS
from prove.scheduler import Crash
from shared.engine.archive import delete_source, export_source
from shared.engine.cutover import move
from shared.engine.itinerary import Step
from shared.engine.jobs import work_segment
from shared.engine.journey import begin_journey, finish_journey, plan_step
from shared.engine.preflight import check_preflight
from shared.engine.runs import StartedRun, begin_run, finish_run
from shared.engine.sync import sync
from shared.engine.world import World, paired
from shared.memory.world import MemoryParts
from shared.model.runs import Run, RunKind

STEPS = 300
"""Steps after which a journey counts as one that never ends."""

Answer = TypeVar("Answer")


class Doom:
    """Counts port calls and lets the process die in one of them, before or after its effect."""

    def __init__(self, at: int = 0, *, after: bool = False) -> None:
        self.calls = 0
        self._at = at
        self._after = after

    def call(self, effect: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Do a call, unless the process dies first."""
        self.calls += 1
        due = self.calls == self._at
        if due and not self._after:
            raise Crash
        answer = effect(*given, **named)
        if due:
            raise Crash
        return answer


class DoomedPort:
    """A port of a process that may die in any of its calls."""

    def __init__(self, inner: Any, doom: Doom) -> None:
        self._inner = inner
        self._doom = doom

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._doom.call, getattr(self._inner, name))


class Execution:
    """One execution of a state machine, function by function."""

    def __init__(
        self, world: World, parts: MemoryParts[Any], *, again: bool, pauses: bool = False
    ) -> None:
        self.world = world
        self._parts = parts
        self._again = again
        self._pauses = pauses
        self.run_ids: list[str] = []
        self.name = f"execution-{parts.ids.new()}"
        parts.executions.under_way.add(self.name)

    def end(self) -> None:
        """Let the execution be over."""
        self._parts.executions.under_way.discard(self.name)

    def perform(self, kind: RunKind, own: dict[str, Any], resumed: str | None) -> Run:
        """Go from the first state to the last."""
        given = {"migration": self.world.migration.name, **own}
        if kind in (RunKind.MIGRATE, RunKind.ROLLBACK):
            run = self._journey(kind, given)
            self._sync()
            return run
        if resumed is not None:
            given["resume_run_id"] = resumed
        kind = RunKind.BACKFILL if kind is RunKind.DRY_RUN else kind
        return self._job(kind, given, None)

    def _step(self, function: Callable[..., Answer], *given: Any) -> Answer:
        """Call one function; when its process dies, once more where the machine does so."""
        try:
            return function(self.world, *given)
        except Crash:
            if not self._again:
                raise
            return function(self.world, *given)

    def _job(self, kind: RunKind, given: dict[str, Any], parent: str | None) -> Run:
        started = self._step(begin_run, kind, given, self.name, parent)
        self.run_ids.append(started.run_id)
        if not started.ended:
            self._wait(started.begin_at)
            self._map(started)
        run = self._step(finish_run, started.run_id)
        while run.active:
            self._map(started)
            run = self._step(finish_run, started.run_id, run.taken_back)
        return run

    def _map(self, started: StartedRun) -> None:
        """Work at one segment after the other; a pause may be asked for and taken back."""
        ledger = self._parts.ledger
        for segment in self._parts.archive.load(started.segments_uri):
            values = (segment["run_id"], segment["name"], segment["attempt"], FOREVER)
            self._step(work_segment, *values)
            if self._pauses:
                ledger.ask_pause(started.run_id, True)
        if self._pauses:
            ledger.ask_pause(started.run_id, False)
            self._pauses = False

    def _journey(self, kind: RunKind, given: dict[str, Any]) -> Run:
        run = self._step(begin_journey, kind, given, self.name)
        self.run_ids.append(run.run_id)
        for _ in range(STEPS):
            step = self._step(plan_step, run.run_id)
            if step.kind == "FINISH":
                return self._step(finish_journey, run.run_id)
            self._take(run, step)
        raise AssertionError(f"no end after {STEPS} steps")

    def _take(self, run: Run, step: Step) -> None:
        match step.kind:
            case "CHECK":
                self._step(check_preflight, run.run_id)
            case "BACK_UP" | "ARCHIVE":
                purpose = "backup" if step.kind == "BACK_UP" else "archive"
                while not (export := self._step(export_source, run.run_id, purpose)).done:
                    self._wait(export.check_at)
            case "WAIT":
                self._wait(step.until or 0.0)
                self._sync()
            case "MOVE":
                self._step(move, run.run_id, step.to, step.percent)
            case "DELETE":
                self._step(delete_source, run.run_id)
            case job:
                kind = JOBS[job]
                kind = RunKind.BACKFILL if kind is RunKind.DRY_RUN else kind
                self._job(kind, step.given, run.run_id)
                self.run_ids.pop()

    def _sync(self) -> None:
        """Have the queue's function make each replica follow; after a crash its message returns."""
        queue = self._parts.syncs.keys
        while queue:
            try:
                sync(paired(self.world), queue[0])
            except Crash:
                continue
            queue.pop(0)

    def _wait(self, until: float) -> None:
        self._parts.clock.advance(max(0.0, until - self._parts.clock.wall()))
