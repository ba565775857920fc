"""Single writes: atomic under threads, and their expressions as on AWS."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

ITEM = {"pk": {"S": "a"}, "n": {"N": "1"}, "m": {"M": {"x": {"S": "1"}, "y": {"L": [{"N": "5"}]}}}}


def test_increments_by_eight_threads_lose_none(dynamodb, table):
    def increment(_):
        dynamodb.update_item(
            TableName=table,
            Key={"pk": {"S": "counter"}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(400)))
    item = dynamodb.get_item(TableName=table, Key={"pk": {"S": "counter"}}, ConsistentRead=True)
    assert item["Item"]["n"] == {"N": "400"}


def test_conditional_creates_by_eight_threads_let_one_win(dynamodb, table):
    def create(who):
        try:
            dynamodb.put_item(
                TableName=table,
                Item={"pk": {"S": "only"}, "who": {"N": str(who)}},
                ConditionExpression="attribute_not_exists(pk)",
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(40))) == 1


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("n = :one", True),
        ("n <> :one", False),
        ("absent <> :one", True),
        ("absent = :one", False),
        ("n BETWEEN :one AND :two", True),
        ("n IN (:two, :text)", False),
        ("n < :text", False),
        ("begins_with(pk, :text)", True),
        ("contains(m.y, :five)", True),
        ("size(m.y) = :one AND NOT attribute_exists(m.z)", True),
        ("attribute_type(m, :map) AND (n > :two OR n <= :one)", True),
        ("m.y[0] = :five", True),
        ("attribute_not_exists(m.y[11]) AND n = :one", True),
        ("((n = :two) OR (n = :one)) AND (NOT (n = :two))", True),
        ("(n = :two OR n = :one) AND n = :two", False),
    ],
)
def test_condition_holds_or_not(dynamodb, table, condition, holds):
    values = {
        ":one": {"N": "1.0"}, ":two": {"N": "2"}, ":text": {"S": "a"}, ":five": {"N": "5"},
        ":map": {"S": "M"},
    }  # fmt: skip
    dynamodb.put_item(TableName=table, Item=ITEM)
    request = {
        "TableName": table,
        "Key": {"pk": {"S": "a"}},
        "ConditionExpression": condition,
        "ExpressionAttributeValues": {k: v for k, v in values.items() if k in condition},
    }
    if holds:
        dynamodb.delete_item(**request)
    else:
        with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
            dynamodb.delete_item(**request)


def test_failed_condition_shows_the_item_only_when_asked(dynamodb, table, refused):
    dynamodb.put_item(TableName=table, Item=ITEM)
    request = {
        "TableName": table,
        "Item": {"pk": {"S": "a"}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    code = "ConditionalCheckFailedException"
    assert "Item" not in refused(code, dynamodb.put_item, **request)
    shown = refused(
        code, dynamodb.put_item, **request, ReturnValuesOnConditionCheckFailure="ALL_OLD"
    )
    assert shown["Item"] == ITEM


@pytest.mark.parametrize(
    ("update", "after"),
    [
        ("SET n = n + :two, m.x = :text", {"n": {"N": "3"}}),
        ("SET n = if_not_exists(k, :two) - n", {"n": {"N": "1"}}),
        ("SET m.y = list_append(m.y, :list)", {"m.y": [{"N": "5"}, {"N": "2"}]}),
        ("SET m.y[7] = :two", {"m.y": [{"N": "5"}, {"N": "2"}]}),
        ("REMOVE m.y[0], n", {"m.y": [], "n": None}),
        ("ADD k :set", {"k": {"SS": ["b"]}}),
        ("SET k = n, n = :two", {"k": {"N": "1"}, "n": {"N": "2"}}),
    ],
)
def test_update_expression_changes_what_it_names(dynamodb, table, update, after):
    values = {
        ":two": {"N": "2"}, ":text": {"S": "t"}, ":list": {"L": [{"N": "2"}]},
        ":set": {"SS": ["b"]},
    }  # fmt: skip
    dynamodb.put_item(TableName=table, Item=ITEM)
    used = {k: v for k, v in values.items() if k in update}
    item = dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": "a"}},
        UpdateExpression=update,
        ReturnValues="ALL_NEW",
        **({"ExpressionAttributeValues": used} if used else {}),
    )["Attributes"]
    seen = {"m.y": item["m"]["M"]["y"]["L"], **item}
    assert {name: seen.get(name) for name in after} == after


def test_updated_values_name_only_what_the_update_touched(dynamodb, table):
    dynamodb.put_item(TableName=table, Item=ITEM)
    request = {
        "TableName": table,
        "Key": {"pk": {"S": "a"}},
        "UpdateExpression": "SET m.x = :v",
        "ExpressionAttributeValues": {":v": {"S": "2"}},
    }
    old = dynamodb.update_item(**request, ReturnValues="UPDATED_OLD")
    new = dynamodb.update_item(**request, ReturnValues="UPDATED_NEW")
    assert old["Attributes"] == {"m": {"M": {"x": {"S": "1"}}}}
    assert new["Attributes"] == {"m": {"M": {"x": {"S": "2"}}}}


def test_set_that_loses_its_last_member_is_removed(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "s": {"SS": ["x", "y"]}})
    item = dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": "a"}},
        UpdateExpression="DELETE s :all",
        ExpressionAttributeValues={":all": {"SS": ["y", "x"]}},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    assert item == {"pk": {"S": "a"}}


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("((n = :v))", "redundant parentheses"),
        ("n = :v AND ((k = :v))", "redundant parentheses"),
        ("n IN (" + ", ".join([":v"] * 101) + ")", "too many operands"),
        (" OR ".join(["n = :v"] * 151), "too many operators"),
        (" OR ".join(["n = :v"] * 600), "exceeded the maximum allowed size"),
        ("n = :v OR", "Syntax error"),
        ("nothing(n, :v)", "Invalid function name"),
        ("n = #v", "not defined"),
        ("$n = :v", "Syntax error"),
    ],
)
def test_bad_condition_is_refused(dynamodb, table, refused, condition, message):
    answer = refused(
        "ValidationException",
        dynamodb.put_item,
        TableName=table,
        Item={"pk": {"S": "a"}},
        ConditionExpression=condition,
        ExpressionAttributeValues={":v": {"S": "x"}},
    )
    assert message in answer["Error"]["Message"]


def test_condition_of_three_hundred_operators_is_taken(dynamodb, table):
    dynamodb.put_item(
        TableName=table,
        Item={"pk": {"S": "a"}},
        ConditionExpression=" OR ".join(["n<>:v"] * 150),
        ExpressionAttributeValues={":v": {"S": "x"}},
    )


@pytest.mark.parametrize("member", ["Expected", "AttributeUpdates"])
def test_legacy_parameter_is_refused_by_name(dynamodb, table, refused, member):
    answer = refused(
        "ValidationException",
        dynamodb.update_item,
        TableName=table,
        Key={"pk": {"S": "a"}},
        **{member: {}},
    )
    assert member in answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ("SET pk = :v", "This attribute is part of the key"),
        ("SET a = :v, a = :v", "Two document paths overlap"),
        ("SET a = nowhere, c = :v", "does not exist in the item"),
        ("SET a.b = :v", "document path provided in the update expression is invalid"),
        ("SET status = :v", "reserved keyword"),
        ("SET _a = :v", "Syntax error"),
        ("SET a = :w", "not defined"),
        ("REMOVE a", "unused in expressions"),
        ("", "can not be empty"),
    ],
)
def test_bad_update_is_refused_and_changes_nothing(dynamodb, table, refused, update, message):
    answer = refused(
        "ValidationException",
        dynamodb.update_item,
        TableName=table,
        Key={"pk": {"S": "a"}},
        UpdateExpression=update,
        ExpressionAttributeValues={":v": {"S": "x"}},
    )
    assert message in answer["Error"]["Message"]
    assert "Item" not in dynamodb.get_item(TableName=table, Key={"pk": {"S": "a"}})
