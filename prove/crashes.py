"""Crashes at every step: each kind of run dies once at each of its port calls, and goes on.

The end is held against that of the run that did not crash: both tables, the phase, the denial of
writes, whether there is a certificate, and what was counted. A run goes on in one of three ways:
the state machine calls the function that died again; it ends as failed and is started again; or
nobody noticed its end, and it is started again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import Any

from prove.conduct import Conduct
from prove.dying import Doom, DoomedPort, Execution
from prove.forks import forked
from prove.scheduler import Crash
from prove.stage import own
from prove.toy import ENVIRONMENT, FIRST, MIGRATION, legacy, person
from shared.engine.failures import record_failure
from shared.engine.records import Records
from shared.engine.world import PairedWorld
from shared.memory.clock import MemoryClock
from shared.memory.world import MemoryParts, memory_parts
from shared.model.declaration import TableToTable
from shared.model.errors import CutoverError, Throttled
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from shared.model.writes import Action, Side
from shared.ports import Tables

WAYS = ("called again", "failed and started again", "abandoned and started again")
"""How a run goes on after a crash."""

PORTS = (
    *("tables", "control", "ledger", "archive", "exports"),
    *("administration", "executions", "syncs"),
)


@dataclass(frozen=True, slots=True)
class Journey:
    """One kind of run, where it begins and what it is given."""

    kind: RunKind
    phase: Phase
    given: dict[str, Any]
    first: bool = False
    """Whether the migration is availability-first; its detours are left with a replica behind."""

    def __str__(self) -> str:
        mode = ", availability first" if self.first else ""
        return f"{self.kind} from {self.phase}{mode}"


SMALL = {"batch_size": 2, "total_segments": 2}

KINDS = (
    Journey(RunKind.DRY_RUN, Phase.OFF, {"dry_run": True, **SMALL}),
    Journey(RunKind.BACKFILL, Phase.DUAL_WRITE, SMALL),
    Journey(RunKind.VALIDATE, Phase.DUAL_WRITE, {"repair": True}),
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
    """Records of which the copy is in v2, whoever wrote it."""
    queued: int
    """Records whose replica is still to follow."""


SLICES = 8
"""Into how many pieces of work the crashes of one kind of run are parted."""


def crash_everywhere(jobs: int = 1) -> Iterator[Crashes]:
    """Yield what came of each kind of run, as soon as all of its crashes are done."""
    for journey in KINDS:
        _stage(journey.phase, first=journey.first)  # set once, before the processes part
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
    parts = _stage(journey.phase, first=journey.first)
    clock = MemoryClock(parts.clock.wall())
    parts = replace(parts.copy(clock), clock=clock)
    plain = parts.world(ENVIRONMENT)
    ports: dict[str, Any] = {name: DoomedPort(getattr(plain, name), doom) for name in PORTS}
    world = replace(plain, **ports)
    execution = Execution(world, parts, again=way == WAYS[0])
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


def _ending(parts: MemoryParts[TableToTable], journey: Journey, run: Run) -> Ending:
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
        queued=len(parts.syncs.keys),
    )


def _rows(parts: MemoryParts[TableToTable], side: Side) -> tuple[str, ...]:
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
def _stage(phase: Phase, *, first: bool) -> MemoryParts[TableToTable]:
    """Return a migration with a handful of records of every sort, in a phase."""
    parts = memory_parts(FIRST if first else MIGRATION)
    world = parts.world(ENVIRONMENT)
    conduct = Conduct(world, parts.executions, parts.syncs)
    parts.store.load(Side.SOURCE, *(legacy(name, name="old", project="p") for name in "abcde"))
    records = Records(world)
    records.create(person("f", name="new", team="t"), Key("f"))
    if phase is Phase.OFF:
        return parts
    conduct.job(RunKind.DRY_RUN)
    conduct.reach(Phase.DUAL_AF if first else Phase.DUAL_WRITE)
    conduct.settle()
    records.create(person("g", name="new", team="t"), Key("g"))
    if phase is Phase.DUAL_AF:
        _leave_behind(world)
    if phase in (Phase.DUAL_WRITE, Phase.DUAL_AF):
        return parts
    _single_writes(conduct, records)
    if phase is Phase.ARCHIVED:
        conduct.journey(RunKind.MIGRATE, until="ARCHIVED", approve="auto")
    if phase is Phase.V2_AF:
        conduct.reach(Phase.V2_AF)
        conduct.settle()
        _leave_behind(world)
    return parts


class _DeadReplica:
    """Tables of which the replica cannot be written, outside of transactions."""

    def __init__(self, tables: Tables, replica: Side) -> None:
        self._tables = tables
        self._replica = replica

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def write(self, action: Action) -> Item | None:
        """Refuse what the replica is to take."""
        if action.side is self._replica:
            raise Throttled("the replica is dead")
        return self._tables.write(action)


def _leave_behind(world: PairedWorld) -> None:
    """Change, remove and make records that the replica of a detour does not follow."""
    phase = world.control.read(MIGRATION.name).phase
    dead: Any = _DeadReplica(world.tables, phase.primary.other)
    records = Records(replace(world, tables=dead))
    records.update(Key("c"), {"name": "changed"}, (), None)
    records.update(Key("g"), {"name": "changed"}, (), None)
    records.delete(Key("d"), None)
    records.create(person("i", name="made"), Key("i"))


def _single_writes(conduct: Conduct, records: Records) -> None:
    """Go on to WRITE_V2_ONLY and write there what v1 does not get."""
    conduct.journey(RunKind.MIGRATE, until="WRITE_V2_ONLY", approve="auto")
    conduct.settle()
    records.update(Key("a"), {"name": "newer", "note": "n"}, (), None)
    records.delete(Key("b"), None)
    records.delete(Key("f"), None)
    records.create(person("f", name="newest"), Key("f"))
    records.create(person("h", name="new"), Key("h"))
