"""Key conditions of a query: one partition, and a range within it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.dynamodb.expressions.conditions import (
    Between,
    Both,
    Compare,
    Function,
    Given,
    Node,
    Place,
    Values,
)
from local.dynamodb.keys import Attribute, Schema, sortable, spread
from local.dynamodb.ordered import TOP, Key
from local.dynamodb.refusals import Invalid
from local.dynamodb.values import Value

_INVALID = "One or more parameter values were invalid: "
_UNSUPPORTED = "Query key condition not supported"


@dataclass(frozen=True, slots=True)
class Range:
    """Places from `low` (included) to `high` (excluded)."""

    low: Key
    high: Key


def read(node: Node, schema: Schema, values: Values) -> Range:
    """Turn a key condition into the range of places it means; raises Invalid for any other."""
    parts = list(_flatten(node))
    on = [_name(part) for part in parts]
    if schema.hash.name not in on:
        raise Invalid(f"Query condition missed key schema element: {schema.hash.name}")
    allowed = schema.names
    for name in on:
        if name not in allowed:
            missed = schema.range.name if schema.range else schema.hash.name
            raise Invalid(f"Query condition missed key schema element: {missed}")
    if len(set(on)) < len(on):
        raise Invalid("KeyConditionExpressions must only contain one condition per key")
    by_name = dict(zip(on, parts, strict=True))
    prefix = _partition(by_name[schema.hash.name], schema.hash, values)
    if schema.range is None or schema.range.name not in by_name:
        return Range(prefix, (*prefix, TOP))
    return _range(prefix, by_name[schema.range.name], schema.range, values)


def _flatten(node: Node) -> list[Node]:
    if isinstance(node, Both):
        return [leaf for part in node.parts for leaf in _flatten(part)]
    return [node]


def _name(node: Node) -> str:
    place: object = None
    if isinstance(node, Compare):
        place = node.left
    elif isinstance(node, Between):
        place = node.operand
    elif isinstance(node, Function) and node.name == "begins_with":
        place = Place(node.path)
    if not isinstance(place, Place) or len(place.path) > 1:
        raise Invalid("Invalid operator used in KeyConditionExpression")
    return str(place.path[0])


def _partition(node: Node, attribute: Attribute, values: Values) -> Key:
    if not isinstance(node, Compare) or node.sign != "=":
        raise Invalid(_UNSUPPORTED)
    head = _value(node.right, attribute, values)
    return spread(head), head


def _range(prefix: Key, node: Node, attribute: Attribute, values: Values) -> Range:
    if isinstance(node, Between):
        low, high = (_value(one, attribute, values) for one in (node.low, node.high))
        if low > high:
            raise Invalid(
                "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be "
                "greater than or equal to lower bound"
            )
        return Range((*prefix, low), (*prefix, high, TOP))
    if isinstance(node, Function):
        start = _value(node.operand, attribute, values)
        return Range((*prefix, start), (*prefix, _after(start)))
    if not isinstance(node, Compare) or node.sign == "<>":
        raise Invalid("Invalid operator used in KeyConditionExpression")
    value = _value(node.right, attribute, values)
    at, past, end = (*prefix, value), (*prefix, value, TOP), (*prefix, TOP)
    return {
        "=": Range(at, past),
        "<": Range(prefix, at),
        "<=": Range(prefix, past),
        ">": Range(past, end),
        ">=": Range(at, end),
    }[node.sign]


def _value(operand: object, attribute: Attribute, values: Values) -> Any:
    if not isinstance(operand, Given):
        raise Invalid(_UNSUPPORTED)
    value: Value = values[operand.name]
    if attribute.kind not in value:
        raise Invalid(f"{_INVALID}Condition parameter type does not match schema type")
    if value[attribute.kind] == "":
        raise Invalid(
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            f"cannot contain an empty string value. Key: {attribute.name}"
        )
    return sortable(value)


def _after(start: Any) -> Any:
    """Give the least value that sorts after everything beginning with `start`."""
    if isinstance(start, bytes):
        rest = start.rstrip(b"\xff")
        return rest[:-1] + bytes([rest[-1] + 1]) if rest else TOP
    if isinstance(start, str):
        text = start.rstrip("\U0010ffff")
        return text[:-1] + chr(ord(text[-1]) + 1) if text else TOP
    raise Invalid(_UNSUPPORTED)
