"""Each table of moto has a twin in DynamoDB Local, which holds its items, indexes and stream.

moto keeps what DynamoDB Local lacks or would forget: ARN and id, recovery, lifetime, policy, tags,
encryption, insights, protection. A twin follows its table by comparison, so nothing is missed
whichever way the table was changed: by API or by CloudFormation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

from moto.dynamodb.exceptions import DynamodbException, MockValidationException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table

from local.dynamodb.keys import Schema
from local.dynamodb.storage import Record, Storage
from local.dynamodb.values import measure_item
from local.dynamodb_local.connection import Connection, Declined
from local.dynamodb_local.forward import Gate
from local.mend import replace

_PATIENCE_SECONDS = 60.0
_ABSENT = ("create_backup", "import_table", "restore_table_from_backup",
           "restore_table_to_point_in_time")  # fmt: skip


class Scanned(Storage):
    """What moto's exports read of a table: the twin's items, scanned while nobody writes."""

    def __init__(self, table: Table, connection: Connection, gate: Gate) -> None:
        super().__init__(Schema.read(table.schema, table.attr))
        self._name = table.name
        self._connection = connection
        self._gate = gate

    def all(self) -> list[Record]:
        """List every record as of one moment."""
        records: list[Record] = []
        request: dict[str, Any] = {"TableName": self._name, "ConsistentRead": True}
        with self._gate.closed():
            while True:
                page = self._connection.call("Scan", **request)
                records += [Record(item, measure_item(item)) for item in page["Items"]]
                if "LastEvaluatedKey" not in page:
                    return records
                request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


class Twins:
    """Makes, changes, describes and drops the twins of moto's tables."""

    def __init__(self, connection: Connection, gate: Gate) -> None:
        self._connection = connection
        self._gate = gate

    def create(self, table: Table) -> None:
        """Make a table's twin; raises an error for moto's caller when it is declined."""
        request: dict[str, Any] = {
            "TableName": table.name,
            "KeySchema": table.schema,
            "AttributeDefinitions": table.attr,
            "BillingMode": "PAY_PER_REQUEST",  # it enforces no throughput, so moto keeps that
        }
        for member, indexes in (
            ("GlobalSecondaryIndexes", table.global_indexes),
            ("LocalSecondaryIndexes", table.indexes),
        ):
            if indexes:
                request[member] = [_index(one) for one in indexes]
        if _view(table.stream_specification):
            request["StreamSpecification"] = table.stream_specification
        self._call("CreateTable", **request)
        table.items = cast("Any", Scanned(table, self._connection, self._gate))
        if _view(table.stream_specification):
            # Only then: it remembers the label of a table of the same name that is gone.
            table.latest_stream_label = self.describe(table)["LatestStreamLabel"]

    def follow(self, table: Table) -> None:
        """Give the twin the indexes and the stream that its table has now."""
        twin = self.describe(table)
        held = {one["IndexName"] for one in twin.get("GlobalSecondaryIndexes", ())}
        wanted = {one.name: one for one in table.global_indexes}
        changes = [{"Delete": {"IndexName": name}} for name in held - wanted.keys()]
        changes += [{"Create": _index(wanted[name])} for name in wanted.keys() - held]
        for change in changes:
            self._update(table, AttributeDefinitions=table.attr,
                         GlobalSecondaryIndexUpdates=[change])  # fmt: skip
        view = _view(table.stream_specification)
        if view == _view(twin.get("StreamSpecification")):
            return
        if _view(twin.get("StreamSpecification")):
            self._update(table, StreamSpecification={"StreamEnabled": False})
        if view:
            stream = {"StreamEnabled": True, "StreamViewType": view}
            self._update(table, StreamSpecification=stream)
            table.latest_stream_label = self.describe(table)["LatestStreamLabel"]

    def drop(self, table: Table) -> None:
        """Drop a table's twin."""
        self._call("DeleteTable", TableName=table.name)

    def describe(self, table: Table) -> dict[str, Any]:
        """Give DynamoDB Local's own description of a twin."""
        described: dict[str, Any] = self._call("DescribeTable", TableName=table.name)["Table"]
        return described

    def _update(self, table: Table, **change: Any) -> None:
        """Change a twin and wait until it is done."""
        self._call("UpdateTable", TableName=table.name, **change)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _settled(self.describe(table)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"DynamoDB Local does not finish the change of {table.name}")
            time.sleep(0.05)

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            return self._connection.call(operation, **request)
        except Declined as declined:
            kind = f"com.amazonaws.dynamodb.v20120810#{declined.code}"
            raise DynamodbException(kind, declined.message) from declined


