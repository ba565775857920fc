"""moto calls a stream's functions inside the writer's request; here they are polled as on AWS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.local.conftest import Clients, eventually

Make = Callable[..., str]
Queue = tuple[str, str]
Heard = Callable[[Queue, int], list[Any]]

SAY = """
import json
import os
import boto3

sqs = boto3.client("sqs")

def handler(event, context):
    keys = [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]
    numbers = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
    failed = numbers[keys.index("poison")] if "poison" in keys else None
    if failed and "REPORT" not in os.environ:
        raise ValueError("poison")
    done = keys[: keys.index("poison")] if failed else keys
    if done:
        sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(done))
    return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}
"""


@pytest.fixture
def make_queue(clients: Clients) -> Callable[[], Queue]:
    """Make queues, and give the URL and ARN of each."""

    def make() -> Queue:
        url = clients("sqs").create_queue(QueueName=f"queue-{time.time_ns()}")["QueueUrl"]
        return url, f"arn:aws:sqs:us-east-1:123456789012:{url.rpartition('/')[2]}"

    return make


@pytest.fixture
def said(make_queue: Callable[[], Queue]) -> Queue:
    """Hear which keys the function was given, batch by batch."""
    return make_queue()


@pytest.fixture
def letters(make_queue: Callable[[], Queue]) -> Queue:
    """Take what was given up."""
    return make_queue()


@pytest.fixture
def speaker(make_function: Make, said: Queue) -> Callable[..., str]:
    """Make a function that says what it is given, and fails on poison."""

    def make(**variables: str) -> str:
        return make_function(SAY, Environment={"Variables": {"QUEUE": said[0], **variables}})

    return make


@pytest.fixture
def table(clients: Clients) -> Iterator[str]:
    name = f"streamed-{time.time_ns()}"
    clients("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    yield name
    clients("dynamodb").delete_table(TableName=name)


@pytest.fixture
def stream(clients: Clients, table: str) -> str:
    return str(clients("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"])


@pytest.fixture
def put(clients: Clients, table: str) -> Callable[..., None]:
    def write(*keys: str) -> None:
        for key in keys:
            clients("dynamodb").put_item(TableName=table, Item={"pk": {"S": key}})

    return write


@pytest.fixture
def heard(clients: Clients) -> Heard:
    """Wait for so many messages of a queue and give their bodies, as they were sent."""

    def receive(queue: Queue, count: int) -> list[Any]:
        bodies: list[Any] = []

        def enough() -> bool:
            answer = clients("sqs").receive_message(QueueUrl=queue[0], MaxNumberOfMessages=10)
            bodies.extend(json.loads(each["Body"]) for each in answer.get("Messages", []))
            return len(bodies) >= count

        eventually(enough)
        return bodies

    return receive


@pytest.fixture
def connect(clients: Clients, stream: str) -> Iterator[Make]:
    """Map the table's stream to a function, and take the mapping away afterwards."""
    made: list[str] = []

    def create(function: str, **settings: Any) -> str:
        answer = clients("lambda").create_event_source_mapping(
            **{"StartingPosition": "TRIM_HORIZON", "BatchSize": 100} | settings,
            FunctionName=function,
            EventSourceArn=stream,
        )
        made.append(answer["UUID"])
        return made[-1]

    yield create
    for each in made:
        clients("lambda").delete_event_source_mapping(UUID=each)


def to(queue: Queue) -> dict[str, Any]:
    return {"OnFailure": {"Destination": queue[1]}}


def test_records_reach_the_function_in_order_and_in_batches(
    speaker: Make, said: Queue, connect: Make, put: Any, heard: Heard
) -> None:
    put("a", "b", "c", "d", "e")
    connect(speaker(), BatchSize=2)
    assert heard(said, 3) == [["a", "b"], ["c", "d"], ["e"]]


def test_the_age_of_what_is_sent_is_a_metric_of_the_function(
    clients: Clients, speaker: Make, said: Queue, connect: Make, put: Any, heard: Heard
) -> None:
    put("a")
    function = speaker()
    connect(function)
    heard(said, 1)
    now = datetime.now(UTC)
    (point,) = clients("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="IteratorAge",
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=1_000_000_000,  # one period that no test can see the end of
        Statistics=["Maximum", "SampleCount"],
    )["Datapoints"]
    assert point["SampleCount"] == 1.0
    assert 0 < point["Maximum"] < 60_000


