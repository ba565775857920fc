"""The door of the workflow functions: events parsed, errors worded, results as JSON."""

import json

import pytest
from pydantic import BaseModel

from functions import entry
from functions.entry import Call, Crashed, Event, RunEvent, worded, workflow_step
from shared.model import errors
from tests.unit.functions.invocation import Context

pytestmark = pytest.mark.usefixtures("deployed_world")


@pytest.fixture(autouse=True)
def _anew(deployed_world, monkeypatch, request):
    """Let Powertools print to where this test looks, not to where the first one did."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)
    for cached in (entry.logger, entry.metrics, entry.instrumented):
        cached.cache_clear()


class Answered(BaseModel):
    echo: str
    left: float


@workflow_step(RunEvent)
def echo(call: Call[RunEvent]) -> Answered:
    return Answered(echo=call.event.run_id, left=call.deadline - call.world.clock.monotonic())


def failing(error):
    @workflow_step(Event)
    def step(call: Call[Event]) -> Answered:
        raise error

    return step


def test_step_when_it_returns_a_model_answers_json():
    assert echo({"run_id": "r1"}, Context())["echo"] == "r1"


def test_deadline_when_set_leaves_time_for_one_operation_before_lambda_ends(deployed_world):
    timing = deployed_world.environment.timing
    left = echo({"run_id": "r1"}, Context())["left"]
    assert left <= 60 - timing.worker_operation - timing.request
    assert left > 0


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"run_id": "r1", "surprise": 1}, "surprise"),
        ({}, "run_id"),
        ({"run_id": 7}, "run_id"),
        ([], "event"),
        (None, "event"),
    ],
)
def test_event_when_it_does_not_fit_is_invalid_input_naming_the_field(event, field):
    with pytest.raises(errors.InvalidInput) as refused:
        echo(event, Context())
    told = json.loads(str(refused.value))
    assert told["field"] == field
    assert told["mend"]


def test_event_when_refused_does_not_repeat_its_values():
    with pytest.raises(errors.InvalidInput) as refused:
        echo({"run_id": "r1", "surprise": "a person's name"}, Context())
    assert "a person's name" not in str(refused.value)


def test_error_when_the_engine_refuses_keeps_its_class_and_tells_all():
    error = errors.GuardRefused(
        "not yet", missing=("settled",), field="until", run_id="r1", mend="wait"
    )
    with pytest.raises(errors.GuardRefused) as refused:
        failing(error)({}, Context())
    assert type(refused.value) is errors.GuardRefused
    assert json.loads(str(refused.value)) == {
        "message": "not yet",
        "field": "until",
        "run_id": "r1",
        "mend": "wait",
        "report": None,
    }


def test_error_when_it_is_not_the_engines_says_what_and_where_and_nothing_of_a_record(
    capsys, caplog
):
    with pytest.raises(Crashed, match=r"^ValueError at test_entry\.py:\d+; ") as crash:
        failing(ValueError("no number: 'ada'"))({}, Context())
    printed = capsys.readouterr()
    assert "ada" not in str(crash.value)
    assert "ada" not in printed.out + printed.err + caplog.text
    assert "test_entry.py" in printed.out


def test_log_when_the_engine_refuses_names_the_class_and_not_the_record(capsys, caplog):
    with pytest.raises(errors.RecordHeld):
        failing(errors.RecordHeld("EMPLOYEE#ada is held", key="EMPLOYEE#ada"))({}, Context())
    printed = capsys.readouterr()
    assert "ada" not in printed.out + printed.err + caplog.text


def every_error(kind=errors.CutoverError):
    yield kind
    for each in kind.__subclasses__():
        yield from every_error(each)


@pytest.mark.parametrize("kind", list(every_error()))
def test_error_when_worded_is_of_the_same_class(kind):
    told = worded(kind("what is wrong"))
    assert type(told) is kind
    assert json.loads(str(told))["message"] == "what is wrong"
