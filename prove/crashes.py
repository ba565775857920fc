"""Crashes at every step: each kind of run dies once at each of its port calls, and goes on.

The end is held against that of the run that did not crash: both tables, the phase, the denial of
writes, whether there is a certificate, and what was counted. A run goes on in one of three ways:
the state machine calls the function that died again; it ends as failed and is started again; or
nobody noticed its end, and it is started again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, TypeVar

from prove.conduct import FOREVER, WORK, Conduct
from prove.scheduler import Crash
from prove.stage import own
from prove.toy import ENVIRONMENT, MIGRATION, legacy, person
from shared.engine.archive import delete_source, export_source
from shared.engine.cutover import move
from shared.engine.failures import record_failure
from shared.engine.itinerary import Step
from shared.engine.journey import begin_journey, finish_journey, plan_step
from shared.engine.preflight import check_preflight
from shared.engine.records import Records
from shared.engine.runs import begin_run, finish_run
from shared.engine.world import World
from shared.memory.clock import MemoryClock
from shared.memory.world import MemoryParts, memory_parts
from shared.model.errors import CutoverError
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from shared.model.writes import Side

JOBS = {"DRY_RUN": True, "BACKFILL": False, "VALIDATE": False}
STEPS = 300
"""Steps after which a journey counts as one that never ends."""

WAYS = ("called again", "failed and started again", "abandoned and started again")
"""How a run goes on after a crash."""

PORTS = (
    *("tables", "control", "ledger", "archive", "exports"),
    *("administration", "executions"),
)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Journey:
    """One kind of run, where it begins and what it is given."""

    kind: RunKind
    phase: Phase
    given: dict[str, Any]


SMALL = {"batch_size": 2, "total_segments": 2}

KINDS = (
    Journey(RunKind.DRY_RUN, Phase.OFF, {"dry_run": True, **SMALL}),
    Journey(RunKind.BACKFILL, Phase.DUAL_WRITE, SMALL),
    Journey(RunKind.VALIDATE, Phase.DUAL_WRITE, {"repair": True}),
    Journey(RunKind.MIGRATE, Phase.OFF, {"until": "DECOMMISSIONED", "approve": "auto"}),
    Journey(RunKind.ROLLBACK, Phase.WRITE_V2_ONLY, {"to_phase": "OFF"}),
    Journey(RunKind.ROLLBACK, Phase.ARCHIVED, {"to_phase": "OFF"}),
)


@dataclass(slots=True)
class Crashes:
    """What came of crashing one kind of run at each of its calls."""

    journey: Journey
    calls: int = 0
    crashes: int = 0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        alike = self.crashes - len(self.failures)
        return (
            f"{self.journey.kind} from {self.journey.phase}: {self.calls} port calls, "
            f"{self.crashes} crashes, {alike} ended as the run that did not crash"
        )


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

    def __init__(self, world: World, parts: MemoryParts, *, again: bool) -> None:
        self.world = world
        self._parts = parts
        self._again = again
        self.run_ids: list[str] = []
        self.name = f"execution-{parts.ids.new()}"
        parts.executions.under_way.add(self.name)

    def end(self) -> None:
        """Let the execution be over."""
        self._parts.executions.under_way.discard(self.name)

    def perform(self, journey: Journey, resumed: str | None) -> Run:
        """Go from the first state to the last."""
        given = {"migration": MIGRATION.name, **journey.given}
        if journey.kind in (RunKind.MIGRATE, RunKind.ROLLBACK):
            return self._journey(journey.kind, given)
        if resumed is not None:
            given["resume_run_id"] = resumed
        kind = RunKind.BACKFILL if journey.kind is RunKind.DRY_RUN else journey.kind
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
            for segment in self._parts.archive.load(started.segments_uri):
                work = WORK[started.kind]
                values = (segment["run_id"], segment["name"], segment["attempt"], FOREVER)
                self._step(work, *values)
        return self._step(finish_run, started.run_id)

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
            case "MOVE":
                self._step(move, run.run_id, step.to, step.percent)
            case "DELETE":
                self._step(delete_source, run.run_id)
            case job:
                kind = RunKind.VALIDATE if job == "VALIDATE" else RunKind.BACKFILL
                self._job(kind, step.given, run.run_id)
                self.run_ids.pop()

    def _wait(self, until: float) -> None:
        self._parts.clock.advance(max(0.0, until - self._parts.clock.wall()))


@dataclass(frozen=True, slots=True)
class Ending:
    """What is left when a run is over."""

    phase: Phase
    percent: int
    certified: bool
    denied: bool
    source: tuple[str, ...]
    target: tuple[str, ...]
    status: RunStatus
    scanned: int
    settled: int
    """Records of which the copy is in v2, whoever wrote it."""


def crash_everywhere(every: int = 1) -> Iterator[Crashes]:
    """Yield the result of each kind of run; `every` leaves calls out for a shorter test."""
    for journey in KINDS:
        yield crashed(journey, every)


def crashed(journey: Journey, every: int = 1) -> Crashes:
    """Crash one kind of run at its calls, in every way."""
    result = Crashes(journey)
    doom = Doom()
    expected, _ = _performed(journey, doom, WAYS[0])
    result.calls = doom.calls
    for number in range(1, doom.calls + 1, every):
        for after in (False, True):
            for way in WAYS:
                result.crashes += 1
                where = f"call {number} {'after' if after else 'before'}, {way}"
                try:
                    ended, _ = _performed(journey, Doom(number, after=after), way)
                except CutoverError as error:
                    result.failures.append(f"{where}: {error!r}")
                    continue
                if ended != expected:
                    result.failures.append(f"{where}: {_difference(expected, ended)}")
    return result


def _performed(journey: Journey, doom: Doom, way: str) -> tuple[Ending, Run]:
    """Do a run, and once more when it died."""
    parts = _stage(journey.phase)
    clock = MemoryClock(parts.clock.wall())
    parts = replace(parts.copy(clock), clock=clock)
    plain = parts.world(ENVIRONMENT)
    ports: dict[str, Any] = {name: DoomedPort(getattr(plain, name), doom) for name in PORTS}
    world = replace(plain, **ports)
    execution = Execution(world, parts, again=way == WAYS[0])
    try:
        run = execution.perform(journey, None)
    except Crash:
        if way == WAYS[1]:
            record_failure(plain, execution.run_ids, "Lambda.Unknown", "it died")
        execution.end()
        known = execution.run_ids or [each.run_id for each in plain.ledger.runs(MIGRATION.name, 1)]
        mine = plain.ledger.load(known[0]) if known else None
        resumable = journey.kind in (RunKind.BACKFILL, RunKind.DRY_RUN)
        resumed = mine.run_id if mine and resumable and mine.kind is journey.kind else None
        run = Execution(world, parts, again=False).perform(journey, resumed)
    return _ending(parts, journey, run), run


def _ending(parts: MemoryParts, journey: Journey, run: Run) -> Ending:
    state = parts.control.read(MIGRATION.name)
    there = parts.store.exists(Side.SOURCE)
    counts = run.counts
    return Ending(
        phase=state.phase,
        percent=state.percent,
        certified=state.certificate is not None,
        denied=there and parts.store.table(Side.SOURCE).denied,
        source=_rows(parts, Side.SOURCE) if there else (),
        target=_rows(parts, Side.TARGET),
        status=run.status,
        # a journey that is started again counts its own jobs only
        scanned=0 if journey.kind in (RunKind.MIGRATE, RunKind.ROLLBACK) else counts.scanned,
        settled=counts.written + counts.already_present if journey.kind is RunKind.BACKFILL else 0,
    )


def _rows(parts: MemoryParts, side: Side) -> tuple[str, ...]:
    """Return a table's records, stamp included but for the id of the last write."""
    rows = []
    for item in parts.store.items(side):
        stamp = MIGRATION.stamps.read(item)
        rows.append(f"{sorted(own(item).items())} {stamp.version} {stamp.birth}")
    return tuple(sorted(rows))


