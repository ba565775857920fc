"""A local cloud on AWS's DynamoDB Local: its tables follow moto's, and where it differs."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from local import lifecycle
from local.places import Places
from tests.dynamodb_local import require_dynamodb_local
from tests.local.conftest import Clients, eventually, free_port

NUMBERS = count(1)
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
BY_TEAM = {
    "IndexName": "by-team",
    "KeySchema": [{"AttributeName": "team", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Give the places of a running local cloud on DynamoDB Local."""
    require_dynamodb_local()
    places = Places(tmp_path_factory.mktemp("dynamodb-local"))
    lifecycle.up(free_port(), detach=True, dynamodb="local", places=places)
    yield places
    lifecycle.down(places)


@pytest.fixture(scope="module")
def client(home: Places) -> Clients:
    made: dict[str, Any] = {}

    def give(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(
                service,
                endpoint_url=lifecycle.status(home).endpoint,
                region_name="us-east-1",
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
                config=Config(retries={"total_max_attempts": 1}),
            )
        return made[service]

    return give


@pytest.fixture
def dynamodb(client: Clients) -> Any:
    return client("dynamodb")


@pytest.fixture
def make_table(dynamodb: Any) -> Callable[..., str]:
    """Create tables with one string key, and give their names."""

    def make(*attributes: str, **properties: Any) -> str:
        name = f"table-{next(NUMBERS)}"
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": each, "AttributeType": "S"} for each in ("PK", *attributes)
            ],
            BillingMode="PAY_PER_REQUEST",
            **properties,
        )
        return name

    return make


def item(key: str, **attributes: str) -> dict[str, Any]:
    return {name: {"S": value} for name, value in {"PK": key, **attributes}.items()}


def described(dynamodb: Any, table: str) -> dict[str, Any]:
    return dict(dynamodb.describe_table(TableName=table)["Table"])


def deny(dynamodb: Any, table: str, *actions: str) -> None:
    arn = described(dynamodb, table)["TableArn"]
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": [f"dynamodb:{each}" for each in actions],
        "Resource": arn,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy))


def processes(places: Places) -> list[str]:
    """List the processes that carry a local cloud's mark."""
    listed = subprocess.check_output(["ps", "-A", "-ww", "-o", "args="], text=True)
    mark = f"-Dcutover.home={places.home.resolve()}"
    return [line for line in listed.splitlines() if mark in line.split()]


# -- coming and going


def test_status_names_the_engine(home: Places) -> None:
    assert lifecycle.status(home).dynamodb == "local"
    assert processes(home)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_ends_takes_its_dynamodb_local_along(
    tmp_path_factory: pytest.TempPathFactory, how: signal.Signals
) -> None:
    require_dynamodb_local()
    places = Places(tmp_path_factory.mktemp("ended"))
    lifecycle.up(free_port(), detach=True, dynamodb="local", places=places)
    assert processes(places)
    os.kill(lifecycle.status(places).pid or 0, how)
    assert eventually(lambda: not processes(places))


# -- tables


def test_description_merges_what_each_engine_knows(
    dynamodb: Any, make_table: Callable[..., str]
) -> None:
    table = make_table(
        "team",
        GlobalSecondaryIndexes=[BY_TEAM],
        StreamSpecification=STREAM,
        DeletionProtectionEnabled=True,
    )
    dynamodb.put_item(TableName=table, Item=item("a", team="red"))
    dynamodb.put_item(TableName=table, Item=item("b"))
    found = described(dynamodb, table)
    assert found["TableArn"] == f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}"
    assert found["TableId"]
    assert found["DeletionProtectionEnabled"]
    assert found["LatestStreamArn"] == f"{found['TableArn']}/stream/{found['LatestStreamLabel']}"
    assert found["ItemCount"] == 2
    assert found["TableSizeBytes"] == 13
    (index,) = found["GlobalSecondaryIndexes"]
    assert (index["ItemCount"], index["IndexSizeBytes"]) == (1, 10)
    assert index["IndexArn"] == f"{found['TableArn']}/index/by-team"


def test_index_added_later_is_filled_and_one_removed_is_gone(
    dynamodb: Any, make_table: Callable[..., str]
) -> None:
    table = make_table()
    dynamodb.put_item(TableName=table, Item=item("a", team="red"))
    dynamodb.update_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "team", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": BY_TEAM}],
    )

    def query() -> Any:
        return dynamodb.query(
            TableName=table,
            IndexName="by-team",
            KeyConditionExpression="team = :t",
            ExpressionAttributeValues={":t": {"S": "red"}},
        )["Items"]

    assert query() == [item("a", team="red")]
    dynamodb.update_table(
        TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-team"}}]
    )
    assert "GlobalSecondaryIndexes" not in described(dynamodb, table)
    with pytest.raises(ClientError, match="does not have the specified index"):
        query()


