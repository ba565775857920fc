"""Who asked for a journey or a move: whoever approves it must be another person.

The command leaves word of who asks before it starts a state machine; an execution that was
started past it names nobody.
"""

from shared.engine.locks import lock_name, under_way
from shared.engine.world import World
from shared.model.control import Approval
from shared.model.errors import GuardRefused
from shared.model.runs import Run, RunKind

ASKED = "ask for"
"""How the action begins of the audit entry of somebody who starts a state machine."""
LOOKED_THROUGH = 50
"""Audit entries: who asked for an execution did so just before it began."""


def who_asked(world: World, execution: str) -> str | None:
    """Return who asked for an execution; None when it was started past the command."""
    for entry in world.ledger.audit(world.migration.name, LOOKED_THROUGH):
        if entry.action.startswith(ASKED) and entry.detail == execution:
            return entry.actor
    return None


def requester(run: Run) -> str | None:
    """Return who asked for a journey."""
    found = run.facts.get("requester")
    return None if found is None else str(found)


def own(world: World, approver: str, asker: str | None) -> bool:
    """Tell whether somebody approves what they asked for, where that is not allowed."""
    return not world.environment.approves_alone and asker is not None and _same(approver, asker)


def refuse_own(world: World, approver: str) -> None:
    """Raise GuardRefused when the journey under way was asked for by the one who approves."""
    if world.environment.approves_alone:
        return
    journey = under_way(world, lock_name(RunKind.MIGRATE))
    if journey is not None and own(world, approver, requester(journey)):
        raise GuardRefused(
            f"{journey.kind} {journey.run_id} was asked for by {approver}, who cannot approve it",
            missing=("approved",),
            run_id=journey.run_id,
            mend="let another person look at it and approve",
        )


def said(approval: Approval) -> str:
    """Return why an approval by the one who asked does not count."""
    return (
        f"{approval.gate} was approved by {approval.approver}, who asked for it: another person"
        " approves"
    )


def _same(one: str, other: str) -> bool:
    """Tell whether two callers are one person, who may have put on another role.

    The name of a role's session is the person's where people sign in through a directory, which
    does not care for its case, and a user may assume a role as well. So the last part decides.
    """
    if one == other:
        return True
    left, right = (each.rpartition("/") for each in (one, other))
    return bool(left[0] and right[0]) and left[2].casefold() == right[2].casefold()