def _difference(expected: Ending, ended: Ending) -> str:
    names = [name for name in Ending.__slots__ if getattr(expected, name) != getattr(ended, name)]
    told = [f"{name} {getattr(ended, name)} not {getattr(expected, name)}" for name in names]
    return "; ".join(told)


@cache
def _stage(phase: Phase) -> MemoryParts:
    """Return a migration with a handful of records of every sort, in a phase."""
    parts = memory_parts(MIGRATION)
    world = parts.world(ENVIRONMENT)
    conduct = Conduct(world, parts.executions)
    parts.store.load(Side.SOURCE, *(legacy(name, name="old", project="p") for name in "abcde"))
    records = Records(world)
    records.create(person("f", name="new", team="t"), Key("f"))
    if phase is Phase.OFF:
        return parts
    conduct.job(RunKind.DRY_RUN)
    conduct.reach(Phase.DUAL_WRITE)
    conduct.settle()
    records.create(person("g", name="new", team="t"), Key("g"))
    if phase is Phase.DUAL_WRITE:
        return parts
    _single_writes(conduct, records)
    if phase is Phase.ARCHIVED:
        conduct.journey(RunKind.MIGRATE, until="ARCHIVED", approve="auto")
    return parts


def _single_writes(conduct: Conduct, records: Records) -> None:
    """Go on to WRITE_V2_ONLY and write there what v1 does not get."""
    conduct.journey(RunKind.MIGRATE, until="WRITE_V2_ONLY", approve="auto")
    conduct.settle()
    records.update(Key("a"), {"name": "newer", "note": "n"}, (), None)
    records.delete(Key("b"), None)
    records.delete(Key("f"), None)
    records.create(person("f", name="newest"), Key("f"))
    records.create(person("h", name="new"), Key("h"))
