"""Opens a run: checks its input, takes the lock, stores the list of its segments."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from functions.entry import Call, Event, workflow_step
from functions.times import timestamp
from shared.engine.runs import begin_run
from shared.model.runs import RunKind


class StartRun(Event):
    """What to run; `input` is unchecked, `parent` is the journey that the run is part of."""

    kind: RunKind
    input: Any
    execution: str
    parent: str | None


class Segments(BaseModel):
    """Where the Map finds its items; both are empty when there is nothing to do."""

    bucket: str
    key: str


class StartedRun(BaseModel):
    """What the machine needs to go on; `skip` when the run had already ended.

    `taken_back` is how many pauses taken back have been made up for: none so far.
    """

    run_id: str
    kind: RunKind
    begin_at: str
    segments: Segments
    skip: bool
    taken_back: int = 0


@workflow_step(StartRun)
def handler(call: Call[StartRun]) -> StartedRun:
    """Begin or resume a run; raises InvalidInput, GuardRefused or AlreadyRunning."""
    event = call.event
    run = begin_run(call.world, event.kind, event.input, event.execution, event.parent)
    listed = urlsplit(run.segments_uri)
    return StartedRun(
        run_id=run.run_id,
        kind=run.kind,
        begin_at=timestamp(run.begin_at),
        segments=Segments(bucket=listed.netloc, key=listed.path.removeprefix("/")),
        skip=run.ended,
    )
