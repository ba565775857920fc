"""Closes a run: counts its segments, decides how it ended, stores its report."""

from typing import Any

from pydantic import BaseModel

from functions.entry import Call, RunEvent, workflow_step
from shared.engine.runs import finish_run


class FinishRun(RunEvent):
    """A run whose workers are through, and how many pauses taken back were made up for.

    A journey that began before a deployment may not tell.
    """

    taken_back: int = 0


class FinishedRun(BaseModel):
    """How the run is; when it goes on, its segments are worked through once more."""

    goes_on: bool
    taken_back: int
    summary: dict[str, Any]


@workflow_step(FinishRun)
def handler(call: Call[FinishRun]) -> FinishedRun:
    """Return the run's summary; raises WorkerFailed when segments are unfinished."""
    run = finish_run(call.world, call.event.run_id, call.event.taken_back)
    return FinishedRun(goes_on=run.active, taken_back=run.taken_back, summary=run.summary())
