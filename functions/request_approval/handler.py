"""Asks a person for approval; the state waits until the token is answered."""

from pydantic import BaseModel

from functions.entry import Call, RunEvent, workflow_step
from shared.engine.cutover import request_approval
from shared.model.phases import Phase


class RequestApproval(RunEvent):
    """The phase that is to be entered, and the token of the waiting state."""

    gate: Phase
    token: str


class Requested(BaseModel):
    """The phase that waits for its approval."""

    gate: Phase


@workflow_step(RequestApproval)
def handler(call: Call[RequestApproval]) -> Requested:
    """Remember who waits at the gate; an approval that is already there wakes it at once."""
    event = call.event
    request_approval(call.world, event.run_id, event.gate, event.token)
    return Requested(gate=event.gate)
