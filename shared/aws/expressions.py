"""Writes as data (shared/model/writes.py) rendered as the requests of DynamoDB.

Every name and value stands behind a placeholder, so that no attribute name is reserved or odd.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.model.declaration import TableDeclaration
from shared.model.errors import InvalidInput
from shared.model.item import Value, WireItem, encode, encode_value
from shared.model.writes import (
    Action,
    AtMost,
    Check,
    Condition,
    Delete,
    Either,
    Equals,
    Every,
    Exists,
    Missing,
    Put,
    Update,
)

Request = dict[str, Any]


class Placeholders:
    """The names and values of one request, each behind `#n…` or `:v…`."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: WireItem = {}

    def name(self, attribute: str) -> str:
        """Return the placeholder of an attribute name; the same name has the same one."""
        return self._names.setdefault(attribute, f"#n{len(self._names)}")

    def value(self, value: Value) -> str:
        """Return a placeholder for a value."""
        placeholder = f":v{len(self._values)}"
        self._values[placeholder] = encode_value(value)
        return placeholder

    def condition(self, condition: Condition) -> str:
        """Return a condition as an expression."""
        match condition:
            case Exists(name):
                return f"attribute_exists({self.name(name)})"
            case Missing(name):
                return f"attribute_not_exists({self.name(name)})"
            case Equals(name, value):
                return f"{self.name(name)} = {self.value(value)}"
            case AtMost(name, value):
                return f"{self.name(name)} <= {self.value(value)}"
            case Every(parts):
                return self._joined(" AND ", parts)
            case Either(parts):
                return self._joined(" OR ", parts)

    def request(self, condition: Condition | None = None, **members: Any) -> Request:
        """Return a request's members with its condition and what stands behind placeholders."""
        if condition is not None:
            members["ConditionExpression"] = self.condition(condition)
        if self._names:
            members["ExpressionAttributeNames"] = {
                placeholder: name for name, placeholder in self._names.items()
            }
        if self._values:
            members["ExpressionAttributeValues"] = self._values
        return members

    def _joined(self, operator: str, parts: Sequence[Condition]) -> str:
        if not parts:
            raise InvalidInput("a condition of no parts cannot be asked of DynamoDB")
        return operator.join(f"({self.condition(part)})" for part in parts)


def put(table: str, item: Mapping[str, Value], condition: Condition | None = None) -> Request:
    """Return the request that stores a whole item."""
    return Placeholders().request(condition, TableName=table, Item=encode(item))


def delete(table: str, key: Mapping[str, Value], condition: Condition | None = None) -> Request:
    """Return the request that removes an item."""
    return Placeholders().request(condition, TableName=table, Key=encode(key))


def update(
    table: str,
    key: Mapping[str, Value],
    *,
    assign: Mapping[str, Value],
    default: Mapping[str, Value],
    remove: Sequence[str],
    increment: str | None,
    condition: Condition | None,
) -> Request:
    """Return the request that changes named attributes of an item."""
    holders = Placeholders()
    sets = [f"{holders.name(name)} = {holders.value(value)}" for name, value in assign.items()]
    for name, value in default.items():
        at = holders.name(name)
        sets.append(f"{at} = if_not_exists({at}, {holders.value(value)})")
    if increment:
        at = holders.name(increment)
        sets.append(f"{at} = if_not_exists({at}, {holders.value(0)}) + {holders.value(1)}")
    clauses = [f"SET {', '.join(sets)}"] if sets else []
    if remove:
        clauses.append(f"REMOVE {', '.join(holders.name(name) for name in remove)}")
    changes = {"UpdateExpression": " ".join(clauses)} if clauses else {}
    return holders.request(condition, TableName=table, Key=encode(key), **changes)


def tally(
    table: str,
    key: Mapping[str, Value],
    *,
    add: Mapping[str, Value],
    assign: Mapping[str, Value],
    default: Mapping[str, Value],
) -> Request:
    """Return the request that adds to numbers and sets of an item, which it makes if need be."""
    holders = Placeholders()
    sets = [f"{holders.name(name)} = {holders.value(value)}" for name, value in assign.items()]
    for name, value in default.items():
        at = holders.name(name)
        sets.append(f"{at} = if_not_exists({at}, {holders.value(value)})")
    added = [f"{holders.name(name)} {holders.value(value)}" for name, value in add.items()]
    changes = f"SET {', '.join(sets)} ADD {', '.join(added)}"
    return holders.request(TableName=table, Key=encode(key), UpdateExpression=changes)


def request(action: Action, declaration: TableDeclaration) -> Request:
    """Return an action as the request of its operation, or as a member of a transaction."""
    table, keys = declaration.name, declaration.keys
    match action:
        case Put(item=item, condition=condition):
            return put(table, item, condition)
        case Update(key=key, condition=condition):
            return update(
                table,
                keys.attributes(key),
                assign=action.assign,
                default=action.default,
                remove=action.remove,
                increment=action.increment,
                condition=condition,
            )
        case Delete(key=key, condition=condition) | Check(key=key, condition=condition):
            return delete(table, keys.attributes(key), condition)


def member(action: Action, declaration: TableDeclaration) -> Request:
    """Return an action as a member of TransactWriteItems."""
    names = {Put: "Put", Update: "Update", Delete: "Delete", Check: "ConditionCheck"}
    rendered = request(action, declaration)
    if isinstance(action, Update) and "UpdateExpression" not in rendered:
        raise InvalidInput("an update in a transaction must change something")
    return {names[type(action)]: rendered}
