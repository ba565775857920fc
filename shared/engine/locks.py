"""One run of a kind at a time, and nobody locked out by a run that died."""

from dataclasses import replace

from shared.engine.world import World
from shared.model.errors import AlreadyRunning
from shared.model.runs import Run, RunKind, RunStatus


def lock_name(kind: RunKind) -> str:
    """Return the lock of a kind of run; a backfill and a validation exclude each other."""
    match kind:
        case RunKind.BACKFILL | RunKind.VALIDATE:
            return "work"
        case RunKind.DRY_RUN:
            return "dry_run"
        case RunKind.MIGRATE | RunKind.ROLLBACK:
            return "journey"


def take_lock(world: World, run: Run) -> None:
    """Store a new run under its lock, over a run whose execution has ended without a word."""
    try:
        world.ledger.begin(run, lock_name(run.kind), None)
    except AlreadyRunning as refused:
        holder = world.ledger.load(refused.run_id) if refused.run_id else None
        if holder is not None and not _abandoned(world, holder):
            raise AlreadyRunning(
                f"{holder.kind} {holder.run_id} is under way, started by {holder.actor}",
                run_id=holder.run_id,
                mend="wait for it, or stop it first",
            ) from refused
        if holder is not None:
            world.ledger.save(
                replace(holder, status=RunStatus.ABORTED, finished_at=world.clock.wall())
            )
        world.ledger.begin(run, lock_name(run.kind), refused.run_id)


def _abandoned(world: World, holder: Run) -> bool:
    """Tell whether a run's workflow ended without ending the run, or was overtaken by a move."""
    if holder.execution is None or not holder.active:
        return True
    if holder.kind in (RunKind.MIGRATE, RunKind.ROLLBACK):
        state = world.control.read(holder.migration)
        if state.epoch != holder.facts.get("epoch") and state.mover != holder.run_id:
            return True
    return not world.executions.running(holder.execution)
