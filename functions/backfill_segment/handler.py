"""Copies one segment of v1 to v2, from its checkpoint until done or out of time."""

from functions.entry import Call, workflow_step
from functions.segment_work import SegmentWork, Worked
from shared.engine.jobs import work_segment


@workflow_step(SegmentWork)
def handler(call: Call[SegmentWork]) -> Worked:
    """Copy what v2 lacks; safe to repeat, as nothing is overwritten."""
    event = call.event
    done = work_segment(call.world, event.run_id, event.name, event.attempt, call.deadline)
    return Worked(done=done)
