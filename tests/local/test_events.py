"""moto's rules fail the sender where a target is a function, a state machine or a topic."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.local.conftest import Clients, eventually

Make = Callable[..., str]
Queue = tuple[str, str]

SAY = """
import json
import os
import boto3

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["SAID"], MessageBody=json.dumps(event))
"""


@pytest.fixture
def queue(clients: Clients) -> Iterator[Queue]:
    name = f"heard-{time.time_ns()}"
    url = clients("sqs").create_queue(QueueName=name)["QueueUrl"]
    yield url, f"arn:aws:sqs:us-east-1:123456789012:{name}"
    clients("sqs").delete_queue(QueueUrl=url)


@pytest.fixture
def heard(clients: Clients, queue: Queue) -> Callable[[], Any]:
    """Wait for one message and give what it says."""

    def receive() -> Any:
        def messages() -> Any:
            answer = clients("sqs").receive_message(
                QueueUrl=queue[0], MessageAttributeNames=["All"]
            )
            return answer.get("Messages")

        (message,) = eventually(messages)
        clients("sqs").delete_message(QueueUrl=queue[0], ReceiptHandle=message["ReceiptHandle"])
        return {**message, "said": json.loads(message["Body"])}

    return receive


@pytest.fixture
def source() -> str:
    """Give a source of events that no other test's rules match."""
    return f"tests.{time.time_ns()}"


@pytest.fixture
def connect(clients: Clients, source: str) -> Iterator[Callable[..., str]]:
    """Make a rule on events of the test's source, with one target."""
    made: list[str] = []

    def rule(arn: str, pattern: dict[str, Any] | None = None, **target: Any) -> str:
        name = f"rule-{time.time_ns()}"
        wanted = {"source": [source], **(pattern or {})}
        clients("events").put_rule(Name=name, EventPattern=json.dumps(wanted))
        clients("events").put_targets(Rule=name, Targets=[{"Id": "a", "Arn": arn, **target}])
        made.append(name)
        return name

    yield rule
    for name in made:
        clients("events").remove_targets(Rule=name, Ids=["a"])
        clients("events").delete_rule(Name=name)


@pytest.fixture
def send(clients: Clients, source: str) -> Callable[..., None]:
    def put(**detail: Any) -> None:
        answer = clients("events").put_events(
            Entries=[{"Source": source, "DetailType": "Test", "Detail": json.dumps(detail)}]
        )
        assert answer["FailedEntryCount"] == 0

    return put


def test_an_event_reaches_a_function_in_its_envelope(
    clients: Clients, make_function: Make, queue: Queue, connect: Any, send: Any, heard: Any
) -> None:
    function = make_function(SAY, Environment={"Variables": {"SAID": queue[0]}})
    arn = clients("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    connect(arn, {"detail": {"state": {"value": ["ALARM"]}}})
    send(state={"value": "ALARM"})
    event = heard()["said"]
    assert set(event) == {
        *("version", "id", "detail-type", "source", "account"),
        *("time", "region", "resources", "detail"),
    }
    assert event["detail-type"] == "Test"
    assert event["detail"] == {"state": {"value": "ALARM"}}
    assert time.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ({"state": {"value": ["ALARM", "OK"]}}, {"state": {"value": "OK"}}, {"state": {}}),
        ({"name": [{"prefix": "cutover-"}]}, {"name": "cutover-a"}, {"name": "other"}),
        ({"name": [{"suffix": "-watch"}]}, {"name": "a-watch"}, {"name": "watch-a"}),
        ({"name": [{"anything-but": ["OK"]}]}, {"name": "ALARM"}, {"name": "OK"}),
        ({"name": [{"anything-but": {"prefix": "a"}}]}, {"name": "b"}, {"name": "ab"}),
        ({"name": [{"wildcard": "a-*-z"}]}, {"name": "a-b-z"}, {"name": "a-b"}),
        ({"name": [{"exists": False}]}, {"other": 1}, {"name": "a"}),
        ({"level": [{"numeric": [">", 2]}]}, {"level": 3}, {"level": 2}),
    ],
)
def test_only_what_a_pattern_matches_is_sent(
    queue: Queue, connect: Any, send: Any, heard: Any, pattern: Any, fits: Any, fits_not: Any
) -> None:
    connect(queue[1], {"detail": pattern})
    send(**fits_not)
    send(**fits)
    assert heard()["said"]["detail"] == fits


