"""moto calls a queue's function inside the sender's request; here it is polled as on AWS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Clients, eventually

Make = Callable[..., str]
Queue = tuple[str, str]

HEAR = """
import json
import os
import boto3

sqs = boto3.client("sqs")

def handler(event, context):
    sqs.send_message(QueueUrl=os.environ["SAID"], MessageBody=json.dumps(event))
    poison = [one["messageId"] for one in event["Records"] if one["body"] == "poison"]
    if poison and "REPORT" not in os.environ:
        raise ValueError("poison")
    return {"batchItemFailures": [{"itemIdentifier": one} for one in poison]}
"""


@pytest.fixture
def make_queue(clients: Clients) -> Iterator[Callable[..., Queue]]:
    """Make queues, and give the URL and ARN of each."""
    made: list[str] = []

    def make(**attributes: str) -> Queue:
        name = f"queue-{time.time_ns()}"
        url = clients("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        made.append(url)
        return url, f"arn:aws:sqs:us-east-1:123456789012:{name}"

    yield make
    for url in made:
        clients("sqs").delete_queue(QueueUrl=url)


@pytest.fixture
def letters(make_queue: Callable[..., Queue]) -> Queue:
    return make_queue()


@pytest.fixture
def source(make_queue: Callable[..., Queue], letters: Queue) -> Queue:
    """Make a queue that hides a message for a second and gives it up at the third receipt."""
    redrive = {"deadLetterTargetArn": letters[1], "maxReceiveCount": 2}
    return make_queue(VisibilityTimeout="1", RedrivePolicy=json.dumps(redrive))


@pytest.fixture
def said(make_queue: Callable[..., Queue]) -> Queue:
    """Hear which events the function was given."""
    return make_queue()


@pytest.fixture
def hearer(make_function: Make, said: Queue) -> Callable[..., str]:
    def make(**variables: str) -> str:
        environment = {"Variables": {"SAID": said[0], **variables}}
        return make_function(HEAR, Timeout=1, Environment=environment)

    return make


@pytest.fixture
def connect(clients: Clients) -> Iterator[Make]:
    """Map a queue to a function, and take the mapping away afterwards."""
    made: list[str] = []

    def create(function: str, queue: Queue, **settings: Any) -> str:
        answer = clients("lambda").create_event_source_mapping(
            FunctionName=function, EventSourceArn=queue[1], **settings
        )
        made.append(answer["UUID"])
        return made[-1]

    yield create
    for each in made:
        clients("lambda").delete_event_source_mapping(UUID=each)


@pytest.fixture
def send(clients: Clients, source: Queue) -> Callable[..., None]:
    def each(*bodies: str) -> None:
        for body in bodies:
            clients("sqs").send_message(QueueUrl=source[0], MessageBody=body)

    return each


@pytest.fixture
def heard(clients: Clients) -> Callable[[Queue, int], list[str]]:
    """Wait for so many messages of a queue and give their bodies."""

    def receive(queue: Queue, count: int) -> list[str]:
        bodies: list[str] = []

        def enough() -> bool:
            answer = clients("sqs").receive_message(QueueUrl=queue[0], MaxNumberOfMessages=10)
            bodies.extend(each["Body"] for each in answer.get("Messages", []))
            return len(bodies) >= count

        eventually(enough)
        return bodies

    return receive


def count(clients: Clients, queue: Queue) -> int:
    """Count what a queue holds, received or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = clients("sqs").get_queue_attributes(QueueUrl=queue[0], AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def bodies(events: list[str]) -> list[list[str]]:
    return [[record["body"] for record in json.loads(event)["Records"]] for event in events]


def test_a_message_reaches_the_function_as_on_aws_and_is_deleted(
    clients: Clients, hearer: Make, said: Queue, source: Queue, connect: Make, heard: Any
) -> None:
    connect(hearer(), source)
    clients("sqs").send_message(
        QueueUrl=source[0],
        MessageBody="hello",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "greeting"}},
    )
    (event,) = heard(said, 1)
    (record,) = json.loads(event)["Records"]
    assert record["body"] == "hello"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == source[1]
    assert record["awsRegion"] == "us-east-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["kind"]["stringValue"] == "greeting"
    eventually(lambda: count(clients, source) == 0)


def test_a_message_passes_though_the_function_fails_and_ends_among_the_letters(
    clients: Clients,
    make_function: Make,
    source: Queue,
    letters: Queue,
    send: Any,
    connect: Make,
    heard: Any,
) -> None:
    connect(make_function("def handler(e, c): raise ValueError('no')", Timeout=1), source)
    send("poison")
    assert heard(letters, 1) == ["poison"]
    assert count(clients, source) == 0


