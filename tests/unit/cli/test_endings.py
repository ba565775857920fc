"""Exit codes and error blocks."""

import json

import pytest

from cli.endings import ExitCode, exit_code, failure_of, outcome_code
from shared.aws.state_machines import Outcome
from shared.model.errors import (
    AlreadyRunning,
    CutoverError,
    GuardRefused,
    InvalidInput,
    OutcomeUnknown,
    Superseded,
    TableGone,
    WorkerFailed,
)
from tests.unit.cli.rehearsal import Operator, operator


def raising(error: Exception) -> Operator:
    """Return an operator whose control table answers with an error."""
    op = operator()

    def refuse(migration: str) -> object:
        raise error

    op.conductor.parts.control.read = refuse  # type: ignore[method-assign,assignment]  # a fault
    return op


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput("x"), 2),
        (GuardRefused("x"), 3),
        (AlreadyRunning("x"), 3),
        (Superseded("x"), 3),
        (TableGone("x"), 1),
        (WorkerFailed("x"), 1),
    ],
)
def test_an_error_when_raised_expects_its_exit_code(error: CutoverError, code: int) -> None:
    assert exit_code(error) == code
    assert raising(error).type("status", "personnel").exit_code == code


def test_an_error_when_shown_expects_one_block_and_the_same_for_programs() -> None:
    error = InvalidInput("it is wrong\x1b[2J", field="ramp", key="k|1", mend="write it right")
    result = raising(error).type("status", "personnel", "--json")
    block = result.stderr.splitlines()[1:]
    assert [line.split()[0] for line in block] == ["error:", "field", "key", "mend"]
    assert "\x1b" not in result.stderr
    told = json.loads(result.stdout)["error"]
    assert (told["field"], told["mend"]) == ("ramp", "write it right")


@pytest.mark.parametrize(
    ("error", "words"),
    [(TableGone("no table"), "deployed"), (OutcomeUnknown("lost"), "may have taken effect")],
)
def test_a_store_s_answer_when_it_names_no_mend_expects_one(
    error: CutoverError, words: str
) -> None:
    block = raising(error).type("status", "personnel").stderr
    assert words in " ".join(block.split())


def test_a_fault_of_the_command_when_it_happens_expects_no_traceback_unless_asked() -> None:
    op = raising(ZeroDivisionError("by zero"))
    result = op.type("status", "personnel")
    assert result.exit_code == 1
    assert "ZeroDivisionError: by zero" in result.stderr
    assert "Traceback" not in result.output
    assert isinstance(op.type("--debug", "status", "personnel").exception, ZeroDivisionError)


def test_a_refusal_when_debugged_expects_its_code_and_where_it_arose() -> None:
    result = raising(GuardRefused("not yet")).type("--debug", "status", "personnel")
    assert result.exit_code == 3
    assert "Traceback" in result.stderr


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome("SUCCEEDED", {"status": "SUCCEEDED"}), ExitCode.OK),
        (Outcome("SUCCEEDED", {"status": "HELD"}), ExitCode.PROBLEMS),
        (Outcome("SUCCEEDED", {"status": "ABORTED"}), ExitCode.PROBLEMS),
        (Outcome("SUCCEEDED", {"status": "SUPERSEDED"}), ExitCode.REFUSED),
        (Outcome("FAILED", error="InvalidInput"), ExitCode.USAGE),
        (Outcome("FAILED", error="GuardRefused"), ExitCode.REFUSED),
        (Outcome("FAILED", error="AlreadyRunning"), ExitCode.REFUSED),
        (Outcome("FAILED", error="WorkerFailed"), ExitCode.PROBLEMS),
        (Outcome("TIMED_OUT"), ExitCode.PROBLEMS),
    ],
)
def test_a_workflow_when_ended_expects_the_exit_code_of_how(
    outcome: Outcome, code: ExitCode
) -> None:
    assert outcome_code(outcome) is code
    if outcome.status != "SUCCEEDED":
        assert exit_code(failure_of(outcome)) is code


@pytest.mark.parametrize("cause", ["", "States.Timeout", '"text"', "[1]"])
def test_a_failure_when_its_cause_is_not_ours_expects_its_words_shown(cause: str) -> None:
    error = failure_of(Outcome("FAILED", error="States.Runtime", cause=cause))
    assert "States.Runtime" in error.message
    assert cause in error.message


def test_a_failure_when_nothing_is_told_expects_the_status() -> None:
    assert "TIMED_OUT" in failure_of(Outcome("TIMED_OUT")).message


def test_a_failure_when_its_cause_is_ours_expects_every_field() -> None:
    cause = {"message": "m", "field": "f", "run_id": "r", "mend": "do", "report": "s3://b/k"}
    error = failure_of(Outcome("FAILED", error="WorkerFailed", cause=json.dumps(cause)))
    assert (error.message, error.field, error.run_id) == ("m", "f", "r")
    assert (error.mend, error.report) == ("do", "s3://b/k")
