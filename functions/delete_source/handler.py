"""Deletes v1 at the very end."""

from pydantic import BaseModel

from functions.entry import Call, RunEvent, workflow_step
from shared.engine.archive import delete_source


class Deleted(BaseModel):
    """That v1 is gone."""

    deleted: bool


@workflow_step(RunEvent)
def handler(call: Call[RunEvent]) -> Deleted:
    """Delete v1, if it is still the pinned table; raises GuardRefused in any other phase."""
    delete_source(call.world, call.event.run_id)
    return Deleted(deleted=True)
