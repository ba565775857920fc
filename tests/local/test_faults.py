"""Faults on demand: each kind of them, on the tables that were named, until they are ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, get_args

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from local.faults.chaos import Chaos
from local.faults.functions import perform
from local.faults.streams import deliveries
from local.faults.wish import Reason, Wish
from local.lambdas.runtime_api import Outcome
from local.places import endpoint
from tests.local.conftest import Clients

ITEM = {"pk": {"S": "a"}}
Ask = Callable[..., Any]


@pytest.fixture
def ask(port: int) -> Iterator[Ask]:
    """Ask for faults, and end them afterwards."""

    def send(method: str = "PUT", **wish: Any) -> Any:
        page = f"{endpoint(port)}/_cutover/faults"
        answer = urllib3.request(method, page, body=json.dumps(wish).encode())
        return {**answer.json(), "status": answer.status}

    yield send
    send("DELETE")


@pytest.fixture
def dynamodb(port: int) -> Any:
    """Give a client that tries once."""
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint(port),
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def table(dynamodb: Any) -> Iterator[str]:
    name = f"faulty-{time.time_ns()}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.fixture
def bucket(clients: Clients) -> str:
    name = f"faulty-{time.time_ns()}"
    clients("s3").create_bucket(Bucket=name)
    return name


def refused(act: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        act()
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def there(dynamodb: Any, table: str) -> bool:
    return "Item" in dynamodb.get_item(TableName=table, Key=ITEM, ConsistentRead=True)


@pytest.mark.parametrize(
    ("kind", "said", "status", "takes_effect"),
    [
        ("refuse", "InternalServerError", 500, False),
        ("lose", "InternalServerError", 500, True),
        ("throttle", "ProvisionedThroughputExceededException", 400, False),
        ("conflict", "TransactionConflictException", 400, False),
    ],
)
def test_a_write_meets_the_fault_that_was_asked_for(
    ask: Ask, dynamodb: Any, table: str, kind: str, said: str, status: int, takes_effect: bool
) -> None:
    ask(tables=[table], **{kind: 1})
    answer = refused(lambda: dynamodb.put_item(TableName=table, Item=ITEM))
    assert answer == (said, status)
    assert ask("GET")["happened"][kind] == 1
    ask("DELETE")
    assert there(dynamodb, table) is takes_effect


def test_a_transaction_is_cancelled_with_the_reason_of_its_first_action(
    ask: Ask, dynamodb: Any, table: str
) -> None:
    ask(tables=[table], conflict=1)
    puts = [{"Put": {"TableName": table, "Item": {"pk": {"S": name}}}} for name in "ab"]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as error:
        dynamodb.transact_write_items(TransactItems=puts)
    reasons = [each["Code"] for each in error.value.response["CancellationReasons"]]
    assert reasons == ["TransactionConflict", "None"]


@pytest.mark.parametrize("reason", get_args(Reason))
def test_a_transaction_is_cancelled_for_the_reason_that_was_asked_for(
    ask: Ask, dynamodb: Any, table: str, reason: str
) -> None:
    ask(tables=[table], cancel=1, reason=reason, times=1)
    puts = [{"Put": {"TableName": table, "Item": {"pk": {"S": name}}}} for name in "ab"]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as error:
        dynamodb.transact_write_items(TransactItems=puts)
    reasons = [each["Code"] for each in error.value.response["CancellationReasons"]]
    assert sorted(reasons) == sorted(["None", reason])
    assert not there(dynamodb, table)
    dynamodb.transact_write_items(TransactItems=puts)  # it was to happen once
    assert there(dynamodb, table)


def names(items: list[Any]) -> set[str]:
    return {item["pk"]["S"] for item in items}


def test_a_batch_is_done_in_part_and_the_rest_is_handed_back(
    ask: Ask, dynamodb: Any, table: str
) -> None:
    ask(tables=[table], partial=1)
    puts = [{"PutRequest": {"Item": {"pk": {"S": name}}}} for name in "abcde"]
    answer = dynamodb.batch_write_item(RequestItems={table: puts})
    assert answer["UnprocessedItems"] == {table: puts[2:]}
    keys = [{"pk": {"S": name}} for name in "abc"]
    asked = {table: {"Keys": keys, "ConsistentRead": True}}
    answer = dynamodb.batch_get_item(RequestItems=asked)
    assert names(answer["Responses"][table]) == {"a"}
    assert answer["UnprocessedKeys"] == {table: {"Keys": keys[1:], "ConsistentRead": True}}
    one = dynamodb.batch_write_item(RequestItems={table: puts[2:3]})
    assert one["UnprocessedItems"] == {}  # of one there is no half
    assert names(dynamodb.scan(TableName=table)["Items"]) == {"a", "b", "c"}


def test_statements_are_done_in_part_and_the_rest_is_throttled(
    ask: Ask, dynamodb: Any, table: str
) -> None:
    ask(tables=[table], partial=1)
    statements = [
        {"Statement": f"INSERT INTO \"{table}\" VALUE {{'pk': ?}}", "Parameters": [{"S": name}]}
        for name in "abc"
    ]
    responses = dynamodb.batch_execute_statement(Statements=statements)["Responses"]
    codes = [each.get("Error", {}).get("Code") for each in responses]
    assert codes == [None, "ThrottlingError", "ThrottlingError"]
    assert names(dynamodb.scan(TableName=table)["Items"]) == {"a"}


def test_a_hanging_write_has_its_effect_and_its_answer_comes_too_late(
    ask: Ask, port: int, table: str, dynamodb: Any
) -> None:
    ask(tables=[table], hang=1, slow_seconds=1.5)
    impatient = boto3.client(
        "dynamodb",
        endpoint_url=endpoint(port),
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(read_timeout=0.5, retries={"total_max_attempts": 1}),
    )
    with pytest.raises(ReadTimeoutError):
        impatient.put_item(TableName=table, Item=ITEM)
    ask("DELETE")
    assert there(dynamodb, table)


@pytest.mark.parametrize(("kind", "takes_effect"), [("refuse", False), ("lose", True)])
def test_a_request_to_s3_meets_the_fault_that_was_asked_for(
    ask: Ask, clients: Clients, bucket: str, kind: str, takes_effect: bool
) -> None:
    s3 = clients("s3")
    ask(services=["sqs"], **{kind: 1})
    s3.put_object(Bucket=bucket, Key="another")  # no fault of SQS is S3's
    ask(services=["s3"], **{kind: 1})
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="a")
    assert error.value.response["Error"]["Code"] == "InternalError"
    ask("DELETE")
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert ("a" in {each["Key"] for each in listed}) is takes_effect


def test_a_request_to_sqs_is_refused_in_its_own_form(ask: Ask, clients: Clients) -> None:
    ask(services=["sqs"], tables=[], refuse=1)
    with pytest.raises(ClientError) as error:
        clients("sqs").list_queues()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def chaos(**wish: Any) -> Chaos:
    made = Chaos()
    made.ask(Wish(**wish))
    return made


def test_a_function_is_called_twice_or_its_answer_is_lost() -> None:
    calls: list[int] = []

    def invoke() -> Outcome:
        calls.append(1)
        return Outcome(b"done")

    assert perform(chaos(), "f", invoke) == Outcome(b"done")
    assert perform(chaos(twice=1, functions=frozenset({"g"})), "f", invoke) == Outcome(b"done")
    assert len(calls) == 2
    assert perform(chaos(twice=1), "f", invoke) == Outcome(b"done")
    assert len(calls) == 4
    lost = perform(chaos(time_out=1), "f", invoke)
    assert (lost.error, json.loads(lost.payload)["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert len(calls) == 5


def test_a_batch_of_a_stream_comes_again_or_late() -> None:
    assert deliveries(chaos(), "t") == 1
    assert deliveries(chaos(repeat=1), "t") == 2
    assert deliveries(chaos(repeat=1, tables=frozenset({"u"})), "t") == 1
    late = chaos(late=1, slow_seconds=0.2)
    began = time.monotonic()
    assert deliveries(late, "t") == 1
    assert time.monotonic() - began >= 0.2  # what was asked for, not how fast this machine is
    assert late.report()["happened"] == {"late": 1}


def test_other_tables_and_reads_that_cannot_conflict_are_left_alone(
    ask: Ask, dynamodb: Any, table: str
) -> None:
    ask(tables=["another"], refuse=1)
    dynamodb.put_item(TableName=table, Item=ITEM)
    ask(tables=[table], conflict=1)
    assert there(dynamodb, table)


def test_a_slow_answer_comes_late_and_right(ask: Ask, dynamodb: Any, table: str) -> None:
    ask(tables=[table], slow=1, slow_seconds=0.3)
    began = time.monotonic()
    dynamodb.put_item(TableName=table, Item=ITEM)
    assert time.monotonic() - began >= 0.3  # what was asked for, not how fast this machine is


def test_a_wish_that_nobody_knows_is_refused(ask: Ask) -> None:
    assert ask(explode=1)["status"] == 400
    assert ask("GET")["wish"] == Wish().model_dump(mode="json")


@pytest.mark.parametrize(
    "request_",
    [
        {"TableName": "t"},
        {"TableName": "arn:aws:dynamodb:us-east-1:1:table/t"},
        {"RequestItems": {"t": []}},
        {"TransactItems": [{"Put": {"TableName": "u"}}, {"Delete": {"TableName": "t"}}]},
        {"Statements": [{"Statement": "INSERT INTO \"t\" VALUE {'pk': ?}"}]},
        {"Statement": 'SELECT * FROM "t" WHERE pk = ?'},
    ],
)
def test_a_request_concerns_the_tables_it_names(request_: dict[str, Any]) -> None:
    assert Wish(tables=frozenset({"t"})).concerns(request_)
    assert not Wish(tables=frozenset({"other"})).concerns(request_)
    assert Wish().concerns(request_)
