"""Rehearses one segment: the real transform, by a role that may write to no table."""

from functions.entry import Call, workflow_step
from functions.segment_work import SegmentWork, Worked
from shared.engine.jobs import work_segment


@workflow_step(SegmentWork)
def handler(call: Call[SegmentWork]) -> Worked:
    """Transform and count; safe to repeat, as only the ledger is written."""
    event = call.event
    done = work_segment(call.world, event.run_id, event.name, event.attempt, call.deadline)
    return Worked(done=done)
