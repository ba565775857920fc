"""How an execution ends: with its run's summary, or failed with an error and its cause."""

from infra.workflows.states import FAILURE, Calls, State, States, choice, passing, succeed, when

SUMMARY = "$.ended.summary"
SUCCESS = "The run has ended"
MISUNDERSTOOD = "Say that the plan is not understood"


def endings(calls: Calls, run_id: str) -> States:
    """Return the end states of a machine; `run_id` is the path of its own run's id.

    A run that was held, superseded or aborted ends well, with its summary; only what
    record_failure calls failed makes the execution fail.
    """
    return {
        SUCCESS: succeed(SUMMARY, comment="The output is the run's summary."),
        MISUNDERSTOOD: passing(
            {"Error": "WorkerFailed", "Cause": "the planner named a step this machine lacks"},
            comment="The machine and the functions are of different versions.",
            then=FAILURE,
            at="$.failure",
        ),
        FAILURE: _record_failure(calls, run_id),
        "Has it failed?": choice(
            [when("$.ended.ended", "failed", "The run has failed")],
            comment="A run that somebody stopped, or that waits for a person, has not failed.",
            otherwise=SUCCESS,
        ),
        "The run has failed": _fail("$.ended", "error", "cause", "Error and cause say what to do."),
        "The failure is not recorded": _fail(
            "$.failure", "Error", "Cause", "The ledger could not be written: the first error shows."
        ),
    }


def _record_failure(calls: Calls, run_id: str) -> State:
    return calls.task(
        "record_failure",
        {
            "run_id.$": run_id,
            "job_id.$": "$.run.run_id",
            "error.$": "$.failure.Error",
            "cause.$": "$.failure.Cause",
        },
        comment="Close the runs in the ledger, give back their locks, and word the cause.",
        then="Has it failed?",
        result="ended",
        keep=("ended", "summary", "error", "cause"),
        caught="The failure is not recorded",
    ) | {
        # the error that is being recorded must not be replaced by the recorder's own
        "Catch": [
            {
                "ErrorEquals": ["States.ALL"],
                "ResultPath": "$.unrecorded",
                "Next": "The failure is not recorded",
            }
        ]
    }


def _fail(path: str, error: str, cause: str, comment: str) -> State:
    return {
        "Type": "Fail",
        "Comment": comment,
        "ErrorPath": f"{path}.{error}",
        "CausePath": f"{path}.{cause}",
    }
