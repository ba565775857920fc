"""Closes the runs of a workflow that met an error, and words its end."""

from typing import Any

from pydantic import BaseModel

from functions.entry import Call, Event, workflow_step
from shared.engine.failures import record_failure


class RecordFailure(Event):
    """The workflow's own run and its present job, where they got an id, and what was caught."""

    run_id: str | None
    job_id: str | None
    error: str
    cause: str


class Ended(BaseModel):
    """How the workflow ends: `failed` with error and cause, anything else with the summary."""

    ended: str
    summary: dict[str, Any] | None
    error: str
    cause: str


@workflow_step(RecordFailure)
def handler(call: Call[RecordFailure]) -> Ended:
    """Close the runs and give back their locks; doing it twice changes nothing."""
    event = call.event
    runs = list(dict.fromkeys(each for each in (event.run_id, event.job_id) if each))
    ended = record_failure(call.world, runs, event.error, event.cause)
    return Ended.model_validate(ended, from_attributes=True)
