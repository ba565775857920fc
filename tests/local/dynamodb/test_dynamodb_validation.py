"""What AWS refuses, is refused, and nothing is changed."""

from __future__ import annotations

import pytest


def put(dynamodb, refused, table, item):
    answer = refused("ValidationException", dynamodb.put_item, TableName=table, Item=item)
    return answer["Error"]["Message"]


def nested(depth):
    value = {"S": "x"}
    for _ in range(depth):
        value = {"M": {"a": value}}
    return value


def test_item_of_400_kb_fits_and_one_byte_more_does_not(dynamodb, table, refused):
    room = 400 * 1024 - len("pk") - len("a") - len("v")
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "v": {"S": "x" * room}})
    message = put(dynamodb, refused, table, {"pk": {"S": "a"}, "v": {"S": "x" * (room - 1) + "é"}})
    assert "Item size has exceeded the maximum allowed size" in message
    answer = refused(
        "ValidationException",
        dynamodb.update_item,
        TableName=table,
        Key={"pk": {"S": "a"}},
        UpdateExpression="SET w = :w",
        ExpressionAttributeValues={":w": {"S": "y"}},
    )
    assert "Item size to update has exceeded" in answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"v": {"S": "x"}}, "Missing the key pk in the item"),
        ({"pk": {"N": "1"}}, "Type mismatch for key pk expected: S actual: N"),
        ({"pk": {"S": ""}}, "cannot contain an empty string value. Key: pk"),
        ({"pk": {"S": "x" * 2049}}, "Size of hashkey has exceeded the maximum size limit of2048"),
        ({"pk": {"S": "a"}, "s": {"SS": []}}, "An string set  may not be empty"),
        ({"pk": {"S": "a"}, "s": {"NS": ["1", "1.0"]}}, "contains duplicates"),
        ({"pk": {"S": "a"}, "s": {"NULL": False}}, "must have the value of true"),
        ({"pk": {"S": "a"}, "s": {}}, "Supplied AttributeValue is empty"),
        ({"pk": {"S": "a"}, "s": {"S": "1", "N": "1"}}, "more than one datatypes"),
        ({"pk": {"S": "a"}, "d": nested(33)}, "Nesting Levels have exceeded"),
    ],
)
def test_bad_item_is_refused(dynamodb, table, refused, item, message):
    assert message in put(dynamodb, refused, table, item)


def test_thirty_two_levels_and_empty_values_outside_keys_are_taken(dynamodb, table):
    item = {
        "pk": {"S": "a"},
        "d": nested(32),
        "empty": {"S": ""},
        "bytes": {"B": b""},
        "list": {"L": []},
        "map": {"M": {}},
    }
    dynamodb.put_item(TableName=table, Item=item)
    assert dynamodb.get_item(TableName=table, Key={"pk": {"S": "a"}})["Item"] == item


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"N": "1"}, "Type mismatch for Index Key team Expected: S Actual: N IndexName: by-team"),
        ({"NULL": True}, "Type mismatch for Index Key team Expected: S Actual: NULL"),
        (
            {"S": ""},
            "One or more parameter values are not valid. A value specified for a secondary index "
            "key is not supported. The AttributeValue for a key attribute cannot contain an empty "
            "string value. IndexName: by-team, IndexKey: team",
        ),
    ],
)
def test_value_an_index_cannot_hold_is_refused(dynamodb, make_table, refused, value, message):
    table = make_table(indexes={"by-name": ("name",), "by-team": ("team",)})
    assert message in put(dynamodb, refused, table, {"pk": {"S": "a"}, "team": value})
    answer = refused(
        "ValidationException",
        dynamodb.update_item,
        TableName=table,
        Key={"pk": {"S": "a"}},
        UpdateExpression="SET team = :t",
        ExpressionAttributeValues={":t": value},
    )
    assert message in answer["Error"]["Message"]
    assert dynamodb.scan(TableName=table)["Count"] == 0


