"""Items as Python values, and their exact form in DynamoDB JSON.

A value is None, bool, str, Decimal (never float), bytes, list, dict, or a frozenset of
str, Decimal or bytes. Sizes follow "DynamoDB item sizes and formats" of the AWS
developer guide.
"""

import base64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.model.errors import InvalidInput

Value = Any
Item = dict[str, Value]
WireValue = dict[str, Any]
WireItem = dict[str, WireValue]

ITEM_LIMIT_BYTES = 400 * 1024
NESTING_LIMIT = 32
"""How deep an attribute may be nested; "Quotas in Amazon DynamoDB" of the developer guide."""
LARGEST_CHANGE = 250
"""Attributes that one write may set and remove: DynamoDB takes an expression of 4,096 bytes, and
each is at most 15 in it ("#n249 = :v249, ")."""

NUMBER_DIGITS = 38
LARGEST_EXPONENT, SMALLEST_EXPONENT = 125, -130
"""The magnitudes of DynamoDB's numbers; "Supported data types" of the developer guide."""


def encode(item: Mapping[str, Value]) -> WireItem:
    """Return the item in DynamoDB JSON; raise InvalidInput for what DynamoDB cannot hold."""
    return {name: encode_value(value, name) for name, value in item.items()}


def decode(wire: Mapping[str, WireValue]) -> Item:
    """Return the Python form of an item in DynamoDB JSON."""
    return {name: decode_value(value) for name, value in wire.items()}


def encode_value(value: Value, field: str = "value") -> WireValue:
    """Return one value in DynamoDB JSON; `field` names it in errors."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | Decimal():
            return {"N": _number_text(Decimal(value), field)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [encode_value(each, field) for each in value]}
        case dict():
            return {"M": {name: encode_value(each, field) for name, each in value.items()}}
        case set() | frozenset():
            return _encode_set(value, field)
    raise InvalidInput(
        f"{field}: a {type(value).__name__} cannot be stored",
        field=field,
        mend="use text, Decimal, bool, bytes, list, map or set",
    )


def decode_value(wire: WireValue) -> Value:
    """Return the Python form of one value in DynamoDB JSON."""
    ((kind, body),) = wire.items()
    match kind:
        case "S" | "BOOL":
            return body
        case "N":
            return Decimal(body)
        case "NULL":
            return None
        case "M":
            return {name: decode_value(each) for name, each in body.items()}
        case "L":
            return [decode_value(each) for each in body]
        case "B":
            return _binary(body)
        case "SS":
            return frozenset(body)
        case "NS":
            return frozenset(Decimal(each) for each in body)
        case "BS":
            return frozenset(_binary(each) for each in body)
    raise InvalidInput(f"{kind!r} is not a DynamoDB type")


def json_ready(item: Mapping[str, Value]) -> dict[str, Any]:
    """Return the item in DynamoDB JSON as AWS writes it to files: binary is base64 text."""
    return {name: _with_base64(value) for name, value in encode(item).items()}


def same(left: Value, right: Value) -> bool:
    """Tell whether two values are equal for DynamoDB: true is not 1, and 1.0 is 1."""
    return left is right or canonical(left) == canonical(right)


def nesting(value: Value) -> int:
    """Return how many lists and maps stand around a value's innermost one."""
    if isinstance(value, dict):
        return 1 + max(map(nesting, value.values()), default=0)
    return 1 + max(map(nesting, value), default=0) if isinstance(value, list | tuple) else 0


