"""Changes of the control item: always over the revision that was read, always with an entry."""

from collections.abc import Callable
from dataclasses import replace

from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import Contended, OutcomeUnknown, Superseded, Throttled
from shared.model.runs import Run

TRIES = 10


def change_control(
    world: World, change: Callable[[ControlState], ControlState], entry: AuditEntry
) -> ControlState:
    """Store what `change` makes of the current state, again if somebody else was faster.

    `change` must hold whatever the state is, since it may be called on several; it may raise.
    """
    for _ in range(TRIES):
        state = world.control.read(world.migration.name)
        changed = change(state)
        if changed == state:
            return state
        changed = replace(changed, revision=state.revision + 1)
        try:
            entry = replace(entry, epoch=changed.epoch)
            world.control.write(changed, state.revision, entry)
        except Superseded:
            continue
        return stamped(world, changed, entry)
    raise Superseded("the control item changes faster than it can be written", mend="try again")


def stamped(world: World, written: ControlState, entry: AuditEntry) -> ControlState:
    """Say of what one has just written since when it is in force, with the same audit entry.

    The times in it are from before the write, and no clock bounds how long that was under way.
    Raises OutcomeUnknown when it cannot be said: the change is made, and a planner would wait
    for ever for it to settle, so whoever made it tries again.
    """
    seen = written.seen_by(world.clock.wall())
    if seen == written:
        return written
    seen = replace(seen, revision=written.revision + 1)
    try:
        world.control.write(seen, written.revision, entry)
    except (Contended, Superseded, Throttled):  # somebody was faster, or it is busy
        return _stamped_later(world, written)
    return seen


def _stamped_later(world: World, written: ControlState) -> ControlState:
    try:
        in_force(world, world.control.read(written.migration))
    except (Contended, Superseded, Throttled) as error:
        raise OutcomeUnknown("the change is stored, but not since when it is in force") from error
    return written


def in_force(world: World, state: ControlState) -> ControlState:
    """Return a state that was just read with times at which all it says was in force.

    Whoever changed it says so right after; should he die in between, it is in force since now.
    """
    now = world.clock.wall()
    if state.seen_by(now) == state:
        return state
    moved = state.class_change.seen is None
    what = f"the move to {state.phase} settles" if moved else "the fence of workers counts"
    reason = f"{what} from now: whoever made the change has not said since when it is in force"
    entry = AuditEntry(state.migration, now, state.epoch, "settle", "cutover", reason)
    return change_control(world, lambda each: each.seen_by(world.clock.wall()), entry)


def journal(run: Run, action: str, detail: str, at: float) -> AuditEntry:
    """Return the audit entry of something that a run did."""
    return AuditEntry(
        migration=run.migration,
        at=at,
        epoch=run.epoch,
        action=f"{action} {run.kind}",
        actor=run.actor,
        reason=f"run {run.run_id}",
        detail=detail,
    )
