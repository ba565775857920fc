"""Crashes at every step: each kind of run dies once at each of its port calls, and goes on.

The end is held against that of the run that did not crash: both tables, the phase, the denial of
writes, whether there is a certificate, and what was counted. A run goes on in one of three ways:
the state machine calls the function that died again; it ends as failed and is started again; or
nobody noticed its end, and it is started again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from prove.crash_stages import paired_stage
from prove.dying import Doom, DoomedPort, Execution
from prove.forks import forked
from prove.in_place.crash_stage import in_place_stage, without_snapshot
from prove.scheduler import Crash
from prove.stage import own
from prove.toy import ENVIRONMENT, MIGRATION
from shared.engine.failures import record_failure
from shared.memory.clock import MemoryClock
from shared.memory.world import MemoryParts
from shared.model.errors import CutoverError
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from shared.model.writes import Side

WAYS = ("called again", "failed and started again", "abandoned and started again")
"""How a run goes on after a crash."""

PORTS = (
    *("tables", "control", "ledger", "archive", "snapshots", "exports"),
    *("administration", "executions", "syncs", "references", "alarms", "dead_letters"),
    *("notifications", "measurements"),
)


@dataclass(frozen=True, slots=True)
class Journey:
    """One kind of run, where it begins and what it is given."""

    kind: RunKind
    phase: Phase
    given: dict[str, Any]
    first: bool = False
    """Whether the migration is availability-first; its detours are left with a replica behind."""

    in_place: bool = False
    """Whether the migration is within one table."""

    pauses: bool = False
    """Whether it is paused, and that is taken back when its workers have stopped for it."""

    def __str__(self) -> str:
        mode = ", availability first" if self.first else ", in place" if self.in_place else ""
        what = " with ".join(("", *(name for name in ("keys", "lower") if name in self.given)))
        pause = ", its pause taken back" if self.pauses else ""
        return f"{self.kind}{what} from {self.phase}{mode}{pause}"

    def stage(self) -> MemoryParts[Any]:
        """Return where it begins."""
        if self.in_place:
            return in_place_stage(self.phase)
        return paired_stage(self.phase, first=self.first)


SMALL = {"batch_size": 2, "total_segments": 2}

KINDS = (
    Journey(RunKind.DRY_RUN, Phase.OFF, {"dry_run": True, **SMALL}),
    Journey(RunKind.BACKFILL, Phase.DUAL_WRITE, SMALL),
    Journey(RunKind.BACKFILL, Phase.DUAL_WRITE, SMALL, pauses=True),
    Journey(RunKind.VALIDATE, Phase.DUAL_WRITE, {"repair": True}),
    Journey(RunKind.VALIDATE, Phase.DUAL_WRITE, {"repair": True}, pauses=True),
    Journey(RunKind.MIGRATE, Phase.OFF, {"until": "DECOMMISSIONED", "approve": "auto"}),
    Journey(RunKind.ROLLBACK, Phase.WRITE_V2_ONLY, {"to_phase": "OFF"}),
    Journey(RunKind.ROLLBACK, Phase.ARCHIVED, {"to_phase": "OFF"}),
    Journey(RunKind.MIGRATE, Phase.OFF, {"until": "VALIDATE", "approve": "auto"}, first=True),
    Journey(
        RunKind.MIGRATE, Phase.DUAL_AF, {"until": "WRITE_V2_ONLY", "approve": "auto"}, first=True
    ),
    Journey(RunKind.ROLLBACK, Phase.DUAL_AF, {"to_phase": "OFF"}, first=True),
    Journey(RunKind.MIGRATE, Phase.V2_AF, {"until": "ARCHIVED", "approve": "auto"}, first=True),
    Journey(RunKind.ROLLBACK, Phase.V2_AF, {"to_phase": "OFF"}, first=True),
    Journey(RunKind.ROLLBACK, Phase.WRITE_V2_ONLY, {"to_phase": "OFF"}, first=True),
    Journey(RunKind.DRY_RUN, Phase.OFF, {"dry_run": True, **SMALL}, in_place=True),
    Journey(RunKind.BACKFILL, Phase.WRITE_NEW, SMALL, in_place=True),
    Journey(RunKind.VALIDATE, Phase.VALIDATE, {"repair": True}, in_place=True),
    Journey(RunKind.RESTORE, Phase.READ_BOTH, {"batch_size": 2}, in_place=True),
    Journey(RunKind.RESTORE, Phase.READ_BOTH, {"batch_size": 2, "lower": True}, in_place=True),
    Journey(RunKind.ROLLBACK, Phase.VALIDATE, {"keys": ["a", "d", "e"]}, in_place=True),
    Journey(RunKind.MIGRATE, Phase.OFF, {"until": "DONE", "approve": "auto"}, in_place=True),
    Journey(RunKind.ROLLBACK, Phase.DONE, {"to_phase": "OFF"}, in_place=True),
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
            f"{self.journey}: {self.calls} port calls, "
            f"{self.crashes} crashes, {alike} ended as the run that did not crash"
        )


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
    """Records of which the copy is in v2, or that have the shape they are to have."""
    queued: int
    """Records whose replica is still to follow."""
    lost: int
    """Upgraded records that no snapshot has as they were."""


SLICES = 8
"""Into how many pieces of work the crashes of one kind of run are parted."""


def crash_everywhere(jobs: int = 1) -> Iterator[Crashes]:
    """Yield what came of each kind of run, as soon as all of its crashes are done."""
    for journey in KINDS:
        journey.stage()  # set once, before the processes part
    work = [(kind, at) for kind in range(len(KINDS)) for at in range(SLICES)]
    with forked(jobs) as pool:
        done = pool.imap(_slice, work)
        for _ in KINDS:
            yield _together([next(done) for _ in range(SLICES)])


def _slice(task: tuple[int, int]) -> Crashes:
    kind, first = task
    return crashed(KINDS[kind], SLICES, first)


def _together(parts: Sequence[Crashes]) -> Crashes:
    result = Crashes(parts[0].journey, parts[0].calls)
    for part in parts:
        result.crashes += part.crashes
        result.failures += part.failures
    return result


def crashed(journey: Journey, every: int = 1, first: int = 0) -> Crashes:
    """Crash one kind of run at its calls, or at one in `every`, in every way."""
    result = Crashes(journey)
    doom = Doom()
    expected, _ = _performed(journey, doom, WAYS[0])
    result.calls = doom.calls
    for number in range(1 + first, doom.calls + 1, every):
        for after, way in product((False, True), WAYS):
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
    parts = journey.stage()
    clock = MemoryClock(parts.clock.wall())
    parts = replace(parts.copy(clock), clock=clock)
    plain = parts.world(ENVIRONMENT)
    ports: dict[str, Any] = {name: DoomedPort(getattr(plain, name), doom) for name in PORTS}
    world = replace(plain, **ports)
    execution = Execution(world, parts, again=way == WAYS[0], pauses=journey.pauses)
    try:
        run = execution.perform(journey.kind, journey.given, None)
    except Crash:
        if way == WAYS[1]:
            record_failure(plain, execution.run_ids, "Lambda.Unknown", "it died")
        execution.end()
        known = execution.run_ids or [each.run_id for each in plain.ledger.runs(MIGRATION.name, 1)]
        mine = plain.ledger.load(known[0]) if known else None
        resumable = journey.kind in (RunKind.BACKFILL, RunKind.DRY_RUN)
        resumed = mine.run_id if mine and resumable and mine.kind is journey.kind else None
        run = Execution(world, parts, again=False).perform(journey.kind, journey.given, resumed)
    return _ending(parts, journey, run), run


def _ending(parts: MemoryParts[Any], journey: Journey, run: Run) -> Ending:
    state = parts.control.read(MIGRATION.name)
    there = parts.store.exists(Side.SOURCE)
    counts = run.counts
    return Ending(
        phase=state.phase,
        percent=state.percent,
        certified=state.certificate is not None,
        denied=there and parts.store.table(Side.SOURCE).denied,
        source=_rows(parts, Side.SOURCE) if there else (),
        target=() if journey.in_place else _rows(parts, Side.TARGET),
        status=run.status,
        # a journey that is started again counts its own jobs only
        scanned=0 if journey.kind in (RunKind.MIGRATE, RunKind.ROLLBACK) else counts.scanned,
        settled=_settled(journey, run),
        queued=len(parts.syncs.keys),
        lost=without_snapshot(parts) if journey.in_place else 0,
    )


def _settled(journey: Journey, run: Run) -> int:
    """Return how many records are where the run was to bring them, by whomever."""
    there = run.counts.written + run.counts.already_present
    match journey.kind:
        case RunKind.BACKFILL:
            return there
        case RunKind.RESTORE:
            return there + run.counts.mismatched
        case _:
            return 0


def _rows(parts: MemoryParts[Any], side: Side) -> tuple[str, ...]:
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
