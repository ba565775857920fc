"""Faults on demand: each kind of them, on the tables that were named, until they are ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.faults.wish import Wish
from local.places import endpoint

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
