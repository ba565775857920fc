"""Restores one segment from the snapshots of its records, until done or out of time."""

from functions.entry import Call, workflow_step
from functions.segment_work import SegmentWork, Worked
from shared.engine.jobs import work_segment


@workflow_step(SegmentWork)
def handler(call: Call[SegmentWork]) -> Worked:
    """Put records back as they were; safe to repeat, as each write holds what was upgraded."""
    event = call.event
    done = work_segment(call.world, event.run_id, event.name, event.attempt, call.deadline)
    return Worked(done=done)
