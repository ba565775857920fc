"""The operations this front answers itself, by their names on the wire."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from local.dynamodb import batches, pages, partiql, reads, transactions, writes
from local.dynamodb.answers import render
from local.dynamodb.refusals import Broken, Malformed, Refusal
from local.dynamodb.tables import Session

Operation = Callable[[Session, dict[str, Any]], dict[str, Any]]
#: Asked before each operation with its name, session and request; may wait, or raise a Refusal.
#: Throttling and faults hook in here, and in `capacity.meters`, which hear what was consumed.
Guard = Callable[[str, Session, dict[str, Any]], None]

_log = logging.getLogger(__name__)

guards: list[Guard] = []

OPERATIONS: dict[str, Operation] = {
    "PutItem": writes.put_item,
    "UpdateItem": writes.update_item,
    "DeleteItem": writes.delete_item,
    "GetItem": reads.get_item,
    "BatchGetItem": reads.batch_get_item,
    "TransactGetItems": reads.transact_get_items,
    "BatchWriteItem": batches.batch_write_item,
    "TransactWriteItems": transactions.transact_write_items,
    "Query": pages.query,
    "Scan": pages.scan,
    "ExecuteStatement": partiql.execute_statement,
    "ExecuteTransaction": partiql.execute_transaction,
    "BatchExecuteStatement": partiql.batch_execute_statement,
}


def answer(name: str, session: Session, body: bytes) -> tuple[int, bytes]:
    """Do an operation and give the status and body of its answer."""
    try:
        request = _read(body)
        for guard in guards:
            guard(name, session, request)
        return 200, render(OPERATIONS[name](session, request))
    except Refusal as refusal:
        return refusal.status, render(refusal.document())
    except Exception:  # noqa: BLE001 the entry point: a fault must be answered, and be seen
        _log.exception("The DynamoDB front failed in %s", name)
        broken = Broken()
        return broken.status, render(broken.document())


def _read(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Malformed("The request body is not JSON") from None
    if not isinstance(request, dict):
        raise Malformed("Start of structure or map expected")
    return request
