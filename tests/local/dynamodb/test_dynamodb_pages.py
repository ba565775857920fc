"""Scans and queries: pages of 1 MB in a stable order, balanced segments, sparse indexes."""

from __future__ import annotations

import pytest

COUNT = 3000


def load(dynamodb, table, items):
    for start in range(0, len(items), 25):
        dynamodb.batch_write_item(
            RequestItems={
                table: [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
            }
        )


def pages(operation, **request):
    found = []
    while True:
        answer = operation(**request)
        found.append(answer)
        if "LastEvaluatedKey" not in answer:
            return found
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


@pytest.fixture(scope="module")
def loaded(dynamodb):
    name = "pages"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "team", "AttributeType": "S"},
            {"AttributeName": "rank", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-team",
                "KeySchema": [
                    {"AttributeName": "team", "KeyType": "HASH"},
                    {"AttributeName": "rank", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": "keys-only",
                "KeySchema": [{"AttributeName": "team", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    items = [
        {
            "pk": {"S": f"k{i:05}"},
            "text": {"S": "x" * 900},
            **({"team": {"S": "a"}, "rank": {"N": str(-i)}} if i % 3 else {}),
        }
        for i in range(COUNT)
    ]
    load(dynamodb, name, items)
    yield name
    dynamodb.delete_table(TableName=name)


def test_scan_gives_each_item_once_in_pages_of_at_most_one_megabyte(dynamodb, loaded):
    found = pages(dynamodb.scan, TableName=loaded)
    keys = [item["pk"]["S"] for page in found for item in page["Items"]]
    assert len(keys) == len(set(keys)) == COUNT
    assert len(found) == 3
    assert all(1100 < page["Count"] <= 1024 * 1024 // 910 for page in found[:2])
    again = pages(dynamodb.scan, TableName=loaded, Limit=700)
    assert [item["pk"]["S"] for page in again for item in page["Items"]] == keys


def test_segments_are_disjoint_complete_and_of_like_size(dynamodb, loaded):
    segments = [
        [
            item["pk"]["S"]
            for page in pages(dynamodb.scan, TableName=loaded, Segment=i, TotalSegments=10)
            for item in page["Items"]
        ]
        for i in range(10)
    ]
    assert sum(map(len, segments)) == len(set().union(*segments)) == COUNT
    assert all(COUNT / 10 * 0.75 < len(segment) < COUNT / 10 * 1.25 for segment in segments)


def test_limit_counts_before_the_filter_and_leaves_a_key(dynamodb, loaded):
    answer = dynamodb.scan(TableName=loaded, Limit=50, FilterExpression="attribute_not_exists(pk)")
    assert (answer["Count"], answer["ScannedCount"], answer["Items"]) == (0, 50, [])
    assert answer["LastEvaluatedKey"].keys() == {"pk"}


def test_exact_limit_at_the_end_leaves_a_key_that_leads_to_nothing(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "only"}})
    answer = dynamodb.scan(TableName=table, Limit=1)
    rest = dynamodb.scan(TableName=table, ExclusiveStartKey=answer["LastEvaluatedKey"])
    assert (rest["Count"], "LastEvaluatedKey" in rest) == (0, False)


@pytest.mark.parametrize("forward", [True, False])
def test_index_query_is_sparse_paged_and_in_order_of_the_range_key(dynamodb, loaded, forward):
    found = pages(
        dynamodb.query,
        TableName=loaded,
        IndexName="by-team",
        KeyConditionExpression="team = :a AND #rank <= :most",
        ExpressionAttributeNames={"#rank": "rank"},
        ExpressionAttributeValues={":a": {"S": "a"}, ":most": {"N": "-4"}},
        ScanIndexForward=forward,
    )
    ranks = [int(item["rank"]["N"]) for page in found for item in page["Items"]]
    assert ranks == sorted((-i for i in range(4, COUNT) if i % 3), reverse=not forward)
    assert len(found) > 1
    assert found[0]["LastEvaluatedKey"].keys() == {"pk", "team", "rank"}


def test_index_scan_counts_without_items(dynamodb, loaded):
    found = pages(dynamodb.scan, TableName=loaded, IndexName="keys-only", Select="COUNT")
    assert sum(page["Count"] for page in found) == 2 * COUNT // 3
    assert all("Items" not in page for page in found)
    assert len(found) == 1, "the projected entries are small, so one page holds them"


def test_projected_index_holds_only_its_attributes(dynamodb, loaded):
    answer = dynamodb.scan(TableName=loaded, IndexName="keys-only", Limit=1)
    assert answer["Items"][0].keys() == {"pk", "team"}


def test_index_follows_changes_and_removals(dynamodb, make_table):
    table = make_table(indexes={"by-team": ("team",)})

    def keys():
        return [item["pk"]["S"] for item in dynamodb.scan(TableName=table, IndexName="by-team")[
            "Items"
        ]]  # fmt: skip

    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "team": {"S": "x"}})
    assert keys() == ["a"]
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}})
    assert keys() == []
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "team": {"S": "y"}})
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": "a"}})
    assert keys() == []


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("sk = :b", ["b"]),
        ("sk < :b", ["a"]),
        ("sk > :b", ["ba", "bb\U0010ffff", "c"]),
        ("sk >= :b", ["b", "ba", "bb\U0010ffff", "c"]),
        ("sk BETWEEN :a AND :b", ["a", "b"]),
        ("begins_with(sk, :b)", ["b", "ba", "bb\U0010ffff"]),
    ],
)
def test_key_condition_selects_a_range(dynamodb, make_table, condition, expected):
    table = make_table(range_key=True)
    keys = ["a", "b", "ba", "bb\U0010ffff", "c"]
    load(dynamodb, table, [{"pk": {"S": "p"}, "sk": {"S": key}} for key in keys])
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "q"}, "sk": {"S": "b"}})
    values = {":p": {"S": "p"}, ":a": {"S": "a"}, ":b": {"S": "b"}}
    found = dynamodb.query(
        TableName=table,
        KeyConditionExpression=f"pk = :p AND {condition}",
        ExpressionAttributeValues={k: v for k, v in values.items() if k in f":p {condition}"},
        ProjectionExpression="sk",
    )["Items"]
    assert found == [{"sk": {"S": key}} for key in expected]