@pytest.mark.parametrize(
    "key", [{}, {"pk": {"S": "a"}}, {"pk": {"S": "a"}, "sk": {"N": "1"}},
            {"pk": {"S": "a"}, "sk": {"S": "b"}, "x": {"S": "c"}}],
)  # fmt: skip
def test_key_that_is_not_the_schemas_is_refused(dynamodb, make_table, refused, key):
    table = make_table(range_key=True)
    for operation in (dynamodb.get_item, dynamodb.delete_item, dynamodb.update_item):
        answer = refused("ValidationException", operation, TableName=table, Key=key)
        assert "key element does not match the schema" in answer["Error"]["Message"]


def test_unknown_table_is_not_found_by_any_operation(dynamodb, refused):
    key = {"pk": {"S": "a"}}
    for operation, request in (
        (dynamodb.put_item, {"TableName": "nope", "Item": key}),
        (dynamodb.get_item, {"TableName": "nope", "Key": key}),
        (dynamodb.scan, {"TableName": "nope"}),
        (dynamodb.batch_get_item, {"RequestItems": {"nope": {"Keys": [key]}}}),
        (dynamodb.transact_get_items, {"TransactItems": [{"Get": {"TableName": "nope",
                                                                  "Key": key}}]}),
    ):  # fmt: skip
        refused("ResourceNotFoundException", operation, **request)


def test_batch_of_25_writes_is_taken_and_26_are_refused(dynamodb, table, refused):
    requests = [{"PutRequest": {"Item": {"pk": {"S": str(i)}}}} for i in range(26)]
    assert dynamodb.batch_write_item(RequestItems={table: requests[:25]})["UnprocessedItems"] == {}
    answer = refused(
        "ValidationException", dynamodb.batch_write_item, RequestItems={table: requests}
    )
    assert "Too many items" in answer["Error"]["Message"]


def test_batch_with_duplicates_or_one_bad_item_writes_nothing(dynamodb, table, refused):
    good = {"PutRequest": {"Item": {"pk": {"S": "a"}}}}
    for other, message in (
        ({"DeleteRequest": {"Key": {"pk": {"S": "a"}}}}, "contains duplicates"),
        ({"PutRequest": {"Item": {"pk": {"S": ""}}}}, "empty string value"),
    ):
        answer = refused(
            "ValidationException", dynamodb.batch_write_item, RequestItems={table: [good, other]}
        )
        assert message in answer["Error"]["Message"]
    assert dynamodb.scan(TableName=table)["Count"] == 0


def test_batch_get_gives_100_refuses_101_and_duplicates(dynamodb, table, refused):
    keys = [{"pk": {"S": str(i)}} for i in range(101)]
    for key in keys[:3]:
        dynamodb.put_item(TableName=table, Item=key)
    found = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys[:100]}})
    assert sorted(item["pk"]["S"] for item in found["Responses"][table]) == ["0", "1", "2"]
    for bad in (keys, [keys[0], keys[0]]):
        refused("ValidationException", dynamodb.batch_get_item, RequestItems={table: {"Keys": bad}})


def test_batch_get_leaves_what_is_beyond_16_mb_unprocessed(dynamodb, table):
    keys = [{"pk": {"S": f"{i:02}"}} for i in range(50)]
    for key in keys:
        dynamodb.put_item(TableName=table, Item={**key, "v": {"S": "x" * 400_000}})
    asked, found = {table: {"Keys": keys, "ProjectionExpression": "pk"}}, []
    answer = dynamodb.batch_get_item(RequestItems=asked)
    left = answer["UnprocessedKeys"]
    assert len(answer["Responses"][table]) == 16 * 1024 * 1024 // 400_005
    assert left[table]["ProjectionExpression"] == "pk"
    found = [
        *answer["Responses"][table],
        *dynamodb.batch_get_item(RequestItems=left)["Responses"][table],
    ]
    assert found == keys
