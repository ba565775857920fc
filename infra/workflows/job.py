"""One job as states: start a run, work through its segments in parallel, finish it.

The machines `backfill` and `validate` are one job each; `migrate` and `rollback` compose the
same states inline, as nested executions do not run on the local cloud.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.workflows.endings import MISUNDERSTOOD
from infra.workflows.states import (
    Calls,
    State,
    States,
    choice,
    moved,
    passing,
    rereads,
    wait_until,
    when,
    when_true,
)
from shared.model.runs import RunKind

START = "Start the run"
FINISH = "Finish the run"
_WORK = "Which work is it?"


@dataclass(frozen=True)
class SegmentWork:
    """The worker of one kind of run, and how its states are called."""

    kind: RunKind
    function: str
    verb: str
    noun: str

    @property
    def map_name(self) -> str:
        """Return the name of the state that runs all segments."""
        return f"{self.verb} all segments"


REHEARSE = SegmentWork(RunKind.DRY_RUN, "dry_run_segment", "Rehearse", "rehearsal")
COPY = SegmentWork(RunKind.BACKFILL, "backfill_segment", "Copy", "copy")
UPGRADE = SegmentWork(RunKind.BACKFILL, "backfill_segment", "Upgrade", "upgrade")
COMPARE = SegmentWork(RunKind.VALIDATE, "validate_segment", "Compare", "comparison")
CHECK = SegmentWork(RunKind.VALIDATE, "validate_segment", "Check", "check")
RESTORE = SegmentWork(RunKind.RESTORE, "restore_segment", "Restore", "restore")


@dataclass(frozen=True)
class Works:
    """The works of one kind of migration: what it rehearses, writes, proves and takes back."""

    write: SegmentWork
    prove: SegmentWork
    take_back: tuple[SegmentWork, ...] = ()
    ends_source: bool = False
    """Whether the source is archived and deleted in the end."""

    @property
    def all(self) -> tuple[SegmentWork, ...]:
        """Return every work, as a journey may have any of them done."""
        return (REHEARSE, self.write, self.prove, *self.take_back)


@dataclass(frozen=True)
class Job:
    """The states of a job that may be one of several kinds of work."""

    calls: Calls
    works: tuple[SegmentWork, ...]
    concurrency: int

    def states(self, start: Mapping[str, Any], then: str) -> States:
        """Return the states; `start` is start_run's payload, `$.ended.summary` the outcome."""
        return {
            START: self.calls.task(
                "start_run",
                {**start, "execution.$": "$$.Execution.Id"},
                comment="Check the input, take the lock, store the segments; or resume a run.",
                then="Has the run already ended?",
                result="run",
                keep=("run_id", "kind", "begin_at", "segments", "skip", "taken_back"),
            ),
            **self._choices(),
            **{work.map_name: self._map(work) for work in self.works},
            FINISH: self.calls.task(
                "finish_run",
                {"run_id.$": "$.run.run_id", "taken_back.$": "$.run.taken_back"},
                comment="Read every segment's checkpoint: only the ledger knows what was done.",
                then="Was a pause taken back?",
                result="ended",
                keep=("goes_on", "taken_back", "summary"),
            ),
            "Was a pause taken back?": choice(
                [when_true("$.ended.goes_on", "Go on after the pause")],
                comment="Segments that had stopped for it by then are left: one more round.",
                otherwise=then,
            ),
            "Go on after the pause": moved(
                "$.ended.taken_back",
                "$.run.taken_back",
                comment="Each pause that was taken back is worth one round, so there is an end.",
                then=_WORK,
            ),
        }

    def _choices(self) -> States:
        """Return what lies between a run's start and its work."""
        return {
            "Has the run already ended?": choice(
                [when_true("$.run.skip", FINISH)],
                comment="A resumed run may have nothing left to do.",
                otherwise="Wait until workers may begin",
            ),
            "Wait until workers may begin": wait_until(
                "$.run.begin_at",
                comment="The last move has settled and older workers have ended by then.",
                then=_WORK,
            ),
            _WORK: choice(
                [when("$.run.kind", work.kind.value, work.map_name) for work in self.works],
                comment="A backfill may be a dry run, which has a role of its own.",
                otherwise=MISUNDERSTOOD,
            ),
        }

    def _map(self, work: SegmentWork) -> State:
        partition = self.calls.names.place.partition
        return {
            "Type": "Map",
            "Comment": "Children leave their results in the ledger, their failures too.",
            "ItemReader": {
                "Resource": f"arn:{partition}:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {
                    "Bucket.$": "$.run.segments.bucket",
                    "Key.$": "$.run.segments.key",
                },
            },
            "MaxConcurrency": self.concurrency,
            "ItemProcessor": self._child(work),
            "ResultPath": None,
            "Retry": rereads(),
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": FINISH}],
            "Next": FINISH,
        }

    def _child(self, work: SegmentWork) -> State:
        """Return the child that works on one segment, call after call, until it is done."""
        task, question = f"{work.verb} a segment", f"Is the {work.noun} done?"
        done, left = f"The {work.noun} is done", f"Leave the {work.noun} to the ledger"
        return {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": task,
            "States": {
                task: self._segment(work, then=question, caught=left),
                question: choice(
                    [when_true("$.work.done", done)],
                    comment="A segment may need more than one function's time.",
                    otherwise=task,
                ),
                left: passing(
                    {"done": False},
                    comment="The checkpoint shows that the segment is unfinished.",
                    then=done,
                    at="$.work",
                ),
                done: {
                    "Type": "Succeed",
                    "Comment": "A few bytes: ten thousand children fit into one result.",
                    "InputPath": "$.work",
                },
            },
        }

    def _segment(self, work: SegmentWork, *, then: str, caught: str) -> State:
        return self.calls.task(
            work.function,
            {f"{name}.$": f"$.{name}" for name in ("run_id", "name", "attempt")},
            comment="A call returns before its time is up, with its cursor in the ledger.",
            then=then,
            result="work",
            keep=("done",),
            caught=caught,
        )
