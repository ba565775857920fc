"""The machines `backfill` and `validate`: one job each."""

from infra.workflows.endings import SUCCESS, endings
from infra.workflows.job import REHEARSE, START, Job, SegmentWork, Works
from infra.workflows.states import Calls, State, passing
from shared.model.runs import RunKind


def backfill(calls: Calls, works: Works, concurrency: int) -> State:
    """Return the machine that writes what lacks, or rehearses it (`dry_run`)."""
    return _single(calls, RunKind.BACKFILL, (works.write, REHEARSE), concurrency)


def validate(calls: Calls, works: Works, concurrency: int) -> State:
    """Return the machine that looks at every record, and mends what is wrong (`repair`)."""
    return _single(calls, RunKind.VALIDATE, (works.prove,), concurrency)


def _single(calls: Calls, kind: RunKind, works: tuple[SegmentWork, ...], concurrency: int) -> State:
    begin = "Begin with nothing known"
    start = {"kind": kind.value, "input.$": "$$.Execution.Input", "parent": None}
    return {
        "Comment": f"One {kind.value} of {calls.names.migration}.",
        "StartAt": begin,
        "States": {
            begin: passing(
                {"run": {"run_id": None}},
                comment="A failure before the run has an id still has a place to look for one.",
                then=START,
            ),
            **Job(calls, works, concurrency).states(start, SUCCESS),
            **endings(calls, "$.run.run_id"),
        },
    }