def install(twins: Twins) -> None:
    """Let every table of moto have its twin, and be described with what the twin counts."""
    replace(DynamoDBBackend, "create_table", _creating(DynamoDBBackend.create_table, twins))
    replace(DynamoDBBackend, "update_table", _updating(DynamoDBBackend.update_table, twins))
    replace(DynamoDBBackend, "delete_table", _deleting(DynamoDBBackend.delete_table, twins))
    settle = Table.set_stream_specification
    replace(Table, "set_stream_specification", _streaming(settle, twins))
    replace(Table, "describe", _counting(Table.describe, twins))
    for name in _ABSENT:
        replace(DynamoDBBackend, name, _refuse)


def _creating(create: Callable[..., Table], twins: Twins) -> Callable[..., Table]:
    def create_table(self: DynamoDBBackend, *args: Any, **kwargs: Any) -> Table:
        table = create(self, *args, **kwargs)
        try:
            twins.create(table)
        except BaseException:
            del self.tables[table.name]
            raise
        return table

    return create_table


def _updating(update: Callable[..., Table], twins: Twins) -> Callable[..., Table]:
    def update_table(self: DynamoDBBackend, *args: Any, **kwargs: Any) -> Table:
        table = update(self, *args, **kwargs)
        twins.follow(table)
        return table

    return update_table


def _deleting(delete: Callable[..., Table], twins: Twins) -> Callable[..., Table]:
    def delete_table(self: DynamoDBBackend, name: str) -> Table:
        table = delete(self, name)
        twins.drop(table)
        return table

    return delete_table


def _streaming(settle: Callable[..., None], twins: Twins) -> Callable[..., None]:
    def set_stream_specification(self: Table, streams: dict[str, Any] | None) -> None:
        settle(self, streams)
        # A table sets its stream while it is made, too: then its twin is still to come.
        if dynamodb_backends[self.account_id][self.region_name].tables.get(self.name) is self:
            twins.follow(self)

    return set_stream_specification


def _counting(
    describe: Callable[..., dict[str, Any]], twins: Twins
) -> Callable[..., dict[str, Any]]:
    def describe_with_counts(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        answer = describe(self, base_key)
        if dynamodb_backends[self.account_id][self.region_name].tables.get(self.name) is not self:
            return answer  # deleted just now, and its twin with it
        twin, description = twins.describe(self), answer[base_key]
        description |= {name: twin[name] for name in ("ItemCount", "TableSizeBytes")}
        for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            counted = {one["IndexName"]: one for one in twin.get(member, ())}
            for index in description.get(member, ()):
                held = counted[index["IndexName"]]
                index |= {name: held[name] for name in ("ItemCount", "IndexSizeBytes")}
        return answer

    return describe_with_counts


def _refuse(*_args: Any, **_kwargs: Any) -> None:
    raise MockValidationException(
        "On DynamoDB Local the local cloud has no backups, restores and imports; "
        "start it with `--dynamodb moto` for those"
    )


def _index(index: Any) -> dict[str, Any]:
    return {"IndexName": index.name, "KeySchema": index.schema, "Projection": index.projection}


def _view(specification: dict[str, Any] | None) -> str | None:
    """Give a stream's view type; None when there is no stream."""
    if not specification or not specification.get("StreamEnabled"):
        return None
    return str(specification["StreamViewType"])


def _settled(description: dict[str, Any]) -> bool:
    parts = description.get("GlobalSecondaryIndexes", ())
    return description["TableStatus"] == "ACTIVE" and all(
        one["IndexStatus"] == "ACTIVE" for one in parts
    )
