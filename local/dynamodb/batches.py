"""BatchWriteItem: up to 25 puts and deletes, each on its own; moto does not enforce the limits."""

from __future__ import annotations

from typing import Any

from local.dynamodb import capacity
from local.dynamodb.actions import Action, read_delete, read_put
from local.dynamodb.capacity import Bill
from local.dynamodb.refusals import Invalid
from local.dynamodb.tables import Session
from local.dynamodb.writes import perform

_MAX_WRITES = 25
_READERS = {
    "PutRequest": (read_put, "Item"),
    "DeleteRequest": (read_delete, "Key"),
}


def batch_write_item(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Put and delete items; all are checked before the first is written."""
    detail = capacity.detail_of(request)
    actions = _read(session, request.get("RequestItems"))
    bill = Bill("write")
    for action in actions:
        perform(action, bill)
    answer: dict[str, Any] = {"UnprocessedItems": {}}
    if detail:
        answer["ConsumedCapacity"] = bill.reports(detail)
    return answer


def _read(session: Session, items: object) -> list[Action]:
    if not isinstance(items, dict) or not items:
        raise Invalid("The batch write request list for a table cannot be null or empty")
    if sum(map(len, items.values())) > _MAX_WRITES:
        raise Invalid("Too many items requested for the BatchWriteItem call")
    actions = []
    for name, requests in items.items():
        if not requests:
            raise Invalid("The batch write request list for a table cannot be null or empty")
        actions += [_read_one(session, name, one) for one in requests]
    if len({(action.opened.name, action.place) for action in actions}) < len(actions):
        raise Invalid("Provided list of item keys contains duplicates")
    return actions


def _read_one(session: Session, name: str, request: dict[str, Any]) -> Action:
    if len(request) != 1 or not request.keys() <= _READERS.keys():
        raise Invalid("Supplied WriteRequest must have exactly one of PutRequest, DeleteRequest")
    ((kind, content),) = request.items()
    reader, member = _READERS[kind]
    # AWS asks for this one permission, not for those of the members.
    return reader(session, {"TableName": name, member: content.get(member)}, "BatchWriteItem")
