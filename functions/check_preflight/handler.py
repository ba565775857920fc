"""Checks what must be true of both tables before anything is touched."""

from pydantic import BaseModel

from functions.entry import Call, RunEvent, workflow_step
from shared.engine.preflight import check_preflight


class Checked(BaseModel):
    """Whether every check passed."""

    ok: bool


@workflow_step(RunEvent)
def handler(call: Call[RunEvent]) -> Checked:
    """Check both tables; raises GuardRefused naming every failed check and its mend."""
    return Checked(ok=not check_preflight(call.world, call.event.run_id))
