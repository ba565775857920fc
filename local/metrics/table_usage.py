"""What AWS counts of a table (DynamoDB guide, "DynamoDB metrics and dimensions").

Behind DynamoDB Local nothing is metered, so there is no consumed capacity to count.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

from local.dynamodb import capacity
from local.dynamodb.answers import render
from local.dynamodb.operations import OPERATIONS, Operation
from local.dynamodb.refusals import Refusal
from local.dynamodb.tables import Session
from local.faults.wish import tables_named
from local.metrics.store import Metric, Store

_READS = frozenset({"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"})
_THROTTLED = frozenset({"ProvisionedThroughputExceededException", "ThrottlingError"})
_CONDITION_FAILED = frozenset({"ConditionalCheckFailedException", "ConditionalCheckFailed"})


class TableUsage:
    """Counts what requests to tables consume, and how they are refused."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def install(self) -> None:
        """Listen to the meters and stand around every operation, faults included."""
        capacity.meters.append(self._consumed)
        for name, operation in list(OPERATIONS.items()):
            OPERATIONS[name] = self._around(name, operation)

    def _consumed(self, table: str, index: str | None, side: str, units: float) -> None:
        dimensions = {"TableName": table}
        if index is not None:
            dimensions["GlobalSecondaryIndexName"] = index
        self._add(f"Consumed{side.capitalize()}CapacityUnits", units, **dimensions)

    def _around(self, name: str, operation: Operation) -> Operation:
        def answer(session: Session, request: dict[str, Any]) -> dict[str, Any]:
            try:
                return operation(session, request)
            except Refusal as refusal:
                self._refused(name, request, refusal)
                raise

        return answer

    def _refused(self, name: str, request: dict[str, Any], refusal: Refusal) -> None:
        """Count a refusal at the tables it concerns; in a transaction, each action's own."""
        document = json.loads(render(refusal.document()))
        reasons = document.get("CancellationReasons")
        if reasons is not None and "TransactItems" in request:
            actions = [next(iter(action.values())) for action in request["TransactItems"]]
            for action, reason in zip(actions, reasons, strict=False):
                self._count(name, [str(action["TableName"])], reason["Code"])
            return
        code = str(document.get("__type", "")).rpartition("#")[2]
        tables = set(tables_named(request))
        if refusal.status >= 500:
            for table in tables:
                self._add("SystemErrors", TableName=table, Operation=name)
        elif not self._count(name, tables, code):
            self._add("UserErrors")

    def _count(self, name: str, tables: Iterable[str], code: str) -> bool:
        """Count what a code means at some tables; False for one that is the caller's mistake."""
        for table in tables:
            if code in _THROTTLED:
                side = "Read" if name in _READS else "Write"
                self._add("ThrottledRequests", TableName=table, Operation=name)
                self._add(f"{side}ThrottleEvents", TableName=table)
            elif code in _CONDITION_FAILED:
                self._add("ConditionalCheckFailedRequests", TableName=table)
            elif code.startswith("TransactionConflict"):
                self._add("TransactionConflict", TableName=table)
            else:
                return False
        return True

    def _add(self, name: str, value: float = 1.0, **dimensions: str) -> None:
        metric = Metric("AWS/DynamoDB", name, tuple(sorted(dimensions.items())))
        self._store.add(metric, value, at=time.time(), unit="Count")
