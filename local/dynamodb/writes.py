"""PutItem, UpdateItem and DeleteItem; in moto they are not safe under concurrency."""

from __future__ import annotations

from typing import Any

from local.dynamodb import capacity
from local.dynamodb.actions import Action, Write, read_delete, read_put, read_update
from local.dynamodb.answers import Raw
from local.dynamodb.capacity import Bill
from local.dynamodb.expressions.paths import project
from local.dynamodb.expressions.requests import option
from local.dynamodb.refusals import ConditionFailed
from local.dynamodb.tables import LOCK, Session
from local.dynamodb.values import Item

_RETURNS_OLD = ("NONE", "ALL_OLD")
_RETURNS = ("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW")


def put_item(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Put a whole item."""
    wanted = option(request, "ReturnValues", _RETURNS_OLD)
    return _perform(read_put(session, request), wanted, request)


def update_item(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Change some attributes of an item, which is made when absent."""
    wanted = option(request, "ReturnValues", _RETURNS)
    return _perform(read_update(session, request), wanted, request)


def delete_item(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Delete an item."""
    wanted = option(request, "ReturnValues", _RETURNS_OLD)
    return _perform(read_delete(session, request), wanted, request)


def perform(action: Action, bill: Bill) -> Write:
    """Decide and do one action as one step, and bill it; a failed condition is billed too."""
    with LOCK:
        try:
            write = action.decide()
        except ConditionFailed:
            bill.add(action.opened.name, capacity.write_units(action.held()))
            raise
        write.charge(bill)
        write.do()
    return write


def _perform(action: Action, wanted: str, request: dict[str, Any]) -> dict[str, Any]:
    detail = capacity.detail_of(request)
    bill = Bill("write")
    write = perform(action, bill)
    answer = _returned(write, wanted)
    if detail:
        answer["ConsumedCapacity"] = bill.report(action.opened.name, detail)
    return answer


def _returned(write: Write, wanted: str) -> dict[str, Any]:
    record = write.old if wanted.endswith("OLD") else write.new
    if wanted == "NONE" or record is None:
        return {}
    if wanted.startswith("ALL"):
        return {"Attributes": Raw(record.raw)}
    update = write.action.update
    part: Item = project(record.attributes, update.touched()) if update else {}
    return {"Attributes": part} if part else {}
