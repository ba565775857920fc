"""Deployed definitions run as AWS would run them, where moto by itself would not."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Clients, eventually

State = dict[str, Any]
Start = Callable[..., str]
Ended = Callable[[str], dict[str, Any]]

ECHO = """
import time
class Boom(Exception):
    pass
def handler(event, context):
    if isinstance(event, dict) and event.get("fail"):
        raise Boom(event["fail"])
    if isinstance(event, dict) and event.get("sleep"):
        time.sleep(event["sleep"])
    return event
"""


def definition(**states: State) -> State:
    """Make a definition that starts at its first state."""
    return {"StartAt": next(iter(states)), "States": states}


def task(function: str, payload: Any, **more: Any) -> State:
    key = "Payload" if isinstance(payload, dict) else "Payload.$"
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, key: payload},
        "OutputPath": "$.Payload",
    } | (more or {"End": True})


@pytest.fixture
def start(clients: Clients, role: str) -> Start:
    """Create a state machine and start it; gives the execution's ARN."""

    def run(machine: State, given: Any = None, **options: Any) -> str:
        client = clients("stepfunctions")
        arn = client.create_state_machine(
            name=f"tiny-{time.time_ns()}", definition=json.dumps(machine), roleArn=role
        )["stateMachineArn"]
        answer = client.start_execution(
            stateMachineArn=arn, input=json.dumps(given or {}), **options
        )
        return str(answer["executionArn"])

    return run


@pytest.fixture
def ended(clients: Clients) -> Ended:
    """Wait for the end of an execution and describe it."""

    def wait(arn: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found = clients("stepfunctions").describe_execution(executionArn=arn)
            return found if found["status"] != "RUNNING" else None

        described: dict[str, Any] = eventually(look)
        return described

    return wait


def test_a_deployed_machine_runs_the_deployed_function(
    spike: dict[str, str], clients: Clients, ended: Ended
) -> None:
    (machine,) = [
        one
        for one in clients("stepfunctions").list_state_machines()["stateMachines"]
        if one["name"] == "spike-machine"
    ]
    arn = clients("stepfunctions").start_execution(
        stateMachineArn=machine["stateMachineArn"], input='{"a": 1}'
    )["executionArn"]
    output = json.loads(ended(arn)["output"])
    assert output["event"] == {"stage": 1, "input": {"a": 1}}


def test_starts_without_a_name_are_different_executions(
    clients: Clients, role: str, ended: Ended
) -> None:
    client = clients("stepfunctions")
    machine = client.create_state_machine(
        name=f"nameless-{time.time_ns()}",
        definition=json.dumps(definition(Only={"Type": "Succeed"})),
        roleArn=role,
    )["stateMachineArn"]
    first, second = (
        client.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(2)
    )
    assert first != second
    assert ended(first)["status"] == ended(second)["status"] == "SUCCEEDED"


def test_the_same_name_with_other_input_is_refused(clients: Clients, start: Start) -> None:
    machine = definition(Wait={"Type": "Wait", "Seconds": 60, "End": True})
    arn = start(machine, {"a": 1}, name="once")
    client = clients("stepfunctions")
    state_machine = client.describe_execution(executionArn=arn)["stateMachineArn"]
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client.start_execution(stateMachineArn=state_machine, name="once", input="{}")
    client.stop_execution(executionArn=arn)


def test_a_wait_until_a_time_ends_no_earlier(start: Start, ended: Ended) -> None:
    until = datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(seconds=1.5)
    text = until.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    described = ended(
        start(
            definition(Soak={"Type": "Wait", "TimestampPath": "$.until", "End": True}),
            {"until": text},
        )
    )
    assert described["status"] == "SUCCEEDED"
    assert described["stopDate"] >= datetime.datetime.fromisoformat(text)


def test_the_time_a_state_was_entered_can_be_waited_for(start: Start, ended: Ended) -> None:
    machine = definition(
        Note={"Type": "Pass", "Parameters": {"at.$": "$$.State.EnteredTime"}, "Next": "Until"},
        Until={"Type": "Wait", "TimestampPath": "$.at", "End": True},
    )
    assert ended(start(machine))["status"] == "SUCCEEDED"


def test_a_function_error_is_caught_by_its_type(
    start: Start, ended: Ended, make_function: Callable[..., str]
) -> None:
    machine = definition(
        Ask=task(
            make_function(ECHO),
            {"fail": "no"},
            Next="Unreached",
            Catch=[{"ErrorEquals": ["Boom"], "ResultPath": "$.error", "Next": "Refuse"}],
        ),
        Unreached={"Type": "Succeed"},
        Refuse={"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"},
    )
    described = ended(start(machine))
    assert (described["status"], described["error"]) == ("FAILED", "Boom")
    assert json.loads(described["cause"])["errorMessage"] == "no"


@pytest.mark.parametrize("what", ["wait", "task", "token", "retry"])
def test_a_stopped_execution_is_aborted_at_once_with_its_reason(
    what: str, start: Start, clients: Clients, make_function: Callable[..., str]
) -> None:
    function = make_function(ECHO)
    token = task(function, {"token.$": "$$.Task.Token"})
    states: dict[str, State] = {
        "wait": {"Type": "Wait", "Seconds": 600, "End": True},
        "task": task(function, {"sleep": 2}),
        "token": token | {"Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"},
        "retry": task(
            function,
            {"fail": "no"},
            End=True,
            Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 600, "MaxAttempts": 2}],
        ),
    }
    client = clients("stepfunctions")
    arn = start(definition(Long=states[what]))
    eventually(lambda: len(client.get_execution_history(executionArn=arn)["events"]) > 1)
    client.stop_execution(executionArn=arn, error="Enough", cause="by hand")
    described = client.describe_execution(executionArn=arn)
    assert (described["status"], described["error"], described["cause"]) == (
        "ABORTED",
        "Enough",
        "by hand",
    )