def test_a_write_passes_though_the_function_fails(
    make_function: Make, letters: Queue, connect: Make, put: Any, heard: Heard
) -> None:
    function = make_function("def handler(e, c): raise ValueError('no')")
    connect(function, MaximumRetryAttempts=1, DestinationConfig=to(letters))
    put("a")
    (letter,) = heard(letters, 1)
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert letter["requestContext"]["functionArn"].endswith(function)
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_bisected_batch_gives_up_its_poison_only(
    speaker: Make, said: Queue, letters: Queue, connect: Make, put: Any, heard: Heard
) -> None:
    put("a", "b", "poison", "c", "d")
    connect(
        speaker(),
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        DestinationConfig=to(letters),
    )
    (letter,) = heard(letters, 1)
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1
    assert heard(said, 2) == [["a", "b"], ["c", "d"]]


def test_a_partial_failure_is_tried_again_from_where_it_failed(
    speaker: Make, said: Queue, letters: Queue, connect: Make, put: Any, heard: Heard
) -> None:
    put("a", "b", "poison", "c")
    connect(
        speaker(REPORT="yes"),
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=0,
        DestinationConfig=to(letters),
    )
    (letter,) = heard(letters, 1)
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1
    assert heard(said, 2) == [["a", "b"], ["c"]]


def test_a_disabled_mapping_goes_on_where_it_stood(
    clients: Clients, speaker: Make, said: Queue, connect: Make, put: Any, heard: Heard
) -> None:
    mapping = connect(speaker())
    put("a")
    assert heard(said, 1) == [["a"]]
    clients("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    time.sleep(1)  # a poll that began before may still find what is written now
    put("b")
    time.sleep(1)
    assert "Messages" not in clients("sqs").receive_message(QueueUrl=said[0])
    clients("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    assert heard(said, 1) == [["b"]]


def test_latest_skips_what_was_written_before(
    speaker: Make, said: Queue, connect: Make, put: Any, heard: Heard
) -> None:
    put("old")
    connect(speaker(), StartingPosition="LATEST")
    for number in range(10):  # a mapping takes a moment to begin, as on AWS
        put(f"new{number}")
        time.sleep(0.2)
    first = heard(said, 1)[0]
    assert first
    assert "old" not in first


TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Letters": {"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": True}},
        "LettersPolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Letters"}], "PolicyDocument": {"Statement": []}},
        },
    }
}
MAPPING = {
    "StartingPosition": "TRIM_HORIZON",
    "BisectBatchOnFunctionError": True,
    "MaximumRetryAttempts": 3,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Letters", "Arn"]}}},
}


def template(**properties: Any) -> str:
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": MAPPING | properties}
    return json.dumps({"Resources": TEMPLATE["Resources"] | {"Mapping": mapping}})


def test_a_mapping_in_a_template_is_made_changed_and_removed(
    clients: Clients, speaker: Make, said: Queue, stream: str, put: Any, heard: Heard
) -> None:
    cloudformation = clients("cloudformation")
    place = {"FunctionName": speaker(), "EventSourceArn": stream}

    def mappings() -> list[Any]:
        listed = clients("lambda").list_event_source_mappings(EventSourceArn=stream)
        return list(listed["EventSourceMappings"])

    cloudformation.create_stack(StackName="mapped", TemplateBody=template(**place))
    (made,) = eventually(mappings)
    assert made["MaximumRetryAttempts"] == 3
    assert made["DestinationConfig"]["OnFailure"]["Destination"].startswith("arn:aws:sqs:")
    put("a")
    assert heard(said, 1) == [["a"]]
    changed = template(**place, Enabled=False, MaximumRetryAttempts=5)
    cloudformation.update_stack(StackName="mapped", TemplateBody=changed)
    (left,) = mappings()
    assert (left["UUID"], left["State"]) == (made["UUID"], "Disabled")
    assert left["MaximumRetryAttempts"] == 5
    cloudformation.delete_stack(StackName="mapped")
    assert mappings() == []
