"""One write to one item: read from a request, decided against the item, then done.

The same four actions serve single writes, batches, PartiQL and transactions. Deciding and doing
happen under the lock, so a condition still holds when its write is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.dynamodb import capacity, streams
from local.dynamodb.answers import Raw
from local.dynamodb.capacity import Bill
from local.dynamodb.expressions.conditions import Node, Values
from local.dynamodb.expressions.requests import Expressions
from local.dynamodb.expressions.updates import Update
from local.dynamodb.ordered import Key
from local.dynamodb.refusals import ConditionFailed, Invalid
from local.dynamodb.storage import Record
from local.dynamodb.tables import MAX_ITEM, Opened, Session
from local.dynamodb.values import Item, measure_item

_ON_FAILURE = ("NONE", "ALL_OLD")


@dataclass(frozen=True, slots=True)
class Write:
    """A decided action: the record before and after."""

    action: Action
    old: Record | None
    new: Record | None

    def do(self) -> None:
        """Change the table, its indexes and its stream."""
        if self.old is self.new:
            return
        opened = self.action.opened
        opened.storage.replace(self.action.place, self.old, self.new)
        streams.emit(opened.table, opened.schema, self.old, self.new)

    def charge(self, bill: Bill, times: int = 1) -> None:
        """Bill the write; twice in a transaction."""
        opened = self.action.opened
        capacity.charge_write(bill, opened.name, opened.storage, self.old, self.new, times=times)


@dataclass(frozen=True, slots=True)
class Action:
    """A write, or a check, of the item at one place."""

    opened: Opened
    place: Key
    make: Callable[[Record | None], Record | None]
    condition: Node | None
    values: Values
    show_on_failure: bool
    update: Update | None = None

    def held(self) -> Record | None:
        """Give the record that is there now."""
        return self.opened.storage.records.get(self.place)

    def decide(self) -> Write:
        """Test the condition and make the new record; raises ConditionFailed or Invalid."""
        old = self.held()
        attributes = old.attributes if old else {}
        if self.condition is not None and not self.condition.test(attributes, self.values):
            shown = Raw(old.raw) if old and self.show_on_failure else None
            raise ConditionFailed(shown)
        return Write(self, old, self.make(old))


def read_put(session: Session, request: dict[str, Any], permission: str = "PutItem") -> Action:
    """Read a Put: the whole item is replaced."""
    opened = session.open(request.get("TableName"), (permission,))
    record = opened.read_item(request.get("Item"))
    expressions = Expressions(request)
    condition = expressions.condition()
    expressions.close()
    return _action(opened, record.attributes, lambda _old: record, condition, expressions)


def read_update(session: Session, request: dict[str, Any]) -> Action:
    """Read an Update: some attributes are changed, the rest kept."""
    opened = session.open(request.get("TableName"), ("UpdateItem",))
    key = opened.schema.read_key(request.get("Key"))
    expressions = Expressions(request)
    update, condition = expressions.update(), expressions.condition()
    expressions.close()
    if update is not None:
        _refuse_key_changes(opened, update)

    def make(old: Record | None) -> Record:
        return _updated(opened, old.attributes if old else key, update, expressions.values)

    return _action(opened, key, make, condition, expressions, update)


def read_delete(
    session: Session, request: dict[str, Any], permission: str = "DeleteItem"
) -> Action:
    """Read a Delete: the item is gone afterwards, whether it was there or not."""
    return _read_keyed(session, request, permission, lambda _old: None)


def read_check(session: Session, request: dict[str, Any]) -> Action:
    """Read a ConditionCheck: nothing is changed."""
    if not request.get("ConditionExpression"):
        raise Invalid(
            "1 validation error detected: Value null at 'conditionExpression' failed to satisfy "
            "constraint: Member must not be null"
        )
    return _read_keyed(session, request, "ConditionCheckItem", lambda old: old)


READERS: dict[str, Callable[[Session, dict[str, Any]], Action]] = {
    "Put": read_put,
    "Update": read_update,
    "Delete": read_delete,
    "ConditionCheck": read_check,
}


def _read_keyed(
    session: Session,
    request: dict[str, Any],
    permission: str,
    make: Callable[[Record | None], Record | None],
) -> Action:
    opened = session.open(request.get("TableName"), (permission,))
    key = opened.schema.read_key(request.get("Key"))
    expressions = Expressions(request)
    condition = expressions.condition()
    expressions.close()
    return _action(opened, key, make, condition, expressions)


def _action(
    opened: Opened,
    key: Item,
    make: Callable[[Record | None], Record | None],
    condition: Node | None,
    expressions: Expressions,
    update: Update | None = None,
) -> Action:
    show = expressions.option("ReturnValuesOnConditionCheckFailure", _ON_FAILURE) == "ALL_OLD"
    place = opened.schema.place(key)
    return Action(opened, place, make, condition, expressions.values, show, update)


def _refuse_key_changes(opened: Opened, update: Update) -> None:
    for path in update.touched():
        if path[0] in opened.schema.names:
            raise Invalid(
                f"One or more parameter values were invalid: Cannot update attribute {path[0]}. "
                "This attribute is part of the key"
            )


def _updated(opened: Opened, before: Item, update: Update | None, values: Values) -> Record:
    after = update.apply(before, values) if update else before
    size = measure_item(after)
    if size > MAX_ITEM:
        raise Invalid("Item size to update has exceeded the maximum allowed size")
    opened.check_indexes(after)
    return Record(after, size)