def test_letters_that_are_sent_back_begin_anew(
    clients: Clients, source: Queue, letters: Queue, send: Any
) -> None:
    sqs = clients("sqs")
    send("once", "again")

    def given_up() -> bool:
        sqs.receive_message(QueueUrl=source[0], MaxNumberOfMessages=10)
        return count(clients, letters) == 2

    eventually(given_up)
    sqs.start_message_move_task(SourceArn=letters[1])
    assert count(clients, letters) == 0
    answer = sqs.receive_message(
        QueueUrl=source[0], MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    )
    assert {each["Body"] for each in answer["Messages"]} == {"once", "again"}
    receipts = {each["Attributes"]["ApproximateReceiveCount"] for each in answer["Messages"]}
    assert receipts == {"1"}


def test_letters_of_no_queue_cannot_be_sent_back(clients: Clients, source: Queue) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        clients("sqs").start_message_move_task(SourceArn=source[1])


def test_a_failed_batch_comes_back_whole(
    clients: Clients,
    hearer: Make,
    said: Queue,
    source: Queue,
    letters: Queue,
    send: Any,
    connect: Make,
    heard: Any,
) -> None:
    send("good", "poison")
    connect(hearer(), source)
    assert sorted(heard(letters, 2)) == ["good", "poison"]
    given = bodies(heard(said, 2))
    assert sum(batch.count("good") for batch in given) == 2


def test_only_what_is_reported_as_failed_comes_back(
    clients: Clients,
    hearer: Make,
    said: Queue,
    source: Queue,
    letters: Queue,
    send: Any,
    connect: Make,
    heard: Any,
) -> None:
    send("good", "poison")
    connect(hearer(REPORT="yes"), source, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert heard(letters, 1) == ["poison"]
    assert bodies(heard(said, 2)) == [["good", "poison"], ["poison"]]
    assert count(clients, source) == 0


def test_a_window_collects_more_than_one_receipt_holds(
    clients: Clients, hearer: Make, said: Queue, make_queue: Any, connect: Make, heard: Any
) -> None:
    patient = make_queue()  # a message that came back within the window would be given twice
    for number in range(25):
        clients("sqs").send_message(QueueUrl=patient[0], MessageBody=str(number))
    connect(hearer(), patient, BatchSize=25, MaximumBatchingWindowInSeconds=20)
    (batch,) = bodies(heard(said, 1))
    assert sorted(batch, key=int) == [str(number) for number in range(25)]


def test_a_disabled_mapping_leaves_messages_in_the_queue(
    clients: Clients,
    hearer: Make,
    said: Queue,
    source: Queue,
    send: Any,
    connect: Make,
    heard: Any,
) -> None:
    mapping = connect(hearer(), source, Enabled=False)
    send("later")
    time.sleep(1)
    assert count(clients, source) == 1
    clients("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    assert bodies(heard(said, 1)) == [["later"]]


def test_a_function_that_may_outlast_the_visibility_is_refused(
    make_function: Make, source: Queue, connect: Make
) -> None:
    function = make_function("def handler(e, c): pass", Timeout=2)
    with pytest.raises(ClientError, match="is less than Function timeout"):
        connect(function, source)


def template(*, hidden: int, receipts: int, **mapping: Any) -> str:
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Letters", "Arn"]}}
    source = {"VisibilityTimeout": hidden, "SqsManagedSseEnabled": True}
    source |= {"RedrivePolicy": redrive | {"maxReceiveCount": receipts}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    policy = {"Queues": [{"Ref": "Source"}], "PolicyDocument": {"Statement": [statement]}}
    mapping |= {"EventSourceArn": {"Fn::GetAtt": ["Source", "Arn"]}}
    return json.dumps(
        {
            "Resources": {
                "Letters": {"Type": "AWS::SQS::Queue", "Properties": {}},
                "Source": {"Type": "AWS::SQS::Queue", "Properties": source},
                "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
                "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
            },
            "Outputs": {"Url": {"Value": {"Ref": "Source"}}},
        }
    )


def test_a_queue_and_its_mapping_in_a_template_are_made_changed_and_removed(
    clients: Clients, hearer: Make, said: Queue, heard: Any
) -> None:
    stacks, function = clients("cloudformation"), hearer()
    body = template(hidden=2, receipts=3, FunctionName=function, BatchSize=1)
    stacks.create_stack(StackName="queued", TemplateBody=body)
    (stack,) = stacks.describe_stacks(StackName="queued")["Stacks"]
    (url,) = (output["OutputValue"] for output in stack["Outputs"])
    clients("sqs").send_message(QueueUrl=url, MessageBody="a")
    assert bodies(heard(said, 1)) == [["a"]]
    body = template(hidden=5, receipts=4, FunctionName=function, Enabled=False)
    stacks.update_stack(StackName="queued", TemplateBody=body)
    attributes = clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    attributes = attributes["Attributes"]
    assert attributes["VisibilityTimeout"] == "5"
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 4
    assert json.loads(attributes["Policy"])["Statement"][0]["Effect"] == "Deny"
    stacks.delete_stack(StackName="queued")
    with pytest.raises(clients("sqs").exceptions.QueueDoesNotExist):
        clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
