"""Changes of the control item: always over the revision that was read, always with an entry."""

from collections.abc import Callable
from dataclasses import replace

from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import Superseded
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
            world.control.write(changed, state.revision, replace(entry, epoch=changed.epoch))
        except Superseded:
            continue
        return changed
    raise Superseded("the control item changes faster than it can be written", mend="try again")


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