def waiting_token(clients: Clients, arn: str) -> str:
    def look() -> str | None:
        for event in clients("stepfunctions").get_execution_history(executionArn=arn)["events"]:
            if event["type"] == "TaskSubmitted":
                break
        else:
            return None
        scheduled = [
            event["taskScheduledEventDetails"]
            for event in clients("stepfunctions").get_execution_history(executionArn=arn)["events"]
            if event["type"] == "TaskScheduled"
        ]
        return str(json.loads(scheduled[0]["parameters"])["Payload"]["token"])

    return str(eventually(look))


def approval(function: str) -> State:
    state = task(function, {"token.$": "$$.Task.Token"})
    del state["OutputPath"]
    return definition(
        Approve=state | {"Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"}
    )


def test_a_token_is_good_for_one_answer(
    start: Start, ended: Ended, clients: Clients, make_function: Callable[..., str]
) -> None:
    arn = start(approval(make_function(ECHO)))
    token = waiting_token(clients, arn)
    client = clients("stepfunctions")
    client.send_task_success(taskToken=token, output='{"by": "ann"}')
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=token, output='{"by": "bob"}')
    assert json.loads(ended(arn)["output"]) == {"by": "ann"}
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=token, output="{}")
    with pytest.raises(client.exceptions.InvalidToken):
        client.send_task_success(taskToken="made up", output="{}")


def test_a_refused_token_fails_with_error_and_cause(
    start: Start, ended: Ended, clients: Clients, make_function: Callable[..., str]
) -> None:
    arn = start(approval(make_function(ECHO)))
    token = waiting_token(clients, arn)
    clients("stepfunctions").send_task_failure(taskToken=token, error="Refused", cause="not now")
    described = ended(arn)
    assert (described["error"], described["cause"]) == ("Refused", "not now")


@pytest.fixture
def segments(clients: Clients) -> dict[str, str]:
    client = clients("s3")
    client.create_bucket(Bucket="segments")
    body = json.dumps([{"segment": number} for number in range(6)])
    client.put_object(Bucket="segments", Key="six.json", Body=body)
    return {"key": "six.json", "run": "r1"}


def over_segments(child: State, **more: Any) -> State:
    return definition(
        Work={
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket": "segments", "Key.$": "$.key"},
            },
            "ItemSelector": {"item.$": "$$.Map.Item.Value", "run.$": "$.run"},
            "MaxConcurrency": 3,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **child,
            },
            "End": True,
        }
        | more
    )


def test_a_distributed_map_reads_its_items_from_s3(
    segments: dict[str, str], start: Start, ended: Ended, make_function: Callable[..., str]
) -> None:
    child = definition(One=task(make_function(ECHO), "$"))
    output = json.loads(ended(start(over_segments(child), segments))["output"])
    assert output == [{"item": {"segment": number}, "run": "r1"} for number in range(6)]


def test_a_failed_child_fails_the_map_unless_it_is_tolerated(
    segments: dict[str, str], start: Start, ended: Ended
) -> None:
    child = definition(No={"Type": "Fail", "Error": "Boom"})
    described = ended(start(over_segments(child), segments))
    assert described["error"] == "States.ExceedToleratedFailureThreshold"
    tolerant = over_segments(child, ToleratedFailurePercentage=100)
    assert ended(start(tolerant, segments))["status"] == "SUCCEEDED"
    half = over_segments(child, ToleratedFailurePercentage=50)
    assert ended(start(half, segments))["status"] == "FAILED"


def test_a_list_that_cannot_be_read_has_a_name_that_is_retried(
    segments: dict[str, str], start: Start, ended: Ended, clients: Clients
) -> None:
    child = definition(One={"Type": "Succeed"})
    missing = {**segments, "key": "later.json"}
    assert ended(start(over_segments(child), missing))["error"] == "States.ItemReaderFailed"
    again = {"ErrorEquals": ["States.ItemReaderFailed"], "IntervalSeconds": 1, "MaxAttempts": 9}
    arn = start(over_segments(child, Retry=[again | {"BackoffRate": 1}]), missing)
    history = clients("stepfunctions").get_execution_history
    eventually(lambda: "MapRunFailed" in str(history(executionArn=arn)["events"]))
    clients("s3").put_object(Bucket="segments", Key="later.json", Body="[{}, {}]")
    assert ended(arn)["status"] == "SUCCEEDED"


@pytest.mark.parametrize(("pattern", "output"), [(".sync:2", {"x": 1}), (".sync", '{"x": 1}')])
def test_an_execution_starts_another_and_waits_for_it(
    pattern: str, output: Any, start: Start, ended: Ended, clients: Clients
) -> None:
    inner = start(definition(Give={"Type": "Pass", "Result": {"x": 1}, "End": True}))
    machine = clients("stepfunctions").describe_execution(executionArn=inner)["stateMachineArn"]
    outer = definition(
        Nest={
            "Type": "Task",
            "Resource": f"arn:aws:states:::states:startExecution{pattern}",
            "Parameters": {"StateMachineArn": machine, "Input": {"a": 1}},
            "End": True,
        }
    )
    assert json.loads(ended(start(outer))["output"])["Output"] == output
