"""Where a migration is, for people: the phase, what stands before the next, what runs now."""

from dataclasses import dataclass, replace

from shared.engine.admission import transform_changed
from shared.engine.exclusions import Exclusions
from shared.engine.guards import Missing, missing
from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.phases import Phase, move_between, next_towards
from shared.model.runs import Counts, Run, RunKind, RunStatus

RUNS = 20
EVENTS = 10


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that `status` shows; `ahead` is the next phase and `lacks` what it waits for."""

    state: ControlState
    settled_at: float
    ahead: Phase | None
    lacks: list[Missing]
    runs: list[Run]
    excluded: frozenset[str]
    events: list[AuditEntry]
    changed_transform: bool
    source_items: int | None


def overview(world: World) -> Overview:
    """Return where the migration is now."""
    state = world.control.read(world.migration.name)
    ahead = None
    if state.phase is not Phase.DECOMMISSIONED:
        ahead = next_towards(state.phase, Phase.DECOMMISSIONED)
    runs = world.ledger.runs(state.migration, RUNS)
    return Overview(
        state=state,
        settled_at=state.settled_at(world.environment.timing),
        ahead=ahead,
        lacks=missing(world, state, move_between(state.phase, ahead)) if ahead else [],
        runs=[_counted(world, run) for run in runs],
        excluded=Exclusions(world).keys(state),
        events=world.ledger.audit(state.migration, EVENTS),
        changed_transform=ahead is not None and transform_changed(world, state),
        source_items=_expected(runs),
    )


def _counted(world: World, run: Run) -> Run:
    """Return a run with what its segments have counted so far."""
    if not run.active or run.kind in (RunKind.MIGRATE, RunKind.ROLLBACK):
        return run
    segments = world.ledger.segments(run.run_id)
    counts = sum((each.counts for each in segments), Counts())
    done = sum(each.done for each in segments)
    return replace(run, counts=counts).with_facts(segments_done=done, segments=len(segments))


def _expected(runs: list[Run]) -> int | None:
    """Return how many source items the last complete pass counted: the measure of progress."""
    return next((run.counts.scanned for run in runs if _saw_everything(run)), None)


def _saw_everything(run: Run) -> bool:
    """Tell whether a run went through the whole source: it did not fail, stop or only sample."""
    whole = run.params.get("keys") is None and run.params.get("mode") != "sample"
    ended = run.status in (RunStatus.SUCCEEDED, RunStatus.HELD) and not run.facts.get("paused")
    return run.kind not in (RunKind.MIGRATE, RunKind.ROLLBACK) and whole and ended
