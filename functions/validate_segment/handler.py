"""Compares one segment of both tables, and mends the replica when the run says so."""

from functions.entry import Call, workflow_step
from functions.segment_work import SegmentWork, Worked
from shared.engine.jobs import work_segment


@workflow_step(SegmentWork)
def handler(call: Call[SegmentWork]) -> Worked:
    """Compare and repair; safe to repeat, as each repair holds both records as read."""
    event = call.event
    done = work_segment(call.world, event.run_id, event.name, event.attempt, call.deadline)
    return Worked(done=done)
