"""Exports v1 to the archive: starts the export, looks at it, reads it back."""

from typing import Literal

from pydantic import BaseModel

from functions.entry import Call, RunEvent, workflow_step
from functions.times import timestamp
from shared.engine.archive import export_source


class ExportSource(RunEvent):
    """A backup before anything else, or the archive, before which v1 is closed for writes."""

    purpose: Literal["backup", "archive"]


class ExportState(BaseModel):
    """How far the export is, and when to look again."""

    state: Literal["IN_PROGRESS", "DONE"]
    check_at: str


@workflow_step(ExportSource)
def handler(call: Call[ExportSource]) -> ExportState:
    """Go one step on with the export; raises WorkerFailed when it failed or does not verify."""
    step = export_source(call.world, call.event.run_id, call.event.purpose)
    state: Literal["IN_PROGRESS", "DONE"] = "DONE" if step.done else "IN_PROGRESS"
    return ExportState(state=state, check_at=timestamp(step.check_at))
