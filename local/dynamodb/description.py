"""What DescribeTable and DescribeContinuousBackups leave out or guess in moto.

A TableId that is new with every creation, real sizes and counts, and a restore window that moves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast
from uuid import uuid4

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from local.dynamodb.storage import Storage
from local.mend import replace

_LISTS = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def install() -> None:
    """Complete moto's descriptions of tables."""
    replace(Table, "__init__", _with_id(Table.__init__))
    replace(Table, "describe", _in_full(Table.describe))
    name = "describe_continuous_backups"
    replace(DynamoDBBackend, name, _up_to_now(DynamoDBBackend.describe_continuous_backups))


def id_of(table: Table) -> str:
    """Give the TableId, which tells a table from its successor of the same name."""
    return str(vars(table)["table_id"])


def _with_id(create: Callable[..., None]) -> Callable[..., None]:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        create(self, *args, **kwargs)
        self.table_id = str(uuid4())

    return init


def _in_full(describe: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def describe_in_full(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        answer = describe(self, base_key)
        description = answer[base_key]
        storage = cast("Storage", self.items)
        storage.index_as(self.all_indexes(), self.attr)
        description["TableId"] = id_of(self)
        description["TableSizeBytes"] = storage.size
        for member in _LISTS:
            for index in description[member]:
                index.update(_measured(storage, self.table_arn, index["IndexName"]))
            if not description[member]:
                del description[member]
        return answer

    return describe_in_full


def _measured(storage: Storage, table_arn: str, name: str) -> dict[str, Any]:
    entries = storage.indexes[name].entries
    size = sum(record.size for record in entries.values())
    return {
        "IndexArn": f"{table_arn}/index/{name}",
        "ItemCount": len(entries),
        "IndexSizeBytes": size,
    }


def _up_to_now(describe: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def describe_now(self: DynamoDBBackend, table_name: str) -> dict[str, Any]:
        answer = describe(self, table_name)
        window = answer["PointInTimeRecoveryDescription"]
        if window["PointInTimeRecoveryStatus"] == "ENABLED":
            window["LatestRestorableDateTime"] = time.time()
        return answer

    return describe_now
