"""Closes a journey and stores its report."""

from typing import Any

from functions.entry import Call, RunEvent, workflow_step
from shared.engine.journey import finish_journey


@workflow_step(RunEvent)
def handler(call: Call[RunEvent]) -> dict[str, Any]:
    """Return the journey's summary."""
    return finish_journey(call.world, call.event.run_id).summary()
