"""GetItem, BatchGetItem and TransactGetItems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.dynamodb import capacity
from local.dynamodb.answers import Raw, raw_list
from local.dynamodb.capacity import Bill
from local.dynamodb.expressions.paths import Path, project
from local.dynamodb.expressions.requests import Expressions
from local.dynamodb.refusals import Invalid
from local.dynamodb.storage import Record
from local.dynamodb.tables import LOCK, Opened, Session
from local.dynamodb.values import Item, measure_item

_MAX_KEYS = 100
_MAX_BATCH_BYTES = 16 * 1024 * 1024
_MAX_TRANSACTION_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item to read, and the part of it to give."""

    opened: Opened
    key: Item
    paths: list[Path] | None
    consistent: bool

    def find(self) -> Record | None:
        """Give the record, whole."""
        return self.opened.storage.records.get(self.opened.schema.place(self.key))

    def part(self, record: Record) -> Record:
        """Give the part of the record that is wanted."""
        if self.paths is None:
            return record
        attributes = project(record.attributes, self.paths)
        return Record(attributes, measure_item(attributes))

    def charge(self, bill: Bill, record: Record | None, times: int = 1) -> None:
        """Bill the read of the whole record, or of nothing."""
        size = record.size if record else 0
        units = capacity.read_units(size, consistent=self.consistent or times > 1)
        bill.add(self.opened.name, times * units)


def get_item(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Get one item."""
    opened = session.open(request.get("TableName"), ("GetItem",))
    detail = capacity.detail_of(request)
    wanted = _wanted(opened, request.get("Key"), request)
    with LOCK:
        record = wanted.find()
    bill = Bill("read")
    wanted.charge(bill, record)
    answer: dict[str, Any] = {"Item": Raw(wanted.part(record).raw)} if record else {}
    if detail:
        answer["ConsumedCapacity"] = bill.report(opened.name, detail)
    return answer


def batch_get_item(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Get up to 100 items and 16 MB; what does not fit is given back as unprocessed."""
    detail = capacity.detail_of(request)
    asked = _read_batch(session, request.get("RequestItems"))
    bill = Bill("read")
    room = _MAX_BATCH_BYTES
    found: dict[str, list[Record]] = {name: [] for name in asked}
    left: dict[str, list[Item]] = {}
    with LOCK:
        for name, several in asked.items():
            for wanted in several:
                record = wanted.find()
                size = record.size if record else 0
                if left or size > room:
                    left.setdefault(name, []).append(wanted.key)
                    continue
                room -= size
                wanted.charge(bill, record)
                if record:
                    found[name].append(wanted.part(record))
    answer: dict[str, Any] = {
        "Responses": {name: raw_list(records) for name, records in found.items()},
        "UnprocessedKeys": {
            name: {**request["RequestItems"][name], "Keys": keys} for name, keys in left.items()
        },
    }
    if detail:
        answer["ConsumedCapacity"] = bill.reports(detail)
    return answer


def transact_get_items(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Get up to 100 items and 4 MB as they were at one moment."""
    detail = capacity.detail_of(request)
    asked = [
        _wanted(session.open(get.get("TableName"), ("GetItem",)), get.get("Key"), get)
        for get in (one.get("Get", {}) for one in _members(request, "TransactItems"))
    ]
    with LOCK:
        records = [wanted.find() for wanted in asked]
    if sum(record.size for record in records if record) > _MAX_TRANSACTION_BYTES:
        raise Invalid("Transaction request exceeds the maximum size of 4 MB")
    bill = Bill("read")
    responses = []
    for wanted, record in zip(asked, records, strict=True):
        wanted.charge(bill, record, times=2)
        responses.append({"Item": Raw(wanted.part(record).raw)} if record else {})
    answer: dict[str, Any] = {"Responses": responses}
    if detail:
        answer["ConsumedCapacity"] = bill.reports(detail)
    return answer


def _wanted(opened: Opened, key: object, request: dict[str, Any]) -> Wanted:
    checked = opened.schema.read_key(key)
    expressions = Expressions(request)
    paths = expressions.projection()
    expressions.close()
    return Wanted(opened, checked, paths, bool(request.get("ConsistentRead")))


def _read_batch(session: Session, items: object) -> dict[str, list[Wanted]]:
    if not isinstance(items, dict) or not items:
        raise Invalid("The requestItems parameter is required for BatchGetItem")
    if sum(len(one.get("Keys") or ()) for one in items.values()) > _MAX_KEYS:
        raise Invalid("Too many items requested for the BatchGetItem call")
    asked: dict[str, list[Wanted]] = {}
    for name, one in items.items():
        opened = session.open(name, ("BatchGetItem",))
        asked[name] = [_wanted(opened, key, one) for key in _members(one, "Keys")]
        places = {opened.schema.place(wanted.key) for wanted in asked[name]}
        if len(places) < len(asked[name]):
            raise Invalid("Provided list of item keys contains duplicates")
    return asked


def _members(request: dict[str, Any], member: str) -> list[dict[str, Any]]:
    found = request.get(member)
    if not isinstance(found, list) or not 1 <= len(found) <= _MAX_KEYS:
        side = "less than or equal to 100" if found else "greater than or equal to 1"
        raise Invalid(
            f"1 validation error detected: Value at '{member[0].lower()}{member[1:]}' failed to "
            f"satisfy constraint: Member must have length {side}"
        )
    return found
