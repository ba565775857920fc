"""Opens a journey: a migration or a rollback through the phases."""

from typing import Any, Literal

from pydantic import BaseModel

from functions.entry import Call, Event, workflow_step
from shared.engine.journey import begin_journey
from shared.model.runs import RunKind


class StartJourney(Event):
    """Where to; `input` is the execution's own, unchecked."""

    kind: Literal[RunKind.MIGRATE, RunKind.ROLLBACK]
    input: Any
    execution: str


class StartedJourney(BaseModel):
    """The journey's run."""

    run_id: str


@workflow_step(StartJourney)
def handler(call: Call[StartJourney]) -> StartedJourney:
    """Begin a journey; raises InvalidInput, GuardRefused or AlreadyRunning."""
    event = call.event
    run = begin_journey(call.world, event.kind, event.input, event.execution)
    return StartedJourney(run_id=run.run_id)
