"""Who asked for a journey or a move: whoever approves it must be another person.

The command leaves word of who asks before it starts a state machine; an execution that was
started past it names nobody, and Step Functions does not tell who started it. What its input
could say of that, the one who starts it writes. So two people approve it: one at least is
another than whoever started it.
"""

import re

from shared.engine.locks import lock_name, under_way
from shared.engine.world import World
from shared.model.control import Approval, AuditEntry
from shared.model.errors import GuardRefused
from shared.model.runs import Run, RunKind

ASKED = "ask for"
"""How the action begins of the audit entry of somebody who starts a state machine."""
AUTO = "auto ("
"""How the name begins of what approves for nobody, where the input and the declaration say so."""
UNKNOWN = "unknown"
"""The asker of a journey that was started past the command."""
NAMELESS = re.compile(
    r".+:assumed-role/[^/]+/"
    r"((botocore-session|aws-sdk-[a-z]+|aws-go-sdk)-[0-9]+|[0-9]{19}|i-[0-9a-f]{8,17})"
)
"""The ARN of a session that a tool has named, anew each time, or that is a machine's."""
LOOKED_THROUGH = 50
"""Audit entries: who asked for an execution did so just before it began."""


def who_asked(world: World, execution: str) -> str | None:
    """Return who asked for an execution; None when nobody left word whose name is a person's."""
    for entry in world.ledger.audit(world.migration.name, LOOKED_THROUGH):
        if entry.action.startswith(ASKED) and _names(entry, execution):
            return None if nameless(entry.actor) else entry.actor
    return None


def _names(entry: AuditEntry, execution: str) -> bool:
    """Tell whether somebody asked for this execution: by its ARN, or by the name that it was given.

    A name alone would do for another state machine as well, whose journey others then approve.
    """
    kind = entry.action.removeprefix(ASKED).strip()
    return execution == entry.detail or execution.endswith(f"-{kind}:{entry.detail}")


def asked_of(world: World, execution: str, parent: str | None) -> dict[str, str | None]:
    """Return the fact of who asked for a job, or for the journey that it belongs to."""
    journey = world.ledger.load(parent) if parent else None
    asker = who_asked(world, execution) if journey is None else requester(journey)
    return {"requester": asker}


def requester(run: Run) -> str | None:
    """Return who asked for a journey."""
    found = run.facts.get("requester")
    return None if found is None else str(found)


def asker_of(run: Run) -> str:
    """Return who asks for the moves of a journey; UNKNOWN when nobody left word."""
    return requester(run) or UNKNOWN


def alone(world: World, giver: str, second: str | None, asker: str | None) -> bool:
    """Tell whether what was given may be its asker's own consent, where that is not allowed.

    Of two people at most one can be the asker; so the consent of two is never one's own.
    """
    if world.environment.approves_alone or second is not None or giver.startswith(AUTO):
        return False
    if asker is None:
        return False
    return asker == UNKNOWN or nameless(asker) or nameless(giver) or same(giver, asker)


def another(before: Approval | None, approver: str, epoch: int, since: float) -> str | None:
    """Return who else has approved a gate in this epoch, and not before `since`."""
    if before is None or before.epoch != epoch or before.at < since:
        return None
    return None if before.approver.startswith(AUTO) else other(before.approver, approver)


def other(one: str | None, giver: str) -> str | None:
    """Return somebody who is another person than the one who gives something now."""
    if one is None or nameless(one) or nameless(giver):
        return None
    return None if same(one, giver) else one


def refuse_own(world: World, approver: str) -> None:
    """Raise GuardRefused when the journey under way was asked for by the one who approves.

    Also when nobody can tell who approves: it could be anybody, and so the one who asked.
    """
    if world.environment.approves_alone:
        return
    if nameless(approver):
        raise GuardRefused(
            f"{approver} says nothing of who approves: a tool made up the session's name",
            missing=("approved",),
            mend="set role_session_name in your profile to your own name, or come as your user",
        )
    journey = under_way(world, lock_name(RunKind.MIGRATE))
    asker = requester(journey) if journey is not None else None
    if journey is not None and asker is not None and same(approver, asker):
        raise GuardRefused(
            f"{journey.kind} {journey.run_id} was asked for by {approver}, who cannot approve it",
            missing=("approved",),
            run_id=journey.run_id,
            mend="let another person look at it and approve",
        )


def said(what: str, asker: str | None, does: str) -> str:
    """Return why `what` one person did does not count, and what another does; it names nobody.

    The log of a function has it, and who did what is for the audit log alone.
    """
    if asker == UNKNOWN or (asker is not None and nameless(asker)):
        return f"{what} by one person, and nobody knows who asked: another person {does} as well"
    return f"{what} by the one who asked for it: another person {does}"


def nameless(caller: str) -> bool:
    """Tell whether a caller's name is no person's, so that one person may have many of them."""
    return NAMELESS.fullmatch(caller) is not None


def same(one: str, other: str) -> bool:
    """Tell whether two callers are one person, who may have put on another role.

    The name of a role's session is the person's where people sign in through a directory, which
    does not care for its case, and a user may assume a role as well. So the last part decides.
    """
    if one == other:
        return True
    left, right = (each.rpartition("/") for each in (one, other))
    return bool(left[0] and right[0]) and left[2].casefold() == right[2].casefold()
