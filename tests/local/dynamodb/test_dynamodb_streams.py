"""Streams: one record per write that changed something, with the right images."""

from __future__ import annotations

import pytest

STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.fixture
def records(connect, dynamodb):
    def read(table):
        streams = connect("dynamodbstreams")
        arn = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return streams.get_records(ShardIterator=iterator)["Records"]

    return read


def test_each_change_is_one_record_and_no_change_is_none(dynamodb, make_table, records):
    table = make_table(StreamSpecification=STREAM)
    key = {"pk": {"S": "a"}}
    update = {
        "TableName": table,
        "Key": key,
        "UpdateExpression": "SET v = :v",
        "ExpressionAttributeValues": {":v": {"SS": ["x", "y"]}},
    }
    dynamodb.update_item(**update)
    dynamodb.update_item(**update)
    dynamodb.put_item(TableName=table, Item={**key, "v": {"SS": ["y", "x"]}})
    dynamodb.put_item(TableName=table, Item=key)
    dynamodb.delete_item(TableName=table, Key=key)
    dynamodb.delete_item(TableName=table, Key=key)
    found = records(table)
    images = [
        (one["eventName"], one["dynamodb"].get("OldImage"), one["dynamodb"].get("NewImage"))
        for one in found
    ]
    first = {**key, "v": {"SS": ["x", "y"]}}
    assert images == [
        ("INSERT", None, first),
        ("MODIFY", {**key, "v": {"SS": ["y", "x"]}}, key),
        ("REMOVE", key, None),
    ]
    numbers = [int(one["dynamodb"]["SequenceNumber"]) for one in found]
    assert numbers == sorted(set(numbers))
    assert all(one["dynamodb"]["Keys"] == key for one in found)


def test_transaction_and_insert_are_recorded_and_a_canceled_one_is_not(
    dynamodb, make_table, records, refused
):
    table = make_table(StreamSpecification={**STREAM, "StreamViewType": "KEYS_ONLY"})
    puts = [{"Put": {"TableName": table, "Item": {"pk": {"S": key}}}} for key in ("a", "b")]
    dynamodb.transact_write_items(TransactItems=puts)
    puts[1]["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
    puts[0]["Put"]["Item"]["v"] = {"S": "x"}
    refused("TransactionCanceledException", dynamodb.transact_write_items, TransactItems=puts)
    dynamodb.execute_statement(Statement=f"INSERT INTO \"{table}\" VALUE {{'pk': 'c'}}")
    found = [one["dynamodb"] for one in records(table)]
    assert [one["Keys"]["pk"]["S"] for one in found] == ["a", "b", "c"]
    assert not any("NewImage" in one for one in found)


def test_table_without_stream_has_no_records(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}})
    assert "LatestStreamArn" not in dynamodb.describe_table(TableName=table)["Table"]
