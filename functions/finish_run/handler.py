"""Closes a run: counts its segments, decides how it ended, stores its report."""

from typing import Any

from functions.entry import Call, RunEvent, workflow_step
from shared.engine.runs import finish_run


@workflow_step(RunEvent)
def handler(call: Call[RunEvent]) -> dict[str, Any]:
    """Return the run's summary; raises WorkerFailed when segments are unfinished."""
    return finish_run(call.world, call.event.run_id).summary()