def test_a_topic_passes_an_event_on_to_its_queue(
    clients: Clients, queue: Queue, connect: Any, send: Any, heard: Any
) -> None:
    topic = clients("sns").create_topic(Name=f"topic-{time.time_ns()}")["TopicArn"]
    clients("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue[1])
    connect(topic, InputPath="$.detail")
    send(a=1)
    message = heard()["said"]
    assert message["TopicArn"] == topic
    assert json.loads(message["Message"]) == {"a": 1}


def test_a_state_machine_is_started_with_what_a_template_makes(
    clients: Clients, role: str, connect: Any, send: Any
) -> None:
    client = clients("stepfunctions")
    states = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    made = client.create_state_machine(
        name=f"machine-{time.time_ns()}", definition=json.dumps(states), roleArn=role
    )
    machine = made["stateMachineArn"]
    template = '{"migration": "personnel", "reason": "alarm <name>"}'
    transformer = {"InputPathsMap": {"name": "$.detail.name"}, "InputTemplate": template}
    connect(machine, InputTransformer=transformer)
    send(name="lag")
    (found,) = eventually(lambda: client.list_executions(stateMachineArn=machine)["executions"])
    given = client.describe_execution(executionArn=found["executionArn"])["input"]
    assert json.loads(given) == {"migration": "personnel", "reason": "alarm lag"}


def test_a_disabled_rule_sends_nothing(
    clients: Clients, queue: Queue, connect: Any, send: Any, heard: Any
) -> None:
    rule = connect(queue[1])
    clients("events").disable_rule(Name=rule)
    send(number=1)
    clients("events").enable_rule(Name=rule)
    send(number=2)
    assert heard()["said"]["detail"] == {"number": 2}


def test_what_no_target_takes_ends_among_its_dead_letters(
    queue: Queue, connect: Any, send: Any, heard: Any
) -> None:
    gone = "arn:aws:lambda:us-east-1:123456789012:function:gone"
    connect(gone, DeadLetterConfig={"Arn": queue[1]}, RetryPolicy={"MaximumRetryAttempts": 0})
    send(a=1)
    letter = heard()
    assert letter["said"]["detail"] == {"a": 1}
    assert letter["MessageAttributes"]["TARGET_ARN"]["StringValue"] == gone


def template(source: str, queue: Queue, *ids: str, state: str = "ENABLED") -> str:
    properties = {
        "EventPattern": {"source": [source], "detail": {"value": [{"anything-but": "OK"}]}},
        "State": state,
        "Targets": [{"Id": name, "Arn": queue[1], "InputPath": "$.detail"} for name in ids],
    }
    return json.dumps({"Resources": {"R": {"Type": "AWS::Events::Rule", "Properties": properties}}})


def test_a_rule_in_a_template_is_made_changed_and_removed(
    clients: Clients, source: str, queue: Queue, send: Any, heard: Any
) -> None:
    stacks, events = clients("cloudformation"), clients("events")
    stacks.create_stack(StackName="ruled", TemplateBody=template(source, queue, "a"))
    (name,) = (one["Name"] for one in events.list_rules(NamePrefix="ruled-")["Rules"])
    send(value="OK")
    send(value="ALARM")
    assert heard()["said"] == {"value": "ALARM"}
    body = template(source, queue, "b", "c", state="DISABLED")
    stacks.update_stack(StackName="ruled", TemplateBody=body)
    assert events.describe_rule(Name=name)["State"] == "DISABLED"
    listed = events.list_targets_by_rule(Rule=name)["Targets"]
    assert sorted(target["Id"] for target in listed) == ["b", "c"]
    stacks.delete_stack(StackName="ruled")
    assert events.list_rules(NamePrefix="ruled-")["Rules"] == []


def test_a_rule_with_a_target_out_of_reach_is_refused(
    clients: Clients, source: str, queue: Queue
) -> None:
    body = template(source, ("", "arn:aws:kinesis:us-east-1:123456789012:stream/s"), "a")
    stacks = clients("cloudformation")
    stacks.create_stack(StackName="beyond", TemplateBody=body)
    (stack,) = stacks.describe_stacks(StackName="beyond")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    stacks.delete_stack(StackName="beyond")
