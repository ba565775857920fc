"""Tables: keys, indexes, streams, recovery, encryption, protection; adoption."""

import pytest

from shared import catalogue

TABLE = "AWS::DynamoDB::Table"


def declared_keys(keys):
    schema = [{"AttributeName": keys.partition, "KeyType": "HASH"}]
    if keys.sort:
        schema.append({"AttributeName": keys.sort, "KeyType": "RANGE"})
    return schema


@pytest.mark.parametrize(
    "declared",
    [table for name in catalogue.names() for table in catalogue.load(name).tables.values()],
    ids=lambda table: table.name,
)
def test_table_when_declared_has_its_keys_and_indexes(everything, declared):
    table = everything.named(TABLE, "TableName")[declared.name]
    indexes = {each["IndexName"]: each for each in table.get("GlobalSecondaryIndexes", ())}
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    assert table["KeySchema"] == declared_keys(declared.keys)
    assert set(indexes) == {index.name for index in declared.indexes}
    for index in declared.indexes:
        assert indexes[index.name]["KeySchema"] == declared_keys(index.keys)
        assert indexes[index.name]["Projection"] == {"ProjectionType": "ALL"}
        assert index.keys.types.items() <= types.items()
    assert declared.keys.types.items() <= types.items()


def test_personnel_when_synthesised_has_the_four_indexes_of_v2(local):
    table = local.named(TABLE, "TableName")[catalogue.load("personnel").target.name]
    keys = {
        each["IndexName"]: [key["AttributeName"] for key in each["KeySchema"]]
        for each in table["GlobalSecondaryIndexes"]
    }
    assert keys == {
        "GSI1-NameIndex": ["full_name"],
        "GSI2-EmployeeNumberIndex": ["employee_number"],
        "GSI3-TeamIndex": ["team_id"],
        "GSI4-RoleStatusIndex": ["role", "status"],
    }


def test_every_table_when_data_is_kept_is_recoverable_encrypted_and_protected(production):
    tables = production.whole(TABLE)
    assert len(tables) == 4
    for table in tables:
        properties = table["Properties"]
        recovery = properties["PointInTimeRecoverySpecification"]
        assert recovery["PointInTimeRecoveryEnabled"] is True
        assert properties["SSESpecification"] == {"SSEEnabled": True}
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert properties["DeletionProtectionEnabled"] is True
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_migrated_tables_when_synthesised_stream_old_and_new_images(production):
    streams = [each.get("StreamSpecification") for _, each in production.resources(TABLE, "Data")]
    assert streams == [{"StreamViewType": "NEW_AND_OLD_IMAGES"}] * 2


def test_tables_when_local_go_with_their_stack(local):
    for table in local.whole(TABLE):
        assert table["DeletionPolicy"] == "Delete"
        assert table["Properties"]["DeletionProtectionEnabled"] is False


def test_adopted_source_when_synthesised_is_in_no_template_but_named(adopted):
    source = catalogue.load("personnel").source.name
    assert source not in adopted.named(TABLE, "TableName")
    assert adopted.outputs("Cutover-Personnel-Data")["SourceTableName"] == source
    assert len(adopted.named(TABLE, "TableName", "Data")) == 1


def test_books_when_synthesised_have_the_keys_their_adapters_read(production):
    tables = production.named(TABLE, "TableName", "Control")
    keys = {
        name: [key["AttributeName"] for key in each["KeySchema"]] for name, each in tables.items()
    }
    assert keys == {"cutover-control": ["migration"], "cutover-ledger": ["PK", "SK"]}
