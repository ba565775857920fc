"""What DynamoDB says of a table, in the engine's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.aws.errors import translated
from shared.model.errors import TableGone
from shared.model.key import KeySchema, KeyType
from shared.ports import IndexDescription, TableDescription


def described(dynamodb: Any, name: str) -> TableDescription:
    """Return what a table says of itself; raise TableGone when there is none."""
    with translated(writes=False):
        table = _table(dynamodb, name)
        backups = dynamodb.describe_continuous_backups(TableName=name)
    recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return TableDescription(
        table_id=table["TableId"],
        arn=table["TableArn"],
        status=table["TableStatus"],
        keys=_keys(table, table["KeySchema"]),
        indexes={
            index["IndexName"]: IndexDescription(
                status=index["IndexStatus"],
                keys=_keys(table, index["KeySchema"]),
                whole=index["Projection"]["ProjectionType"] == "ALL",
            )
            for index in table.get("GlobalSecondaryIndexes", [])
        },
        stream=table.get("StreamSpecification", {}).get("StreamEnabled", False),
        point_in_time_recovery=recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        item_count=table.get("ItemCount", 0),
        size_bytes=table.get("TableSizeBytes", 0),
        replicas=tuple(each["RegionName"] for each in table.get("Replicas", [])),
    )


def described_keys(dynamodb: Any, name: str) -> tuple[str, KeySchema]:
    """Return a table's status and key, which takes no look at its backups; raise TableGone."""
    with translated(writes=False):
        table = _table(dynamodb, name)
    return table["TableStatus"], _keys(table, table["KeySchema"])


def _table(dynamodb: Any, name: str) -> Mapping[str, Any]:
    table: Mapping[str, Any] = dynamodb.describe_table(TableName=name)["Table"]
    if table["TableStatus"] == "DELETING":
        raise TableGone(f"table {name} is being deleted")
    return table


def _keys(table: Mapping[str, Any], schema: Sequence[Mapping[str, str]]) -> KeySchema:
    """Return a key schema with its types, which the table keeps for its indexes as well."""
    types: dict[str, KeyType] = {
        each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]
    }
    names = {each["KeyType"]: each["AttributeName"] for each in schema}
    sort = names.get("RANGE")
    kept: KeyType = "S" if sort is None else types[sort]
    return KeySchema(names["HASH"], sort, types[names["HASH"]], kept)
