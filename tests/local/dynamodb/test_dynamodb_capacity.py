"""Consumed capacity by AWS's rules; moto answers a constant."""

from __future__ import annotations

import pytest

from local.dynamodb import capacity

BIG = {"S": "x" * 2000}


@pytest.fixture
def charged():
    """Collect what the meters hear."""
    heard = []

    def meter(table, index, side, units):
        heard.append((table, index, side, units))

    capacity.meters.append(meter)
    yield heard
    capacity.meters.remove(meter)


def units(answer):
    consumed = answer["ConsumedCapacity"]
    return sum(one["CapacityUnits"] for one in ([consumed] if "CapacityUnits" in consumed else
                                                consumed))  # fmt: skip


def put(dynamodb, table, **more):
    return dynamodb.put_item(
        TableName=table, Item={"pk": {"S": "a"}, **more}, ReturnConsumedCapacity="INDEXES"
    )


def test_write_costs_the_larger_of_old_and_new(dynamodb, table):
    assert units(put(dynamodb, table)) == 1
    assert units(put(dynamodb, table, v=BIG)) == 2
    assert units(put(dynamodb, table)) == 2
    gone = dynamodb.delete_item(
        TableName=table, Key={"pk": {"S": "nobody"}}, ReturnConsumedCapacity="TOTAL"
    )
    assert units(gone) == 1
    assert "Table" not in gone["ConsumedCapacity"]


def test_index_costs_by_what_changes_in_it(dynamodb, make_table):
    table = make_table(indexes={"by-team": ("team",)}, projection={"ProjectionType": "KEYS_ONLY"})

    def index_units(**more):
        consumed = put(dynamodb, table, **more)["ConsumedCapacity"]
        found = consumed.get("GlobalSecondaryIndexes", {}).get("by-team", {})
        assert consumed["CapacityUnits"] == (
            consumed["Table"]["CapacityUnits"] + found.get("CapacityUnits", 0)
        )
        return found.get("CapacityUnits", 0)

    assert index_units() == 0
    assert index_units(team={"S": "x"}) == 1
    assert index_units(team={"S": "x"}, v=BIG) == 0
    assert index_units(team={"S": "y"}, v=BIG) == 2
    assert index_units() == 1


def test_reads_cost_half_when_eventual_and_twice_in_transactions(dynamodb, table):
    put(dynamodb, table, v={"S": "x" * 5000})
    request = {"Key": {"pk": {"S": "a"}}, "TableName": table}
    more = {"ReturnConsumedCapacity": "TOTAL"}
    assert units(dynamodb.get_item(**request, **more)) == 1
    assert units(dynamodb.get_item(**request, **more, ConsistentRead=True)) == 2
    absent = {**request, "Key": {"pk": {"S": "b"}}}
    assert units(dynamodb.get_item(**absent, **more)) == 0.5
    assert units(dynamodb.transact_get_items(TransactItems=[{"Get": request}], **more)) == 4
    keys = {table: {"Keys": [request["Key"], absent["Key"]]}}
    assert units(dynamodb.batch_get_item(RequestItems=keys, **more)) == 1.5


def test_page_costs_its_sum_and_not_its_items(dynamodb, table):
    for i in range(10):
        dynamodb.put_item(TableName=table, Item={"pk": {"S": str(i)}, "v": {"S": "x" * 1000}})
    more = {"TableName": table, "ReturnConsumedCapacity": "INDEXES"}
    answer = dynamodb.scan(**more, FilterExpression="attribute_not_exists(pk)")
    assert units(answer) == 1.5
    assert answer["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.5}
    assert units(dynamodb.scan(**more, ConsistentRead=True)) == 3


def test_query_on_an_index_is_charged_to_the_index(dynamodb, make_table):
    table = make_table(indexes={"by-team": ("team",)})
    put(dynamodb, table, team={"S": "x"})
    consumed = dynamodb.query(
        TableName=table,
        IndexName="by-team",
        KeyConditionExpression="team = :x",
        ExpressionAttributeValues={":x": {"S": "x"}},
        ReturnConsumedCapacity="INDEXES",
    )["ConsumedCapacity"]
    assert consumed["Table"] == {"CapacityUnits": 0.0}
    assert consumed["GlobalSecondaryIndexes"] == {"by-team": {"CapacityUnits": 0.5}}


def test_transactions_cost_twice_and_batches_once(dynamodb, table):
    more = {"ReturnConsumedCapacity": "TOTAL"}
    item = {"pk": {"S": "a"}, "v": BIG}
    transaction = {
        "TransactItems": [{"Put": {"TableName": table, "Item": item}}],
        "ClientRequestToken": f"c-{table}",
    }
    answer = dynamodb.transact_write_items(**transaction, **more)
    assert answer["ConsumedCapacity"] == [
        {"TableName": table, "CapacityUnits": 4.0, "WriteCapacityUnits": 4.0}
    ]
    again = dynamodb.transact_write_items(**transaction, **more)
    assert again["ConsumedCapacity"][0]["ReadCapacityUnits"] == 2.0
    batch = {table: [{"PutRequest": {"Item": item}}]}
    assert units(dynamodb.batch_write_item(RequestItems=batch, **more)) == 2
    text = f"INSERT INTO \"{table}\" VALUE {{'pk': ?}}"
    statements = [{"Statement": text, "Parameters": [{"S": key}]} for key in ("a", "b")]
    answer = dynamodb.batch_execute_statement(Statements=statements, **more)
    assert units(answer) == 3, "the duplicate is charged for the item it met"


def test_failed_condition_is_charged(dynamodb, table, refused, charged):
    put(dynamodb, table, v=BIG)
    charged.clear()
    refused(
        "ConditionalCheckFailedException",
        dynamodb.put_item,
        TableName=table,
        Item={"pk": {"S": "a"}},
        ConditionExpression="attribute_not_exists(pk)",
    )
    assert charged == [(table, None, "write", 2.0)]


def test_unknown_detail_is_refused(dynamodb, table, refused):
    refused("ValidationException", dynamodb.scan, TableName=table, ReturnConsumedCapacity="SOME")
