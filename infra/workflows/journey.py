"""The machines `migrate` and `rollback`: ask the planner what comes next, until nothing does.

The planner (shared/engine/journey.py) reads the control item and the ledger each time, so an
execution that is started again goes on where the migration stands.
"""

from infra.workflows.endings import MISUNDERSTOOD, SUCCESS, endings
from infra.workflows.job import START, Job, Works
from infra.workflows.states import (
    Calls,
    State,
    States,
    choice,
    passing,
    wait_until,
    when,
)
from shared.model.runs import RunKind

PLAN = "Plan the next step"
_RUN = {"run_id.$": "$.journey.run_id"}
_STEPS = {
    "CHECK": "Check the tables",
    "BACK_UP": "Back up the source",
    "WAIT": "Wait until it is time",
    "MOVE": "Move to the phase",
    "APPROVE": "Ask for approval",
    "FINISH": "Finish the journey",
}
_ENDS = {
    "ARCHIVE": "Archive the source",
    "DELETE": "Delete the source",
}
"""The steps where the source is no more in the end."""


def journey(calls: Calls, kind: RunKind, works: Works, concurrency: int) -> State:
    """Return the machine of one kind of journey."""
    begin = "Begin with nothing known"
    job = Job(calls, works.all, concurrency)
    start = {
        "kind.$": "$.next.kind",
        "input.$": "$.next.input",
        "parent.$": "$.journey.run_id",
    }
    return {
        "Comment": f"The {kind.value} of {calls.names.migration}, one planned step at a time.",
        "StartAt": begin,
        "States": {
            begin: passing(
                {"journey": {"run_id": None}, "run": {"run_id": None}},
                comment="A failure before the journey has an id still has a place to look for one.",
                then="Start the journey",
            ),
            "Start the journey": _opening(calls, kind),
            **_planning(calls, works),
            **_moving(calls),
            **_exporting(calls, "backup", "Back up the source", "backup"),
            **(_ending(calls) if works.ends_source else {}),
            **job.states(start, PLAN),
            "Finish the journey": _closing(calls),
            **endings(calls, "$.journey.run_id"),
        },
    }


def _planning(calls: Calls, works: Works) -> States:
    """Return the control loop; a job is a step that has the name of its kind of run."""
    jobs = dict.fromkeys((work.kind.name for work in works.all), START)
    steps = {**_STEPS, **jobs, **(_ENDS if works.ends_source else {})}
    return {
        PLAN: calls.task(
            "plan_step",
            _RUN,
            comment="Look at the phase, the runs and the approvals, and name one step.",
            then="What comes next?",
            result="next",
            keep=("step", "kind", "to", "percent", "gate", "until", "patience", "reason", "input"),
        ),
        "What comes next?": choice(
            [when("$.next.step", step, state) for step, state in steps.items()],
            comment="Each step comes back to the planner.",
            otherwise=MISUNDERSTOOD,
        ),
        "Wait until it is time": wait_until(
            "$.next.until", comment="A settle or a soak is one wait; nothing polls.", then=PLAN
        ),
    }


def _opening(calls: Calls, kind: RunKind) -> State:
    return calls.task(
        "start_journey",
        {"kind": kind.value, "input.$": "$$.Execution.Input", "execution.$": "$$.Execution.Id"},
        comment="Check the input and take the migration's lock.",
        then=PLAN,
        result="journey",
        keep=("run_id",),
    )


def _closing(calls: Calls) -> State:
    return calls.task(
        "finish_journey",
        _RUN,
        comment="Close the run and write its report.",
        then=SUCCESS,
        result="ended",
        whole="summary",
    )


def _moving(calls: Calls) -> States:
    """Return the steps that are one state each."""
    return {
        "Check the tables": calls.task(
            "check_preflight",
            _RUN,
            comment="Describe each table; what is not as it must be is recorded with its mend.",
            then=PLAN,
        ),
        "Move to the phase": calls.task(
            "move_phase",
            {**_RUN, "to.$": "$.next.to", "percent.$": "$.next.percent"},
            comment="One conditional write on the epoch, with its audit entry.",
            then=PLAN,
        ),
        "Ask for approval": calls.ask(
            "request_approval",
            {**_RUN, "gate.$": "$.next.gate"},
            comment="A person answers; the planner then checks what was approved, and when.",
            then=PLAN,
            patience="$.next.patience",
        ),
    }


def _ending(calls: Calls) -> States:
    """Return the two steps that end the source."""
    return {
        **_exporting(calls, "archive", "Archive the source", "archive"),
        "Delete the source": calls.task(
            "delete_source",
            _RUN,
            comment="Delete v1 if it is still the table whose id was pinned.",
            then=PLAN,
        ),
    }


def _exporting(calls: Calls, purpose: str, start: str, noun: str) -> States:
    """Return the states that export the source, wait for it, and read the export back."""
    question, wait = f"Is the {noun} verified?", f"Wait for the {noun}"
    return {
        start: calls.task(
            "export_source",
            {**_RUN, "purpose": purpose},
            comment="Start the export, look at it, or verify it: each call goes one step on.",
            then=question,
            result="export",
            keep=("state", "check_at"),
        ),
        question: choice(
            [when("$.export.state", "DONE", PLAN)],
            comment="Done means read back from the archive, counted and compared.",
            otherwise=wait,
        ),
        wait: wait_until(
            "$.export.check_at", comment="The function says when to look again.", then=start
        ),
    }
