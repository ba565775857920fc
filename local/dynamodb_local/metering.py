"""The capacity of a batch of inserts, which DynamoDB Local tells of everything else.

A backfill holds its rate by it: without it every one goes at full speed, whatever it was told.
"""

from __future__ import annotations

import json
from typing import Any

from local.dynamodb import capacity
from local.dynamodb.answers import render
from local.dynamodb.capacity import Bill
from local.dynamodb.keys import Schema
from local.dynamodb.operations import Operation
from local.dynamodb.partiql import parse
from local.dynamodb.refusals import Duplicate, Invalid
from local.dynamodb.storage import Record, Storage
from local.dynamodb.tables import Session
from local.dynamodb.values import measure_item


def telling(forward: Operation) -> Operation:
    """Add the capacity to the answer of BatchExecuteStatement where a request asks for it."""

    def batch(session: Session, request: dict[str, Any]) -> dict[str, Any]:
        detail = capacity.detail_of(request)
        answer = forward(session, request)
        if detail is None:
            return answer
        document: dict[str, Any] = json.loads(render(answer))
        bill = Bill("write", heard_by=())  # of one operation alone a metric would mislead
        for statement, response in zip(request["Statements"], document["Responses"], strict=True):
            _charge(bill, session, statement, response)
        return {**document, "ConsumedCapacity": bill.reports(detail)}

    return batch


def _charge(
    bill: Bill, session: Session, statement: dict[str, Any], response: dict[str, Any]
) -> None:
    """Charge what an insert wrote, or the record it found; other statements and errors nothing."""
    try:
        name, build = parse(str(statement.get("Statement") or ""))
    except Invalid:
        return  # DynamoDB Local reads more of PartiQL than its capacity is counted of here
    table, error = session.backend.tables.get(name), response.get("Error")
    if table is None:
        return
    if error is None:
        storage = Storage(Schema.read(table.schema, table.attr))
        storage.index_as(table.all_indexes(), table.attr)
        new = _record(build(list(statement.get("Parameters") or ())))
        capacity.charge_write(bill, name, storage, None, new)
    elif error["Code"] == Duplicate.short:
        bill.add(name, capacity.write_units(_record(error["Item"]) if "Item" in error else None))


def _record(item: dict[str, Any]) -> Record:
    return Record(item, measure_item(item))
