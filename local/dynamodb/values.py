"""Attribute values in DynamoDB's JSON: checked, brought to one spelling, measured and compared.

Sizes follow AWS's page "DynamoDB item sizes and formats". Values are never changed in place.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from local.dynamodb import numbers
from local.dynamodb.refusals import Invalid, Malformed

type_of_sets = {"SS": "S", "NS": "N", "BS": "B"}
Value = dict[str, Any]
Item = dict[str, Value]

MAX_DEPTH = 32
_INVALID = "One or more parameter values were invalid: "


def check(value: object, depth: int = 0) -> tuple[Value, int]:
    """Give a value in its one spelling, and its size in bytes; raises Invalid or Malformed."""
    if not isinstance(value, dict):
        raise Malformed("Unexpected value type in payload")
    if len(value) != 1:
        raise Invalid(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
            "the supported datatypes"
            if value
            else "Supplied AttributeValue is empty, must contain exactly one of the supported "
            "datatypes"
        )
    ((kind, content),) = value.items()
    checker = _CHECKS.get(kind)
    if checker is None:
        raise Invalid(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        )
    normal, size = checker(content, depth)
    return {kind: normal}, size


def check_item(item: object) -> tuple[Item, int]:
    """Give an item with every value in its one spelling, and the item's size in bytes."""
    if not isinstance(item, dict):
        raise Malformed("Start of structure or map expected")
    return _members(item, 0)


def text_size(text: str) -> int:
    """Count the bytes of a text in UTF-8."""
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise Malformed("Invalid UTF-8 in a string value") from None


def measure(value: Value) -> int:
    """Count the bytes of a value that was checked before."""
    return check(value)[1]


def measure_item(item: Item) -> int:
    """Count the bytes of an item whose values were checked before."""
    return sum(text_size(name) + measure(value) for name, value in item.items())


def same(left: Value | None, right: Value | None) -> bool:
    """Tell whether two checked values are equal; the order within a set does not count."""
    if left is None or right is None:
        return left is right
    ((kind, one),) = left.items()
    if kind not in right:
        return False
    other = right[kind]
    if kind in type_of_sets:
        return set(one) == set(other)
    if kind == "L":
        return len(one) == len(other) and all(map(same, one, other))
    if kind == "M":
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    return bool(one == other)


def same_item(left: Item | None, right: Item | None) -> bool:
    """Tell whether two items hold equal attributes."""
    if left is None or right is None:
        return left is right
    return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)


def orderable(value: Value) -> tuple[str, Any] | None:
    """Give a type and a comparable form of a string, number or binary; None for other types."""
    ((kind, content),) = value.items()
    if kind == "S":
        return kind, content
    if kind == "N":
        return kind, Decimal(content)
    if kind == "B":
        return kind, base64.b64decode(content)
    return None


def _string(content: object, _depth: int) -> tuple[str, int]:
    if not isinstance(content, str):
        raise Malformed(f"{type(content).__name__} cannot be converted to String")
    return content, text_size(content)


def _number(content: object, _depth: int) -> tuple[str, int]:
    normal = numbers.normalise(content)
    return normal, numbers.size(normal)


def _binary(content: object, _depth: int) -> tuple[str, int]:
    try:
        raw = base64.b64decode(str(content), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("Base64 encoded bytes expected") from None
    return base64.b64encode(raw).decode(), len(raw)


def _bool(content: object, _depth: int) -> tuple[bool, int]:
    if not isinstance(content, bool):
        raise Malformed("Unexpected token received from parser")
    return content, 1


def _null(content: object, _depth: int) -> tuple[bool, int]:
    if content is not True:
        raise Invalid(_INVALID + "Null attribute value types must have the value of true")
    return True, 1


def _list(content: object, depth: int) -> tuple[list[Value], int]:
    if not isinstance(content, list):
        raise Malformed("Expected a list")
    _refuse_depth(depth)
    parts = [check(part, depth + 1) for part in content]
    return [part for part, _ in parts], 3 + sum(1 + size for _, size in parts)


def _map(content: object, depth: int) -> tuple[Item, int]:
    if not isinstance(content, dict):
        raise Malformed("Start of structure or map expected")
    _refuse_depth(depth)
    members, size = _members(content, depth + 1)
    return members, 3 + size + len(members)


def _members(content: dict[str, Any], depth: int) -> tuple[Item, int]:
    normal: Item = {}
    total = 0
    for name, value in content.items():
        normal[name], size = check(value, depth)
        total += size + text_size(name)
    return normal, total


def _refuse_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise Invalid(
            "Nesting Levels have exceeded supported limits: "
            f"Attributes nesting limit is {MAX_DEPTH}"
        )


def _set_of(
    noun: str, element: Callable[[object, int], tuple[str, int]]
) -> Callable[[object, int], tuple[list[str], int]]:
    def checker(content: object, depth: int) -> tuple[list[str], int]:
        if not isinstance(content, list):
            raise Malformed("Expected a list")
        if not content:
            raise Invalid(f"{_INVALID}An {noun} set  may not be empty")
        parts = [element(part, depth) for part in content]
        members = [part for part, _ in parts]
        if len(set(members)) < len(members):
            shown = ", ".join(members)
            raise Invalid(f"{_INVALID}Input collection [{shown}] contains duplicates.")
        return members, sum(size for _, size in parts)

    return checker


_CHECKS: dict[str, Callable[[object, int], tuple[Any, int]]] = {
    "S": _string,
    "N": _number,
    "B": _binary,
    "BOOL": _bool,
    "NULL": _null,
    "L": _list,
    "M": _map,
    "SS": _set_of("string", _string),
    "NS": _set_of("number", _number),
    "BS": _set_of("binary", _binary),
}
