"""Which record a change in a table's stream is about."""

from collections.abc import Iterable

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from shared.model.declaration import TableToTable
from shared.model.errors import InvalidInput
from shared.model.item import decode
from shared.model.key import Key


def changed_key(migration: TableToTable, record: DynamoDBRecord) -> Key:
    """Return the source key of the record that was written, in whichever of the two tables."""
    table = _table(record.event_source_arn or "")
    item = decode(record.raw_event["dynamodb"]["Keys"])
    if table == migration.source.name:
        return migration.source.keys.key_of(item)
    if table == migration.target.name:
        return migration.source_key(migration.target.keys.key_of(item))
    raise InvalidInput(f"{table} is no table of {migration.name}", field="eventSourceARN")


def oldest(records: Iterable[DynamoDBRecord]) -> float:
    """Return when the first of some writes was made, in epoch seconds, to the second."""
    return min(float(each.raw_event["dynamodb"]["ApproximateCreationDateTime"]) for each in records)


def _table(stream_arn: str) -> str:
    """Return the name in `arn:…:table/<name>/stream/<label>`."""
    return stream_arn.partition(":table/")[2].partition("/")[0]