def test_numbers_sort_as_numbers_and_binaries_as_bytes(dynamodb, make_table):
    for kind, values in (
        ("N", ["-10", "-2.5", "0", "2", "10"]),
        ("B", [b"\x00", b"\x01\xff", b"\x02", b"\xff"]),
    ):
        table = make_table(range_key=True, types={"sk": kind})
        load(dynamodb, table, [{"pk": {"S": "p"}, "sk": {kind: v}} for v in reversed(values)])
        found = dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": "p"}},
        )["Items"]
        assert [item["sk"][kind] for item in found] == values


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"IndexName": "by-team", "ConsistentRead": True}, "Consistent reads are not supported"),
        ({"IndexName": "nope"}, "does not have the specified index"),
        ({"Limit": 0}, "greater than or equal to 1"),
        ({"Segment": 4, "TotalSegments": 4}, "zero-based"),
        ({"TotalSegments": 4}, "Segment parameter is required"),
        ({"ExclusiveStartKey": {"other": {"S": "x"}}}, "starting key is invalid"),
        ({"Select": "COUNT", "ProjectionExpression": "pk"}, "only the Count"),
        ({"IndexName": "keys-only", "Select": "ALL_ATTRIBUTES"}, "projection type is not ALL"),
        ({"FilterExpression": "pk = "}, "Syntax error"),
    ],
)
def test_bad_scan_is_refused(dynamodb, loaded, refused, request_, message):
    answer = refused("ValidationException", dynamodb.scan, TableName=loaded, **request_)
    assert message in answer["Error"]["Message"]


def test_query_that_filters_by_its_own_key_is_refused(dynamodb, loaded, refused):
    answer = refused(
        "ValidationException",
        dynamodb.query,
        TableName=loaded,
        KeyConditionExpression="pk = :a",
        FilterExpression="pk = :a",
        ExpressionAttributeValues={":a": {"S": "a"}},
    )
    assert "non-primary key attributes" in answer["Error"]["Message"]


@pytest.mark.parametrize(
    "condition", ["team = :a OR team = :a", "pk = :a", "team > :a", "team = :a AND label = :a"]
)
def test_bad_key_condition_is_refused(dynamodb, loaded, refused, condition):
    refused(
        "ValidationException",
        dynamodb.query,
        TableName=loaded,
        IndexName="keys-only",
        KeyConditionExpression=condition,
        ExpressionAttributeValues={":a": {"S": "a"}},
    )
