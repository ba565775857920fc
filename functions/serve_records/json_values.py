"""Item values as JSON and back, without losing a digit or a type.

Numbers are JSON numbers of up to 38 digits. What JSON has no form for is an object with one
special member: `{"$binary": "<base64>"}` is bytes, `{"$set": [...]}` a set of texts, of
numbers or of binaries, and `{"$map": {...}}` a map that would itself read as one of these.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from shared.model.errors import InvalidInput
from shared.model.item import NESTING_LIMIT, Item, Value, encode_value

BINARY, SET, MAP = "$binary", "$set", "$map"
LARGEST_EXPONENT, SMALLEST_EXPONENT = 125, -130
LONGEST_NAME_BYTES = 65_535
"""What an attribute may be called at most ("Naming rules" of the developer guide: 64 KB)."""


def read_json(text: str) -> Item:
    """Return the attributes in a request's body; raise InvalidInput naming the wrong one."""
    try:
        document = json.loads(
            text,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_distinct,
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise InvalidInput("the body is not valid JSON", field="body") from error
    if not isinstance(document, dict):
        raise InvalidInput("the body must be a JSON object", field="body")
    return {_name(name): _attribute(value, name) for name, value in document.items()}


def write_json(value: Value) -> str:
    """Return a value as JSON text."""
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int() | Decimal():
            return str(encode_value(value)["N"])
        case bytes():
            return _special(BINARY, json.dumps(base64.b64encode(value).decode()))
        case set() | frozenset():
            return _special(SET, _list(sorted(map(write_json, value))))
        case list() | tuple():
            return _list(map(write_json, value))
        case dict():
            text = _object(value)
            return _special(MAP, text) if _is_special(value) else text
    raise TypeError(f"a {type(value).__name__} has no JSON form")


def _special(name: str, text: str) -> str:
    return f'{{"{name}":{text}}}'


def _list(texts: Iterable[str]) -> str:
    return "[" + ",".join(texts) + "]"


def _object(value: Mapping[str, Value]) -> str:
    members = (f"{write_json(name)}:{write_json(each)}" for name, each in value.items())
    return "{" + ",".join(members) + "}"


def _is_special(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in (BINARY, SET, MAP)


def _attribute(document: Any, field: str) -> Value:
    """Return one attribute's value; raise InvalidInput for what DynamoDB cannot hold."""
    value = _value(document, field, NESTING_LIMIT)
    encode_value(value, field)
    return value


def _value(document: Any, field: str, depth: int) -> Value:
    if depth <= 0 and _nests(document):
        raise InvalidInput(f"{field} is nested more than {NESTING_LIMIT} deep", field=field)
    match document:
        case str():
            return _text(document, field)
        case Decimal():
            return _number(document, field)
        case list():
            return [_value(each, field, depth - 1) for each in document]
        case dict() if _is_special(document):
            return _special_value(*next(iter(document.items())), field, depth)
        case dict():
            return _map(document, field, depth)
    return document


def _nests(document: Any) -> bool:
    """Tell whether a value is stored as a list or a map, and so is a level of its own."""
    if isinstance(document, dict) and _is_special(document):
        return MAP in document
    return isinstance(document, list | dict)


def _map(document: Mapping[str, Any], field: str, depth: int) -> Item:
    return {_named(name, field): _value(each, field, depth - 1) for name, each in document.items()}


def _special_value(kind: str, content: Any, field: str, depth: int) -> Value:
    if kind == BINARY and isinstance(content, str):
        try:
            return base64.b64decode(content, validate=True)
        except ValueError as error:
            raise InvalidInput(f"{field}: {BINARY} is not base64", field=field) from error
    if kind == SET and isinstance(content, list):
        members = [_value(each, field, depth - 1) for each in content]
        if all(isinstance(each, str | Decimal | bytes) for each in members):
            return frozenset(members)
    if kind == MAP and isinstance(content, dict):
        return _map(content, field, depth)
    raise InvalidInput(f"{field}: {kind} holds something else than it may", field=field)


def _number(number: Decimal, field: str) -> Decimal:
    if number and not SMALLEST_EXPONENT <= number.adjusted() <= LARGEST_EXPONENT:
        raise InvalidInput(f"{field}: a number is between 1E-130 and 1E126", field=field)
    return number


def _text(text: str, field: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{field} holds half a surrogate pair", field=field) from error
    return text


def _name(name: str) -> str:
    if not name:
        raise InvalidInput("an attribute's name must not be empty", field="body")
    return _named(name, "body")


def _named(name: str, field: str) -> str:
    if len(_text(name, field).encode()) > LONGEST_NAME_BYTES:
        raise InvalidInput(
            f"{field}: a name is longer than {LONGEST_NAME_BYTES} bytes",
            field=field,
            mend="store it as a value",
        )
    return name


def _distinct(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's members; a name given twice is refused, since one would be lost."""
    found = dict(members)
    if len(found) < len(members):
        raise InvalidInput("the body names a member twice", field="body")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} is not a JSON number", field="body")
