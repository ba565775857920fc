"""Plans the next step of a journey from where the migration stands."""

from typing import Any

from pydantic import BaseModel

from functions.entry import Call, RunEvent, workflow_step
from functions.times import timestamp
from shared.engine.itinerary import Step
from shared.engine.journey import plan_step
from shared.model.phases import Phase
from shared.model.runs import RunKind

JOBS = {
    "DRY_RUN": RunKind.DRY_RUN,
    "BACKFILL": RunKind.BACKFILL,
    "VALIDATE": RunKind.VALIDATE,
    "RESTORE": RunKind.RESTORE,
}
"""The steps that are runs of their own."""


class PlannedStep(BaseModel):
    """One step; every field is always there, as a state selects each by its path."""

    step: str
    reason: str
    kind: RunKind | None
    to: Phase | None
    percent: int | None
    gate: Phase | None
    until: str | None
    patience: int
    input: dict[str, Any]


@workflow_step(RunEvent)
def handler(call: Call[RunEvent]) -> PlannedStep:
    """Return the next step; raises Superseded when somebody else moved the migration."""
    return _planned(plan_step(call.world, call.event.run_id))


def _planned(step: Step) -> PlannedStep:
    return PlannedStep(
        step=step.kind,
        reason=step.reason,
        kind=JOBS.get(step.kind),
        to=step.to,
        percent=step.percent,
        gate=step.gate,
        until=None if step.until is None else timestamp(step.until),
        patience=step.patience,
        input=step.given,
    )