def size(item: Mapping[str, Value]) -> int:
    """Return the item's size in bytes as DynamoDB bills it."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def canonical(value: Value) -> Value:
    """Return the value as a JSON-ready structure that is equal exactly when values are equal."""
    match value:
        case bool() | None | str():
            return value
        case int() | Decimal():
            return {"N": _number_text(Decimal(value), "value")}
        case bytes():
            return {"B": base64.b64encode(value).decode()}
        case dict():
            return {"M": {name: canonical(each) for name, each in sorted(value.items())}}
        case list() | tuple():
            return [canonical(each) for each in value]
        case set() | frozenset():
            return {"set": sorted((canonical(each) for each in value), key=str)}
    raise InvalidInput(f"a {type(value).__name__} cannot be stored")


def _number_text(number: Decimal, field: str) -> str:
    """Return the shortest plain text of a number, as DynamoDB normalises it."""
    if not number.is_finite():
        raise InvalidInput(f"{field}: no number that can be stored", field=field)
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):  # only for infinities and NaN, refused above
        raise InvalidInput(f"{field}: not a number", field=field)
    text = "".join(map(str, digits)).lstrip("0")
    trimmed = text.rstrip("0")
    exponent += len(text) - len(trimmed)
    if not trimmed:
        return "0"
    if len(trimmed) > NUMBER_DIGITS:
        raise InvalidInput(
            f"{field}: {len(trimmed)} digits; a number holds at most {NUMBER_DIGITS}",
            field=field,
            mend="store it as text",
        )
    if not SMALLEST_EXPONENT <= exponent + len(trimmed) - 1 <= LARGEST_EXPONENT:
        raise InvalidInput(
            f"{field}: a number outside of those that can be stored",
            field=field,
            mend=f"between 1E{SMALLEST_EXPONENT} and 9.9E{LARGEST_EXPONENT}, or store it as text",
        )
    prefix = "-" if sign else ""
    if -NUMBER_DIGITS <= exponent <= 0:
        return prefix + _plain(trimmed, exponent)
    if exponent > 0 and len(trimmed) + exponent <= NUMBER_DIGITS:
        return prefix + trimmed + "0" * exponent
    return f"{prefix}{trimmed}E{exponent}"


def _plain(digits: str, exponent: int) -> str:
    """Return digits with a decimal point placed for a non-positive exponent."""
    if exponent == 0:
        return digits
    padded = digits.rjust(1 - exponent, "0")
    return f"{padded[:exponent]}.{padded[exponent:]}"


def _encode_set(values: "set[Value] | frozenset[Value]", field: str) -> WireValue:
    """Return a set in DynamoDB JSON; its members are of one type and at least one."""
    ordered = sorted(values, key=lambda each: (str(type(each)), each))
    if ordered and all(isinstance(each, str) for each in ordered):
        return {"SS": ordered}
    if ordered and all(
        isinstance(each, int | Decimal) and not isinstance(each, bool) for each in ordered
    ):
        return {"NS": [_number_text(Decimal(each), field) for each in ordered]}
    if ordered and all(isinstance(each, bytes) for each in ordered):
        return {"BS": ordered}
    raise InvalidInput(
        f"{field}: a set holds one or more values of one type (text, number or binary)",
        field=field,
    )


def _with_base64(wire: WireValue) -> WireValue:
    ((kind, body),) = wire.items()
    match kind:
        case "B":
            return {"B": base64.b64encode(body).decode()}
        case "BS":
            return {"BS": [base64.b64encode(each).decode() for each in body]}
        case "L":
            return {"L": [_with_base64(each) for each in body]}
        case "M":
            return {"M": {name: _with_base64(each) for name, each in body.items()}}
    return wire


def _binary(body: Any) -> bytes:
    """Return binary content given as bytes or, as in DynamoDB's own JSON, as base64 text."""
    if isinstance(body, str):
        return base64.b64decode(body, validate=True)
    return bytes(body)


def _value_size(value: Value) -> int:
    match value:
        case str():
            return len(value.encode())
        case None | bool():
            return 1
        case bytes():
            return len(value)
        case int() | Decimal():
            digits = len("".join(map(str, Decimal(value).as_tuple().digits)).strip("0"))
            return (digits + 1) // 2 + 1 + (1 if value < 0 else 0)
        case dict():
            return 3 + sum(1 + len(n.encode()) + _value_size(v) for n, v in value.items())
        case list() | tuple():
            return 3 + sum(1 + _value_size(each) for each in value)
        case set() | frozenset():
            return sum(_value_size(each) for each in value)
    raise InvalidInput(f"a {type(value).__name__} cannot be stored")
