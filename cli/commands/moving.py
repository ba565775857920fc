"""The verbs that decide: advance, approve."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from cli.documents import next_document
from cli.made_moves import tell, warn_of_journey
from cli.options import (
    NO_REASON,
    Json,
    Local,
    Name,
    PhaseOption,
    Reason,
    phase_parser,
    phases_named,
)
from cli.session import Session, open_session
from cli.times import distance
from cli.views.status import next_view
from shared.engine import alarm_answer, cutover
from shared.engine.overview import JOURNEYS, overview
from shared.model.control import ControlState
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.moves import Guard, next_towards
from shared.model.phases import Phase
from shared.model.runs import Run, instant

FIRST_SHARE = 1
"""The percentage of readers, or of writes, that goes first when nobody says how many."""
MORE = "it is not enough: nobody knows who started the journey, so another person approves as well"


def advance(
    ctx: typer.Context,
    name: Name,
    to: PhaseOption = None,
    reopen: Annotated[
        bool,
        typer.Option("--reopen", help="Go on with a changed transform; voids the certificate."),
    ] = False,
    reason: Reason = NO_REASON,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Make one move by hand, to the next phase if none is named.

    A move leads to a neighbour of the present phase. Every guard of the move holds as it
    does in the workflow.
    """
    if reopen and to is not None:
        raise InvalidInput("--reopen stays in the phase", field="--to", mend="leave one of both")
    session = open_session(ctx, as_json=as_json, local=local)
    world, code = session.deployed_world(name)
    state = world.control.read(name)
    if not reopen and to is None:
        to = _ahead(state, world.migration.way)
    if to is None or to.order >= state.phase.order:  # whatever is deployed, the way home is open
        code.refuse_difference()
    warn_of_journey(session, world)
    if to is None:
        moved = cutover.reopen(world, actor=session.actor, reason=reason)
    else:
        first = FIRST_SHARE if to.ramped and to.order > state.phase.order else None
        moved = cutover.move_by_hand(world, to, first, actor=session.actor, reason=reason)
    tell(session, world, moved, changed=True)
    if moved.phase is Phase.DECOMMISSIONED:
        session.screen.note(
            f"v1 is deleted by `cutover start {name} migrate --until {Phase.DECOMMISSIONED}`"
        )


def approve(
    ctx: typer.Context,
    name: Name,
    gate: Annotated[
        str | None,
        typer.Argument(
            metavar="GATE",
            help="The phase that may be entered, such as READ_N or DONE.",
            autocompletion=phases_named,
        ),
    ] = None,
    alarm: Annotated[
        bool,
        typer.Option("--alarm", help="Instead of a phase: acknowledge the alarm that went off."),
    ] = False,
    table: Annotated[
        str | None, typer.Option(help="For DECOMMISSIONED: v1's name, repeated.")
    ] = None,
    release_excluded: Annotated[
        bool,
        typer.Option("--release-excluded", help="Give up the excluded records: they stay as is."),
    ] = False,
    reason: Reason = NO_REASON,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Approve the next phase, or acknowledge an alarm.

    A workflow that waits for it goes on. An approval expires, and holds only while the
    migration stays in the phase it is in. Whoever asked for a journey cannot approve it. After
    an alarm nothing goes forward until somebody has acknowledged it, with a reason.
    """
    if alarm == (gate is not None):
        raise InvalidInput("name the phase, or say --alarm", field="GATE", mend="give one of both")
    if gate is None:
        _acknowledge(open_session(ctx, as_json=as_json, local=local), name, reason)
        return
    phase = phase_parser("GATE")(gate)
    session = open_session(ctx, as_json=as_json, local=local)
    world, _ = session.deployed_world(name)
    given = cutover.approve(
        world,
        phase,
        approver=session.actor,
        reason=reason,
        table=table,
        releases_exclusions=release_excluded,
    )
    until = given.at + world.environment.approval_age
    found = overview(world)
    waiting = next((run for run in found.runs if run.active and run.kind in JOURNEYS), None)
    enough = not any(lack.guard is Guard.APPROVED for lack in found.lacks)
    document = {
        "migration": name,
        "gate": phase.value,
        "epoch": given.epoch,
        "approver": given.approver,
        "second": given.second,
        "at": instant(given.at),
        "expires_at": instant(until),
        "releases_exclusions": given.releases_exclusions,
        "goes_on": waiting.run_id if waiting and enough else None,
        "next": next_document(found),
    }
    told = f"{phase} of {name} is approved; the approval expires {distance(until, given.at)}\n"
    told += _who_goes_on(name, phase, waiting) if enough else MORE
    session.answer(document, Text(told), *next_view(world, found))


def _who_goes_on(name: str, phase: Phase, waiting: Run | None) -> str:
    """Return who makes use of an approval: the journey that waits for it, or a person."""
    if waiting is not None:
        return f"{waiting.kind} {waiting.run_id} goes on: cutover status {name} --watch"
    return f"no journey waits for it: cutover start {name}, or cutover advance {name} --to {phase}"


def _acknowledge(session: Session, name: str, reason: str) -> None:
    """Let the migration go forward again after an alarm."""
    if reason == NO_REASON:
        raise InvalidInput("say what you found", field="--reason", mend='--reason "…"')
    world, _ = session.deployed_world(name)
    state = alarm_answer.acknowledge(world, actor=session.actor, reason=reason)
    found = overview(world)
    document = {
        "migration": name,
        "phase": state.phase.value,
        "hold": None,
        "next": next_document(found),
    }
    told = f"the alarm is acknowledged; {name} is in {state.phase}\n"
    told += f"nothing goes on by itself: cutover start {name} --watch"
    session.answer(document, Text(told), *next_view(world, found))


def _ahead(state: ControlState, way: Sequence[Phase]) -> Phase:
    if state.phase is way[-1]:
        raise GuardRefused(f"{state.phase} is the last phase", missing=("phase",))
    return next_towards(state.phase, way[-1], way)
