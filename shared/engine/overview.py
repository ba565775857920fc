"""Where a migration is, for people: the phase, what stands before the next, what runs now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.engine.admission import transform_changed
from shared.engine.exclusions import Exclusions
from shared.engine.guards import Missing, missing
from shared.engine.progress import Expected, Progress, progress_of
from shared.engine.requester import asker_of
from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.moves import move_between, next_towards
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from shared.model.shadow import ShadowTally
from shared.model.writes import Side

RUNS = 20
EVENTS = 10
JOURNEYS = (RunKind.MIGRATE, RunKind.ROLLBACK)
"""Runs that are as far as their phase; all others go through records."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that `status` shows; `ahead` is the next phase and `lacks` what it waits for.

    `progress` says by its id how far each run of a job is that is under way, `compared` what
    shadow reads came to in this step. `lag` is about how many records have yet to follow in the
    other table, in a phase in which it may lag.
    """

    state: ControlState
    settled_at: float
    ahead: Phase | None
    lacks: list[Missing]
    runs: list[Run]
    excluded: frozenset[str]
    events: list[AuditEntry]
    changed_transform: bool
    progress: dict[str, Progress]
    compared: ShadowTally | None
    lag: int | None


def overview(world: World) -> Overview:
    """Return where the migration is now."""
    state = world.control.read(world.migration.name)
    way = world.migration.way
    ahead = next_towards(state.phase, way[-1], way) if state.phase is not way[-1] else None
    runs = world.ledger.runs(state.migration, RUNS)
    progress = {
        run.run_id: _progress(world, run, runs)
        for run in runs
        if run.active and run.kind not in JOURNEYS
    }
    return Overview(
        state=state,
        settled_at=state.settled_at(world.clock.wall(), world.environment.timing),
        ahead=ahead,
        lacks=_lacks(world, state, ahead, runs),
        runs=[_counted(run, progress) for run in runs],
        excluded=Exclusions(world).keys(state),
        events=world.ledger.audit(state.migration, EVENTS),
        changed_transform=_transform_matters(ahead, state) and transform_changed(world, state),
        progress=progress,
        compared=_compared(world, state),
        lag=world.syncs.waiting() if state.phase.follows else None,
    )


def _lacks(
    world: World, state: ControlState, ahead: Phase | None, runs: Sequence[Run]
) -> list[Missing]:
    """Return what the next phase waits for; the approval of who asks for it does not count."""
    if ahead is None:
        return []
    journey = next((run for run in runs if run.active and run.kind is RunKind.MIGRATE), None)
    asker = None if journey is None else asker_of(journey)
    return missing(world, state, move_between(state.phase, ahead), asker)


def _transform_matters(ahead: Phase | None, state: ControlState) -> bool:
    """Tell whether a changed transform stops anything: a migration begins with it at OFF."""
    return ahead is not None and state.phase is not Phase.OFF


def _compared(world: World, state: ControlState) -> ShadowTally | None:
    """Return what shadow reads came to in the step that the migration is in."""
    latest = world.ledger.reads_counted(state.migration, 1)
    return next((each for each in latest if each.epoch == state.epoch), None)


def _progress(world: World, run: Run, runs: Sequence[Run]) -> Progress:
    """Return how far a run is, against the last count of records that is known."""
    segments = world.ledger.segments(run.run_id)
    indexes = len(world.migration.target_indexes)
    expected, tables = _expected(world, run, runs), len(world.migration.tables)
    return progress_of(run, segments, expected, indexes, world.clock.wall(), tables)


def _counted(run: Run, progress: dict[str, Progress]) -> Run:
    """Return a run with what it has handled so far."""
    found = progress.get(run.run_id)
    return run if found is None else replace(run, counts=found.counts)


def _expected(world: World, run: Run, runs: Sequence[Run]) -> Expected:
    """Return how many records a run will go through: its input's, the last pass's, or a guess."""
    keys = run.params.get("keys")
    if keys is not None:
        return Expected(keys["count"], "the keys that were given")
    if run.params.get("mode") == "sample":
        return Expected(int(run.params["sample_size"]), "the sample")
    counted = next((each.counts.scanned for each in runs if _saw_everything(each)), None)
    if counted is not None:
        return Expected(counted, "the last complete pass")
    told = world.tables.describe(Side.SOURCE).item_count
    return Expected(told or None, "DescribeTable, up to 6 hours old")


def _saw_everything(run: Run) -> bool:
    """Tell whether a run went through the whole source: it did not fail, stop or only sample."""
    whole = run.params.get("keys") is None and run.params.get("mode") != "sample"
    ended = run.status in (RunStatus.SUCCEEDED, RunStatus.HELD) and not run.facts.get("paused")
    return run.kind not in JOURNEYS and whole and ended
