"""What the three workers of segments take and return."""

from pydantic import BaseModel

from functions.entry import Event


class SegmentWork(Event):
    """One segment of one attempt of a run, as listed in the archive."""

    run_id: str
    name: str
    attempt: int


class Worked(BaseModel):
    """Whether the segment is done; all else is in the ledger."""

    done: bool