def test_protected_table_is_kept_and_a_deleted_one_is_forgotten(
    dynamodb: Any, make_table: Callable[..., str]
) -> None:
    table = make_table(DeletionProtectionEnabled=True)
    dynamodb.put_item(TableName=table, Item=item("a"))
    with pytest.raises(ClientError, match="can't be deleted"):
        dynamodb.delete_table(TableName=table)
    assert dynamodb.get_item(TableName=table, Key=item("a"))["Item"] == item("a")
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=table)
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.get_item(TableName=table, Key=item("a"))


def test_table_that_is_declined_is_in_neither_engine(dynamodb: Any) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        dynamodb.create_table(
            TableName="declined",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("PK", "team")
            ],
            BillingMode="PAY_PER_REQUEST",
            GlobalSecondaryIndexes=[{**BY_TEAM, "IndexName": "by team"}],
        )
    assert "declined" not in dynamodb.list_tables()["TableNames"]


# -- streams


def test_stream_is_read_by_the_arn_of_the_table(
    client: Clients, dynamodb: Any, make_table: Callable[..., str]
) -> None:
    table = make_table(StreamSpecification=STREAM)
    before = datetime.now(UTC)
    dynamodb.put_item(TableName=table, Item=item("a", n="1"))
    dynamodb.delete_item(TableName=table, Key=item("a"))
    streams = client("dynamodbstreams")
    (listed,) = streams.list_streams(TableName=table)["Streams"]
    assert listed["StreamArn"] == described(dynamodb, table)["LatestStreamArn"]
    stream = streams.describe_stream(StreamArn=listed["StreamArn"])["StreamDescription"]
    assert stream["StreamArn"] == listed["StreamArn"]
    iterator = streams.get_shard_iterator(
        StreamArn=listed["StreamArn"],
        ShardId=stream["Shards"][0]["ShardId"],
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    assert [(each["eventName"], each["awsRegion"]) for each in records] == [
        ("INSERT", "us-east-1"),
        ("REMOVE", "us-east-1"),
    ]
    assert records[0]["dynamodb"]["NewImage"] == item("a", n="1")
    # It tells the minute only; no record may seem older than it is, or the tripwire would be late.
    assert all(
        before <= each["dynamodb"]["ApproximateCreationDateTime"] <= datetime.now(UTC)
        for each in records
    )


def test_stream_switched_on_later_begins_then(
    client: Clients, dynamodb: Any, make_table: Callable[..., str]
) -> None:
    table = make_table()
    assert "LatestStreamArn" not in described(dynamodb, table)
    dynamodb.update_table(TableName=table, StreamSpecification=STREAM)
    arn = described(dynamodb, table)["LatestStreamArn"]
    stream = client("dynamodbstreams").describe_stream(StreamArn=arn)["StreamDescription"]
    assert stream["StreamStatus"] == "ENABLED"


def test_stream_that_never_was_is_declined_as_on_aws(client: Clients) -> None:
    streams = client("dynamodbstreams")
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/no/stream/2026-11-21T00:00:00.000"
    with pytest.raises(streams.exceptions.ResourceNotFoundException):
        streams.describe_stream(StreamArn=arn)


# -- items


def test_errors_come_through_whole(dynamodb: Any, make_table: Callable[..., str]) -> None:
    table = make_table()
    dynamodb.put_item(TableName=table, Item=item("a", n="1"))
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refused:
        dynamodb.put_item(
            TableName=table,
            Item=item("a"),
            ConditionExpression="attribute_not_exists(PK)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert refused.value.response["Item"] == item("a", n="1")


def test_denied_statement_of_a_batch_is_refused_alone(
    dynamodb: Any, make_table: Callable[..., str]
) -> None:
    closed, opened = make_table(), make_table()
    deny(dynamodb, closed, "PartiQLInsert", "PutItem")
    statements = [
        {"Statement": f"INSERT INTO \"{table}\" VALUE {{'PK': ?}}", "Parameters": [{"S": key}]}
        for table, key in ((opened, "a"), (closed, "a"), (opened, "b"))
    ]
    answers = dynamodb.batch_execute_statement(Statements=statements)["Responses"]
    assert [each.get("Error", {}).get("Code") for each in answers] == [None, "AccessDenied", None]
    kept = dynamodb.scan(TableName=opened)["Items"]
    assert sorted(each["PK"]["S"] for each in kept) == ["a", "b"]
    answers = dynamodb.batch_execute_statement(Statements=[statements[1]])["Responses"]
    assert answers[0]["Error"]["Code"] == "AccessDenied"
    with pytest.raises(ClientError, match="explicit deny"):
        dynamodb.put_item(TableName=closed, Item=item("a"))
    assert dynamodb.scan(TableName=closed)["Count"] == 0


def test_batch_of_inserts_when_asked_tells_what_tables_and_indexes_cost(
    dynamodb: Any, make_table: Callable[..., str]
) -> None:
    table = make_table("team", GlobalSecondaryIndexes=[BY_TEAM])
    text = f"INSERT INTO \"{table}\" VALUE {{'PK': ?, 'team': ?}}"
    big = "x" * 1500
    dynamodb.put_item(TableName=table, Item=item("c"))
    statements = [
        {"Statement": text, "Parameters": [{"S": key}, {"S": team}]}
        for key, team in (("a", "blue"), ("b", big), ("c", "red"))
    ]
    told = dynamodb.batch_execute_statement(Statements=statements, ReturnConsumedCapacity="INDEXES")
    assert [each.get("Error", {}).get("Code") for each in told["Responses"]] == [
        None,
        None,
        "DuplicateItem",
    ]
    [consumed] = told["ConsumedCapacity"]
    # 1 and 2 for what was written, in either place, and 1 at least for the one that was there
    assert consumed["Table"] == {"CapacityUnits": 4.0}
    assert consumed["GlobalSecondaryIndexes"] == {"by-team": {"CapacityUnits": 3.0}}
    assert consumed["CapacityUnits"] == consumed["WriteCapacityUnits"] == 7.0
    silent = dynamodb.batch_execute_statement(Statements=statements[:1])
    assert "ConsumedCapacity" not in silent


def test_batch_of_statements_that_are_no_inserts_is_done_and_costs_nothing(
    dynamodb: Any, make_table: Callable[..., str]
) -> None:
    table = make_table()
    dynamodb.put_item(TableName=table, Item=item("a"))
    text = f'DELETE FROM "{table}" WHERE "PK" = \'a\''  # noqa: S608 - a table of ours
    told = dynamodb.batch_execute_statement(
        Statements=[{"Statement": text}], ReturnConsumedCapacity="TOTAL"
    )
    assert told["ConsumedCapacity"] == []
    assert dynamodb.scan(TableName=table)["Count"] == 0


@pytest.fixture
def ask(home: Places) -> Iterator[Callable[..., None]]:
    """Ask for faults, and end them afterwards."""
    page = f"{lifecycle.status(home).endpoint}/_cutover/faults"

    def put(**wish: Any) -> None:
        assert urllib3.request("PUT", page, body=json.dumps(wish).encode()).status == 200

    yield put
    urllib3.request("DELETE", page)


def test_faults_happen_before_it_and_to_parts_of_its_answers(
    dynamodb: Any, make_table: Callable[..., str], ask: Callable[..., None]
) -> None:
    table = make_table()
    puts = [{"PutRequest": {"Item": item(key)}} for key in "abcd"]
    ask(tables=[table], partial=1)
    answer = dynamodb.batch_write_item(RequestItems={table: puts})
    assert answer["UnprocessedItems"] == {table: puts[2:]}
    ask(tables=[table], cancel=1, reason="ThrottlingError", times=1)
    actions = [{"Put": {"TableName": table, "Item": item("e")}}]
    with pytest.raises(ClientError, match="ThrottlingError"):
        dynamodb.transact_write_items(TransactItems=actions)
    ask(tables=[table], lose=1, times=1)
    with pytest.raises(ClientError, match="Internal server error"):
        dynamodb.put_item(TableName=table, Item=item("f"))
    found = dynamodb.scan(TableName=table)["Items"]
    assert sorted(each["PK"]["S"] for each in found) == ["a", "b", "f"]


# -- differences from AWS that are known, and that our other engine does not have


def test_backups_are_refused_with_the_way_out(
    dynamodb: Any, make_table: Callable[..., str]
) -> None:
    with pytest.raises(ClientError, match="--dynamodb moto"):
        dynamodb.create_backup(TableName=make_table(), BackupName="backup")
