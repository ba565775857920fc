"""What DynamoDB never takes, refused in RAM as well.

Limits are those of "Quotas in Amazon DynamoDB".
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from shared.model.declaration import TableDeclaration
from shared.model.errors import InvalidInput, Refused
from shared.model.item import (
    ITEM_LIMIT_BYTES,
    NESTING_LIMIT,
    Item,
    Value,
    decode_value,
    nesting,
    size,
)
from shared.model.item import encode_value as encoded
from shared.model.key import Key, KeySchema, KeyType
from shared.model.writes import Action, Put, Side

ACTION_LIMIT = 100
TOKEN_LIMIT = 36
TRANSACTION_LIMIT_BYTES = 4 * 1024 * 1024


def copied(item: Item) -> Item:
    """Return a deep copy in normal form; raise Refused for what cannot be stored."""
    try:
        return {name: _normal(value, name) for name, value in item.items()}
    except InvalidInput as error:
        raise Refused(error.message, field=error.field, mend=error.mend) from error


def _normal(value: Value, name: str) -> Value:
    """Return a value as it comes back from a store; most cannot change and are their own form."""
    if value is None or type(value) in (str, bool):
        return value
    if type(value) is Decimal and value.is_finite():
        return _normal_number(value)
    if nesting(value) > NESTING_LIMIT:
        raise Refused(f"{name} is nested deeper than {NESTING_LIMIT} levels", field=name)
    return decode_value(encoded(value, name))


@lru_cache(maxsize=1 << 12)
def _normal_number(value: Decimal) -> Decimal:
    return Decimal(encoded(value)["N"])


def storable(declaration: TableDeclaration, item: Item) -> Item:
    """Return a copy of an item that its table can take; raise Refused naming what is wrong."""
    normal = copied(item)
    if "" in normal:
        raise Refused("an attribute has an empty name")
    for name in declaration.keys.names:
        if name not in normal:
            raise Refused(f"key attribute {name} is missing", field=name)
    for keys in (declaration.keys, *(index.keys for index in declaration.indexes)):
        for name in keys.names:
            if name in normal:
                refuse_key(keys, name, normal[name])
    if size(normal) > ITEM_LIMIT_BYTES:
        raise Refused(f"item has {size(normal)} bytes; at most {ITEM_LIMIT_BYTES} can be stored")
    return normal


def refuse_key(keys: KeySchema, name: str, value: Value) -> None:
    """Refuse what cannot stand in a key attribute of a table or of an index."""
    try:
        keys.check(name, value)
    except InvalidInput as error:
        raise Refused(error.message, field=name) from error


def key_value(value: Value, kind: KeyType, name: str) -> Any:
    """Return a key value in the form by which it is ordered; refuse an empty or ill-typed one."""
    allowed = {"S": (str,), "N": (Decimal, int), "B": (bytes,)}[kind]
    if type(value) not in allowed or value in ("", b""):  # a bool is an int only to Python
        raise Refused(f"key attribute {name} must be a non-empty value of type {kind}", field=name)
    # Text is ordered by its UTF-8 bytes, and numbers by value, whatever their spelling.
    return value.encode() if isinstance(value, str) else decode_value(encoded(value, name))


def refuse_transaction(actions: Sequence[Action], keys: Sequence[Key], token: str) -> None:
    """Refuse a transaction that is empty, too large, or that touches one item twice."""
    if not 1 <= len(actions) <= ACTION_LIMIT:
        raise Refused(f"{len(actions)} actions; a transaction has 1 to {ACTION_LIMIT}")
    if not 1 <= len(token) <= TOKEN_LIMIT:
        raise Refused(f"a token of {len(token)} characters; it has 1 to {TOKEN_LIMIT}")
    touched: set[tuple[Side, Key]] = set()
    for action, key in zip(actions, keys, strict=True):
        if (action.side, key) in touched:
            raise Refused("a transaction names one item more than once")
        touched.add((action.side, key))
    stored = sum(size(action.item) for action in actions if isinstance(action, Put))
    if stored > TRANSACTION_LIMIT_BYTES:
        raise Refused(f"a transaction of {stored} bytes; at most {TRANSACTION_LIMIT_BYTES}")
