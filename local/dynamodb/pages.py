"""Query and Scan: a range of places walked page by page.

moto sorts a whole table for each page. Here a page costs what it holds: at most 1 MB, or `Limit`
items, counted before the filter as on AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.dynamodb import capacity
from local.dynamodb.answers import Raw, raw_list
from local.dynamodb.capacity import Bill
from local.dynamodb.expressions import key_conditions
from local.dynamodb.expressions.conditions import Node
from local.dynamodb.expressions.key_conditions import Range
from local.dynamodb.expressions.paths import Path, project
from local.dynamodb.expressions.requests import Expressions, option
from local.dynamodb.keys import HASH_SPACE, Schema
from local.dynamodb.ordered import TOP, Key, Ordered
from local.dynamodb.refusals import Invalid
from local.dynamodb.storage import Index, Record
from local.dynamodb.tables import LOCK, Opened, Session
from local.dynamodb.values import Item, check

_PAGE_BYTES = 1024 * 1024
_MAX_SEGMENTS = 1_000_000
_WRONG_START = "The provided starting key is invalid"
_SELECTS = (
    "DEFAULT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is walked: a table, or one of its indexes."""

    opened: Opened
    index: Index | None

    @property
    def schema(self) -> Schema:
        """The key it is ordered by."""
        return self.index.schema if self.index else self.opened.schema

    @property
    def records(self) -> Ordered[Record]:
        """Its records in order."""
        return self.index.entries if self.index else self.opened.storage.records

    def place(self, item: Item) -> Key:
        """Give the place of an item on this shelf."""
        return self.index.place(item) if self.index else self.opened.schema.place(item)

    def key_of(self, item: Item) -> Item:
        """Give the attributes that name the place: what LastEvaluatedKey holds."""
        return {**self.opened.schema.key_of(item), **self.schema.key_of(item)}

    def read_start(self, key: object) -> Key | None:
        """Turn an ExclusiveStartKey into a place."""
        if key is None:
            return None
        attributes = {a.name: a for a in (*self.schema.attributes, *self.opened.schema.attributes)}
        if not isinstance(key, dict) or key.keys() != attributes.keys():
            raise Invalid(_WRONG_START)
        checked = {name: check(value)[0] for name, value in key.items()}
        if any(one.kind not in checked[name] for name, one in attributes.items()):
            raise Invalid(_WRONG_START)
        return self.place(checked)


@dataclass(frozen=True, slots=True)
class Walk:
    """How a request goes over a shelf."""

    shelf: Shelf
    range: Range
    start: Key | None
    limit: int | None
    backwards: bool
    keep: Node | None
    expressions: Expressions
    paths: list[Path] | None


@dataclass(slots=True)
class Page:
    """What was met before the page was full."""

    kept: list[Record]
    scanned: int = 0
    size: int = 0
    last: Record | None = None


def query(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Give a page of one partition, in the order of the range key or against it."""
    shelf = _shelf(session, request, "Query")
    expressions = Expressions(request)
    condition = expressions.condition("KeyConditionExpression")
    if condition is None:
        raise Invalid(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in "
            "the request."
        )
    found = key_conditions.read(condition, shelf.schema, expressions.values)
    expressions.refuse_in_filter(shelf.schema.names)
    backwards = request.get("ScanIndexForward") is False
    return _answer(_walk(shelf, found, expressions, request, backwards=backwards), request)


def scan(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Give a page of a whole table or index, or of one segment of it."""
    shelf = _shelf(session, request, "Scan")
    expressions = Expressions(request)
    return _answer(_walk(shelf, _segment(request), expressions, request), request)


def turn(walk: Walk) -> Page:
    """Read one page; call it under the lock."""
    page = Page([])
    low, high = walk.range.low, walk.range.high
    if walk.start is not None and walk.backwards:
        high = min(high, walk.start)
    elif walk.start is not None:
        low = max(low, (*walk.start, TOP))
    values = walk.expressions.values
    for _, record in walk.shelf.records.walk(low, high, backwards=walk.backwards):
        if page.scanned and page.size + record.size > _PAGE_BYTES:
            return page
        page.scanned += 1
        page.size += record.size
        page.last = record
        if walk.keep is None or walk.keep.test(record.attributes, values):
            page.kept.append(record)
        if page.scanned == walk.limit:
            return page
    page.last = None
    return page


def _shelf(session: Session, request: dict[str, Any], action: str) -> Shelf:
    name = request.get("IndexName")
    opened = session.open(request.get("TableName"), (action,), name)
    index = opened.index(name) if name else None
    if index and index.is_global and request.get("ConsistentRead"):
        raise Invalid("Consistent reads are not supported on global secondary indexes")
    return Shelf(opened, index)


def _walk(
    shelf: Shelf,
    found: Range,
    expressions: Expressions,
    request: dict[str, Any],
    *,
    backwards: bool = False,
) -> Walk:
    keep, paths = expressions.condition("FilterExpression"), expressions.projection()
    expressions.close()
    _check_select(shelf, request, has_paths=paths is not None)
    limit = request.get("Limit")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise Invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1"
        )
    start = shelf.read_start(request.get("ExclusiveStartKey"))
    if start is not None and not (found.low < start < found.high):
        raise Invalid(f"{_WRONG_START}: The provided key is outside of the range asked for")
    return Walk(shelf, found, start, limit, backwards, keep, expressions, paths)


