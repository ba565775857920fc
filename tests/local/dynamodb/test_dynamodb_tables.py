"""What a table tells of itself, and UpdateTable's rules for indexes."""

from __future__ import annotations

KEYS = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def index(name, attribute):
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": attribute, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }


def create_index(dynamodb, table, *names, kind="S"):
    return dynamodb.update_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": kind} for n in names],
        GlobalSecondaryIndexUpdates=[{"Create": index(f"by-{n}", n)} for n in names],
    )


def describe(dynamodb, table):
    return dynamodb.describe_table(TableName=table)["Table"]


def team(dynamodb, table, value):
    return dynamodb.query(
        TableName=table,
        IndexName="by-team",
        KeyConditionExpression="team = :t",
        ExpressionAttributeValues={":t": {"S": value}},
    )["Items"]


def test_table_id_is_new_with_every_creation(dynamodb, table):
    first = describe(dynamodb, table)["TableId"]
    assert describe(dynamodb, table)["TableId"] == first
    dynamodb.delete_table(TableName=table)
    dynamodb.create_table(TableName=table, **KEYS)
    assert describe(dynamodb, table)["TableId"] != first


def test_counts_and_sizes_are_told_of_table_and_index(dynamodb, make_table):
    table = make_table(indexes={"by-team": ("team",)})
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}})
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "b"}, "team": {"S": "xyz"}})
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "c"}})
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": "c"}})
    told = describe(dynamodb, table)
    assert (told["ItemCount"], told["TableSizeBytes"]) == (2, 3 + 3 + 7)
    (held,) = told["GlobalSecondaryIndexes"]
    assert (held["ItemCount"], held["IndexSizeBytes"], held["IndexStatus"]) == (1, 10, "ACTIVE")
    assert held["IndexArn"] == f"{told['TableArn']}/index/by-team"


def test_new_index_is_filled_from_the_items_that_suit_it(dynamodb, table):
    for key, value in (("a", {"S": "x"}), ("b", {"N": "1"}), ("c", {"S": ""})):
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}, "team": value})
    create_index(dynamodb, table, "team")
    assert [item["pk"]["S"] for item in team(dynamodb, table, "x")] == ["a"]
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "d"}, "team": {"S": "y"}})
    assert [item["pk"]["S"] for item in team(dynamodb, table, "y")] == ["d"]
    names = [one["AttributeName"] for one in describe(dynamodb, table)["AttributeDefinitions"]]
    assert names == ["pk", "team"]


def test_one_index_changes_at_a_time(dynamodb, table, refused):
    request = {
        "TableName": table,
        "AttributeDefinitions": [
            {"AttributeName": n, "AttributeType": "S"} for n in ("team", "role")
        ],
        "GlobalSecondaryIndexUpdates": [
            {"Create": index("by-team", "team")}, {"Create": index("by-role", "role")},
        ],
    }  # fmt: skip
    refused("LimitExceededException", dynamodb.update_table, **request)
    assert "GlobalSecondaryIndexes" not in describe(dynamodb, table)


def test_index_that_is_made_again_is_made_anew(dynamodb, table, refused):
    create_index(dynamodb, table, "team")
    drop = [{"Delete": {"IndexName": "by-team"}}]
    dynamodb.update_table(TableName=table, GlobalSecondaryIndexUpdates=drop)
    refused("ValidationException", dynamodb.scan, TableName=table, IndexName="by-team")
    refused(
        "ValidationException",
        dynamodb.update_table,
        TableName=table,
        GlobalSecondaryIndexUpdates=drop,
    )
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "team": {"N": "1"}})
    create_index(dynamodb, table, "team", kind="N")
    assert dynamodb.scan(TableName=table, IndexName="by-team")["Count"] == 1


def test_protected_table_is_not_deleted(dynamodb, make_table, refused):
    table = make_table(DeletionProtectionEnabled=True)
    refused("ValidationException", dynamodb.delete_table, TableName=table)
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=table)


def test_continuous_backups_tell_the_truth(dynamodb, table):
    def status():
        told = dynamodb.describe_continuous_backups(TableName=table)
        return told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]

    assert status()["PointInTimeRecoveryStatus"] == "DISABLED"
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    assert status()["PointInTimeRecoveryStatus"] == "ENABLED"
    assert status()["LatestRestorableDateTime"] >= status()["EarliestRestorableDateTime"]


def test_backup_is_restored_with_items_and_indexes(dynamodb, make_table):
    table = make_table(indexes={"by-team": ("team",)})
    item = {"pk": {"S": "a"}, "team": {"S": "x"}}
    dynamodb.put_item(TableName=table, Item=item)
    backup = dynamodb.create_backup(TableName=table, BackupName="first")["BackupDetails"]
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": "a"}})
    restored = f"{table}-restored"
    dynamodb.restore_table_from_backup(TargetTableName=restored, BackupArn=backup["BackupArn"])
    assert team(dynamodb, restored, "x") == [item]
    assert dynamodb.scan(TableName=table)["Count"] == 0


def test_contributor_insights_are_switched(dynamodb, table):
    def status():
        told = dynamodb.describe_contributor_insights(TableName=table)
        return told["ContributorInsightsStatus"]

    assert status() == "DISABLED"
    dynamodb.update_contributor_insights(TableName=table, ContributorInsightsAction="ENABLE")
    assert status() == "ENABLED"
