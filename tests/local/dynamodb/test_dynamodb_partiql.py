"""PartiQL INSERT: only where absent, with a code per statement."""

from __future__ import annotations

import pytest

from local.dynamodb.partiql import parse
from local.dynamodb.refusals import Invalid


def statement(table, key, **more):
    return {
        "Statement": f"INSERT INTO \"{table}\" VALUE {{'pk': ?, 'v': ?}}",
        "Parameters": [{"S": key}, {"N": "1.0"}],
        **more,
    }


def test_batch_inserts_only_where_absent_and_says_which_were_there(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "k1"}, "old": {"BOOL": True}})
    answer = dynamodb.batch_execute_statement(
        Statements=[statement(table, f"k{i}") for i in range(25)]
    )
    errors = [one.get("Error", {}).get("Code") for one in answer["Responses"]]
    assert errors == [None, "DuplicateItem", *[None] * 23]
    assert answer["Responses"][0]["TableName"] == table
    items = {item["pk"]["S"]: item for item in dynamodb.scan(TableName=table)["Items"]}
    assert len(items) == 25
    assert items["k1"] == {"pk": {"S": "k1"}, "old": {"BOOL": True}}
    assert items["k2"] == {"pk": {"S": "k2"}, "v": {"N": "1"}}


def test_each_statement_of_a_batch_fails_alone(dynamodb, table):
    answer = dynamodb.batch_execute_statement(
        Statements=[
            statement(table, ""),
            statement("no-such-table", "a"),
            {"Statement": f"INSERT INTO \"{table}\" VALUE {{'pk': ?}}", "Parameters": []},
            statement(table, "good"),
        ]
    )
    codes = [one.get("Error", {}).get("Code") for one in answer["Responses"]]
    assert codes == ["ValidationError", "ResourceNotFound", "ValidationError", None]


def test_duplicate_shows_the_item_when_asked(dynamodb, table):
    item = {"pk": {"S": "a"}, "old": {"S": "x"}}
    dynamodb.put_item(TableName=table, Item=item)
    shown = statement(table, "a", ReturnValuesOnConditionCheckFailure="ALL_OLD")
    first, second = dynamodb.batch_execute_statement(Statements=[shown, statement(table, "a")])[
        "Responses"
    ]
    assert first["Error"]["Item"] == item
    assert "Item" not in second["Error"]


def test_twenty_six_statements_are_refused(dynamodb, table, refused):
    refused(
        "ValidationException",
        dynamodb.batch_execute_statement,
        Statements=[statement(table, str(i)) for i in range(26)],
    )


def test_single_insert_of_literals_and_its_duplicate(dynamodb, table, refused):
    text = (
        f"insert into \"{table}\" value {{'pk': 'it''s', 'n': -1.50, 'on': true, 'none': null, "
        "'list': [1, ?], 'map': {'a': 'b'}, 'set': <<'x', 'y'>>}"
    )
    request = {"Statement": text, "Parameters": [{"B": b"raw"}]}
    dynamodb.execute_statement(**request)
    assert dynamodb.scan(TableName=table)["Items"] == [
        {
            "pk": {"S": "it's"}, "n": {"N": "-1.5"}, "on": {"BOOL": True}, "none": {"NULL": True},
            "list": {"L": [{"N": "1"}, {"B": b"raw"}]}, "map": {"M": {"a": {"S": "b"}}},
            "set": {"SS": ["x", "y"]},
        }
    ]  # fmt: skip
    refused("DuplicateItemException", dynamodb.execute_statement, **request)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM t",
        "INSERT INTO t VALUE {'a' ?}",
        "INSERT INTO t VALUE {'a': ?, 'a': ?}",
        "INSERT INTO t VALUE {'a': ?} }",
        "INSERT INTO t VALUE {'a': <<1, 'x'>>, }",
        "INSERT INTO t VALUE {'a': '" + "x" * 8192 + "'}",
    ],
)
def test_statement_that_is_no_insert_is_refused(text):
    with pytest.raises(Invalid):
        parse(text)