def _segment(request: dict[str, Any]) -> Range:
    segment, total = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total is None:
        return Range((), (HASH_SPACE,))
    if segment is None or total is None:
        missing, given = ("Segment", "TotalSegments")[:: 1 if segment is None else -1]
        raise Invalid(
            f"The {missing} parameter is required but was not present in the request when "
            f"{given} parameter is present"
        )
    if not 1 <= total <= _MAX_SEGMENTS:
        raise Invalid(
            f"1 validation error detected: Value '{total}' at 'totalSegments' failed to satisfy "
            f"constraint: Member must have value between 1 and {_MAX_SEGMENTS}"
        )
    if not 0 <= segment < total:
        raise Invalid(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {segment} is not less than TotalSegments: {total}"
        )
    return Range((segment * HASH_SPACE // total,), ((segment + 1) * HASH_SPACE // total,))


def _check_select(shelf: Shelf, request: dict[str, Any], *, has_paths: bool) -> None:
    select = option(request, "Select", _SELECTS)
    if select == "SPECIFIC_ATTRIBUTES" and not has_paths:
        raise Invalid(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
            "SPECIFIC_ATTRIBUTES"
        )
    if has_paths and select not in ("DEFAULT", "SPECIFIC_ATTRIBUTES"):
        what = "only the Count" if select == "COUNT" else select
        raise Invalid(f"Cannot specify the ProjectionExpression when choosing to get {what}")
    if select == "ALL_PROJECTED_ATTRIBUTES" and shelf.index is None:
        raise Invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    index = shelf.index
    if select == "ALL_ATTRIBUTES" and index and index.is_global and not index.complete:
        raise Invalid(
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not "
            f"supported for global secondary index {index.name} because its projection type is "
            "not ALL"
        )


def _answer(walk: Walk, request: dict[str, Any]) -> dict[str, Any]:
    detail = capacity.detail_of(request)
    with LOCK:
        page = turn(walk)
    answer: dict[str, Any] = {"Count": len(page.kept), "ScannedCount": page.scanned}
    if request.get("Select") != "COUNT":
        answer["Items"] = _items(walk, page, request)
    if page.last is not None:
        answer["LastEvaluatedKey"] = walk.shelf.key_of(page.last.attributes)
    bill = _bill(walk, page, consistent=bool(request.get("ConsistentRead")))
    if detail:
        answer["ConsumedCapacity"] = bill.report(walk.shelf.opened.name, detail)
    return answer


def _items(walk: Walk, page: Page, request: dict[str, Any]) -> Raw | list[Item]:
    if walk.paths is not None:
        return [project(record.attributes, walk.paths) for record in page.kept]
    if request.get("Select") == "ALL_ATTRIBUTES" and walk.shelf.index:
        opened = walk.shelf.opened
        places = [opened.schema.place(record.attributes) for record in page.kept]
        whole = [opened.storage.records.get(place) for place in places]
        return raw_list(record for record in whole if record)
    return raw_list(page.kept)


def _bill(walk: Walk, page: Page, *, consistent: bool) -> Bill:
    bill = Bill("read")
    index = walk.shelf.index
    units = capacity.read_units(page.size, consistent=consistent)
    bill.add(
        walk.shelf.opened.name,
        units,
        index.name if index else None,
        is_global=index is None or index.is_global,
    )
    return bill
