"""The ledger's and the control table's records as items, and back; pure.

A record's fields are its attributes. What is absent (None) has no attribute, and an attribute
that an older version did not write has its field's default. Times are floats: they are stored
as numbers with all their digits, so that they come back exactly.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from shared.model.errors import InvalidInput
from shared.model.item import Item, Value
from shared.model.runs import Run

T = TypeVar("T")

AS_TEXT = {(Run, "params"), (Run, "facts")}
"""Free-form fields, kept as JSON text: they may hold floats, which an item cannot."""


def to_item(record: Any) -> Item:
    """Return a record's fields as attributes; absent ones are left out."""
    item: Item = {}
    kind = record.__class__
    for each in fields(record):
        value = getattr(record, each.name)
        if (kind, each.name) in AS_TEXT:
            item[each.name] = json.dumps(value, allow_nan=False, sort_keys=True)
        elif value is not None or _hints(kind)[each.name] is Any:
            item[each.name] = _stored(value)
    return item


def from_item(kind: type[T], item: Mapping[str, Value]) -> T:
    """Return the record of a kind that an item holds; other attributes are ignored."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind} is not a record")
    hints = _hints(kind)
    values: dict[str, Any] = {}
    for each in fields(kind):
        if each.name not in item:
            if _required(each) and NoneType not in get_args(hints[each.name]):
                raise InvalidInput(f"a stored {kind.__name__} has no {each.name}", field=each.name)
            continue
        stored = item[each.name]
        as_text = (kind, each.name) in AS_TEXT
        values[each.name] = json.loads(stored) if as_text else _loaded(hints[each.name], stored)
    return kind(**values)


def _stored(value: Any) -> Value:
    """Return a field's value in a form that an item can hold."""
    if is_dataclass(value):
        return to_item(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, tuple):
        return [_stored(each) for each in value]
    return value


def _loaded(hint: Any, value: Value) -> Any:
    """Return a stored value as its field's type asks."""
    if get_args(hint) and NoneType in get_args(hint):
        (hint,) = (each for each in get_args(hint) if each is not NoneType)
    if is_dataclass(hint) and isinstance(hint, type):
        return from_item(hint, value)
    if isinstance(hint, type) and issubclass(hint, StrEnum | float | int | str):
        return hint(value)
    if get_origin(hint) is tuple:
        return tuple(_loaded(get_args(hint)[0], each) for each in value)
    if get_origin(hint) is dict and get_args(hint) == (str, int):
        return {name: int(each) for name, each in value.items()}
    return value  # native: an item, or any value of one


def _required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
