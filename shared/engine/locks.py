"""One run of a kind at a time, and nobody locked out by a run that died.

A rollback does not wait for a migrate, nor for a rollback that stops nearer: it takes the lock and
moves the epoch on, so that the other ends as superseded wherever it stands (rule 3 of
docs/protocol.md, "Transitions").
"""

from dataclasses import replace

from shared.engine.segments import load_run
from shared.engine.world import World
from shared.model.errors import AlreadyRunning, Superseded
from shared.model.phases import Phase
from shared.model.runs import Counts, Run, RunKind, RunStatus


def lock_name(kind: RunKind) -> str:
    """Return the lock of a kind of run; those that may write records exclude each other."""
    match kind:
        case RunKind.BACKFILL | RunKind.VALIDATE | RunKind.RESTORE:
            return "work"
        case RunKind.DRY_RUN:
            return "dry_run"
        case RunKind.MIGRATE | RunKind.ROLLBACK:
            return "journey"


def under_way(world: World, lock: str) -> Run | None:
    """Return the run that holds a lock; one whose workflow is gone holds it for nothing."""
    run_id = world.ledger.holder(world.migration.name, lock)
    run = world.ledger.load(run_id) if run_id else None
    return None if run is None or _abandoned(world, run) else run


def take_lock(world: World, run: Run) -> Run | None:
    """Store a new run under its lock, over a run that died, or a journey that is rolled back.

    Returns the journey that was overtaken; the caller then moves the epoch on.
    """
    try:
        world.ledger.begin(run, lock_name(run.kind), None)
    except AlreadyRunning as refused:
        overtaken = _evict(world, refused, run)
        world.ledger.begin(run, lock_name(run.kind), refused.run_id)
        return overtaken
    return None


def retake_lock(world: World, run: Run, again: Run) -> None:
    """Store the next attempt of a run under its lock; refused while its execution is under way."""
    elsewhere = run.execution is not None and run.execution != again.execution
    if run.active and elsewhere and world.executions.running(run.execution or ""):
        raise _under_way(run)
    try:
        world.ledger.retake(again, lock_name(run.kind))
    except AlreadyRunning as refused:
        _evict(world, refused, again)
        world.ledger.retake(again, lock_name(run.kind))


def _evict(world: World, refused: AlreadyRunning, run: Run) -> Run | None:
    """End the run that holds a lock for nothing, and return it if a journey was overtaken."""
    holder = world.ledger.load(refused.run_id) if refused.run_id else None
    if holder is None:
        return None
    overtaken = holder.active and run.kind is RunKind.ROLLBACK and _leads_further(run, holder)
    # a start that is tried again after a crash meets its own first try, which is nobody's
    again = holder.execution is not None and holder.execution == run.execution
    if not overtaken and not again and not _abandoned(world, holder):
        raise _under_way(holder) from refused
    status = RunStatus.SUPERSEDED if overtaken else RunStatus.ABORTED
    segments = world.ledger.segments(holder.run_id)  # a journey has none
    counts = sum((each.counts for each in segments), Counts()) if segments else holder.counts
    ended = replace(holder, status=status, finished_at=world.clock.wall(), counts=counts)
    try:
        world.ledger.release(ended, lock_name(holder.kind))
    except Superseded:
        if load_run(world, holder.run_id).active:  # it was resumed just now
            raise _under_way(holder) from refused
        return None  # it ended by itself
    return ended if overtaken else None


def _leads_further(rollback: Run, holder: Run) -> bool:
    """Tell whether a rollback leads further home than the journey under way."""
    if holder.kind is not RunKind.ROLLBACK:
        return True
    goals = [Phase(each.params["to_phase"]).order for each in (rollback, holder)]
    return goals[0] < goals[1]


def _abandoned(world: World, holder: Run) -> bool:
    """Tell whether a run's workflow ended without ending the run, or was overtaken."""
    if holder.execution is None or not holder.active:
        return True
    if holder.kind in (RunKind.MIGRATE, RunKind.ROLLBACK):
        state = world.control.read(holder.migration)
        if state.epoch != holder.facts.get("epoch") and state.mover != holder.run_id:
            return True
    parent = holder.facts.get("parent")
    journey = world.ledger.load(parent) if parent else None
    if journey is not None and not journey.active:
        return True
    return not world.executions.running(holder.execution)


def _under_way(run: Run) -> AlreadyRunning:
    who = str(run.facts.get("requester") or run.actor).rpartition(":")[2]
    return AlreadyRunning(
        f"{run.kind} {run.run_id} is under way, started by {who}",
        run_id=run.run_id,
        mend=f"wait for it: `cutover status {run.migration} --watch`; only a rollback that leads"
        " further home takes the place of a journey",
    )
