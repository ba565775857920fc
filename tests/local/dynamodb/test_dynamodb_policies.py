"""Resource-based policies: a denial holds for every way to write, and can be lifted."""

from __future__ import annotations

import json

import pytest

KEY = {"pk": {"S": "a"}}


def arn(table):
    return f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}"


def policy(table, actions, **more):
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": arn(table),
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def writes(dynamodb, table):
    update = {"TableName": table, "Key": KEY}
    check = {**update, "ConditionExpression": "attribute_exists(pk)"}
    return {
        "PutItem": (dynamodb.put_item, {"TableName": table, "Item": KEY}),
        "UpdateItem": (dynamodb.update_item, update),
        "DeleteItem": (dynamodb.delete_item, update),
        "ConditionCheckItem": (
            dynamodb.transact_write_items, {"TransactItems": [{"ConditionCheck": check}]},
        ),
        "BatchWriteItem": (
            dynamodb.batch_write_item, {"RequestItems": {table: [{"PutRequest": {"Item": KEY}}]}},
        ),
        "PartiQLInsert": (
            dynamodb.execute_statement,
            {"Statement": f"INSERT INTO \"{table}\" VALUE {{'pk': 'b'}}"},
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    "action",
    ["PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem", "BatchWriteItem",
     "PartiQLInsert"],
)  # fmt: skip
def test_denied_action_is_refused_until_the_policy_is_deleted(dynamodb, table, refused, action):
    dynamodb.put_item(TableName=table, Item=KEY)
    operation, request = writes(dynamodb, table)[action]
    document = policy(table, [f"dynamodb:{action}"])
    dynamodb.put_resource_policy(ResourceArn=arn(table), Policy=document)
    answer = refused("AccessDeniedException", operation, **request)
    assert (
        f"perform: dynamodb:{action} on resource: {arn(table)} with an explicit deny in a "
        in (answer["Error"]["Message"])
    )
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == KEY
    dynamodb.delete_resource_policy(ResourceArn=arn(table))
    dynamodb.delete_resource_policy(ResourceArn=arn(table))
    operation(**request)


def test_transaction_is_refused_by_its_members_own_actions(dynamodb, make_table, refused):
    free, closed = make_table(), make_table()
    document = policy(closed, "dynamodb:PutItem")
    dynamodb.put_resource_policy(ResourceArn=arn(closed), Policy=document)
    actions = [{"Put": {"TableName": name, "Item": KEY}} for name in (free, closed)]
    refused("AccessDeniedException", dynamodb.transact_write_items, TransactItems=actions)
    assert dynamodb.scan(TableName=free)["Count"] == 0
    dynamodb.transact_write_items(TransactItems=actions[:1])


def test_batch_write_is_not_stopped_by_denying_its_members_actions(dynamodb, table):
    document = policy(table, ["dynamodb:PutItem", "dynamodb:DeleteItem"])
    dynamodb.put_resource_policy(ResourceArn=arn(table), Policy=document)
    dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": KEY}}]})
    assert dynamodb.scan(TableName=table)["Items"] == [KEY]


def test_batch_of_inserts_is_denied_statement_by_statement(dynamodb, table):
    dynamodb.put_resource_policy(
        ResourceArn=arn(table), Policy=policy(table, "dynamodb:PartiQLInsert")
    )
    text = f"INSERT INTO \"{table}\" VALUE {{'pk': 'b'}}"
    (answer,) = dynamodb.batch_execute_statement(Statements=[{"Statement": text}])["Responses"]
    assert answer["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize("actions", ["dynamodb:*", ["dynamodb:Get*", "DYNAMODB:SCAN"]])
def test_wildcards_and_any_case_match(dynamodb, table, refused, actions):
    dynamodb.put_resource_policy(ResourceArn=arn(table), Policy=policy(table, actions))
    refused("AccessDeniedException", dynamodb.get_item, TableName=table, Key=KEY)
    refused("AccessDeniedException", dynamodb.scan, TableName=table)


@pytest.mark.parametrize(
    "more",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:role/somebody"}},
        {"Condition": {"StringEquals": {"aws:PrincipalArn": "x"}}},
        {"Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/another"},
    ],
)
def test_statement_that_is_not_a_denial_for_everybody_here_denies_nothing(dynamodb, table, more):
    document = policy(table, "dynamodb:*", **more)
    dynamodb.put_resource_policy(ResourceArn=arn(table), Policy=document)
    dynamodb.put_item(TableName=table, Item=KEY)


@pytest.mark.parametrize("document", ["{", "[]", '{"Statement": ["x"]}'])
def test_malformed_policy_is_refused_and_denies_nothing(dynamodb, table, refused, document):
    refused(
        "ValidationException",
        dynamodb.put_resource_policy,
        ResourceArn=arn(table),
        Policy=document,
    )
    dynamodb.put_item(TableName=table, Item=KEY)


def test_policy_can_be_read_and_ends_with_its_table(dynamodb, make_table, refused):
    table = make_table()
    document = policy(table, "dynamodb:PutItem")
    put = dynamodb.put_resource_policy(ResourceArn=arn(table), Policy=document)
    got = dynamodb.get_resource_policy(ResourceArn=arn(table))
    assert (got["Policy"], got["RevisionId"]) == (document, put["RevisionId"])
    dynamodb.delete_table(TableName=table)
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    refused("PolicyNotFoundException", dynamodb.get_resource_policy, ResourceArn=arn(table))
