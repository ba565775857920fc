"""Transactions: all or nothing, cheap on large tables, safe under threads, idempotent by token."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.dynamodb.refusals import TokenReused
from local.dynamodb.transactions import Tokens


def put(table, key, **more):
    return {"Put": {"TableName": table, "Item": {"pk": {"S": key}}, **more}}


def get(dynamodb, table, key):
    answer = dynamodb.get_item(TableName=table, Key={"pk": {"S": key}}, ConsistentRead=True)
    return answer.get("Item")


def test_conditional_increments_across_two_tables_lose_none(dynamodb, make_table):
    one, two = make_table(), make_table()

    def increment(_):
        while True:
            held = get(dynamodb, one, "n")
            seen = held["v"]["N"] if held else "0"
            changes = [
                {
                    "Update": {
                        "TableName": table,
                        "Key": {"pk": {"S": "n"}},
                        "UpdateExpression": "SET v = :next",
                        "ConditionExpression": "attribute_not_exists(pk) OR v = :seen",
                        "ExpressionAttributeValues": {
                            ":seen": {"N": seen},
                            ":next": {"N": str(int(seen) + 1)},
                        },
                    }
                }
                for table in (one, two)
            ]
            try:
                dynamodb.transact_write_items(TransactItems=changes)
            except dynamodb.exceptions.TransactionCanceledException:
                continue
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(160)))
    assert [get(dynamodb, table, "n")["v"]["N"] for table in (one, two)] == ["160", "160"]


def test_reading_transaction_never_sees_half_a_writing_one(dynamodb, make_table):
    one, two = make_table(), make_table()

    def write(number):
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": t, "Item": {"pk": {"S": "x"}, "v": {"N": str(number)}}}}
                for t in (one, two)
            ]
        )

    def read(_):
        answer = dynamodb.transact_get_items(
            TransactItems=[{"Get": {"TableName": t, "Key": {"pk": {"S": "x"}}}} for t in (one, two)]
        )
        first, second = answer["Responses"]
        return first == second

    with ThreadPoolExecutor(8) as pool:
        writes = pool.map(write, range(100))
        assert all(pool.map(read, range(100)))
        list(writes)


def test_canceled_transaction_gives_a_reason_per_action_and_writes_nothing(
    dynamodb, table, refused
):
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "there"}, "t": {"S": "x"}})
    absent = {"ConditionExpression": "attribute_not_exists(pk)"}
    answer = refused(
        "TransactionCanceledException",
        dynamodb.transact_write_items,
        TransactItems=[
            put(table, "new"),
            put(table, "there", **absent, ReturnValuesOnConditionCheckFailure="ALL_OLD"),
            {
                "Update": {
                    "TableName": table,
                    "Key": {"pk": {"S": "other"}},
                    "UpdateExpression": "SET a = b",
                }
            },
            {
                "ConditionCheck": {
                    "TableName": table,
                    "Key": {"pk": {"S": "nobody"}},
                    "ConditionExpression": "attribute_exists(pk)",
                }
            },
        ],
    )
    reasons = answer["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == [
        "None", "ConditionalCheckFailed", "ValidationError", "ConditionalCheckFailed",
    ]  # fmt: skip
    assert reasons[1]["Item"] == {"pk": {"S": "there"}, "t": {"S": "x"}}
    assert "Item" not in reasons[3]
    assert (
        "[None, ConditionalCheckFailed, ValidationError, ConditionalCheckFailed]"
        in (answer["Error"]["Message"])
    )
    assert get(dynamodb, table, "new") is None


def test_two_actions_on_one_item_are_refused(dynamodb, table, refused):
    answer = refused(
        "ValidationException",
        dynamodb.transact_write_items,
        TransactItems=[
            put(table, "a"),
            {"Delete": {"TableName": table, "Key": {"pk": {"S": "a"}}}},
        ],
    )
    assert "multiple operations on one item" in answer["Error"]["Message"]


def test_one_hundred_actions_pass_and_one_more_is_refused(dynamodb, table, refused):
    actions = [put(table, f"k{i}") for i in range(101)]
    dynamodb.transact_write_items(TransactItems=actions[:100])
    answer = refused("ValidationException", dynamodb.transact_write_items, TransactItems=actions)
    assert "less than or equal to 100" in answer["Error"]["Message"]


def test_transaction_beyond_four_megabytes_is_refused(dynamodb, table, refused):
    actions = [put(table, f"k{i}") for i in range(12)]
    for action in actions:
        action["Put"]["Item"]["v"] = {"S": "x" * 390_000}
    refused("ValidationException", dynamodb.transact_write_items, TransactItems=actions)
    assert get(dynamodb, table, "k0") is None


def test_same_token_takes_effect_once_and_other_parameters_are_refused(dynamodb, table, refused):
    add = {
        "Update": {
            "TableName": table,
            "Key": {"pk": {"S": "n"}},
            "UpdateExpression": "ADD v :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    for _ in range(3):
        dynamodb.transact_write_items(TransactItems=[add], ClientRequestToken=f"t-{table}")
    assert get(dynamodb, table, "n")["v"] == {"N": "1"}
    refused(
        "IdempotentParameterMismatchException",
        dynamodb.transact_write_items,
        TransactItems=[put(table, "other")],
        ClientRequestToken=f"t-{table}",
    )


def test_token_is_forgotten_after_ten_minutes():
    now = [0.0]
    tokens, key = Tokens(lambda: now[0]), ("account", "region", "token")
    tokens.remember(key, b"one")
    now[0] = 599.0
    assert tokens.seen(key, b"one")
    with pytest.raises(TokenReused):
        tokens.seen(key, b"two")
    now[0] = 600.0
    assert not tokens.seen(key, b"two")


def test_failed_transaction_does_not_use_its_token_up(dynamodb, table, refused):
    check = put(table, "later", ConditionExpression="attribute_exists(pk)")
    request = {"TransactItems": [check], "ClientRequestToken": f"f-{table}"}
    refused("TransactionCanceledException", dynamodb.transact_write_items, **request)
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "later"}, "old": {"BOOL": True}})
    dynamodb.transact_write_items(**request)
    assert get(dynamodb, table, "later") == {"pk": {"S": "later"}}
