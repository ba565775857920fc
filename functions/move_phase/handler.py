"""Moves a migration to its next phase, if all guards hold."""

from pydantic import BaseModel

from functions.entry import Call, RunEvent, workflow_step
from shared.engine.cutover import move
from shared.model.phases import Phase


class MovePhase(RunEvent):
    """The phase, and the share of reads in per cent where the phase has one."""

    to: Phase
    percent: int | None


class Moved(BaseModel):
    """The phase that is now in force."""

    phase: Phase


@workflow_step(MovePhase)
def handler(call: Call[MovePhase]) -> Moved:
    """Make the move; raises GuardRefused, or Superseded when somebody else moved first."""
    event = call.event
    state = move(call.world, run_id=event.run_id, to=event.to, percent=event.percent)
    return Moved(phase=state.phase)
