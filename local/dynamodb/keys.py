"""Keys: which attributes make one, which values may stand in one, and where it sorts.

The place of an item is a tuple that begins with a hash of its partition key, so that a scan walks
a table in a stable order unrelated to the keys, and segments of a parallel scan are of like size.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from local.dynamodb.ordered import Key
from local.dynamodb.refusals import Invalid
from local.dynamodb.values import Item, Value, check, text_size

_MAX_HASH = 2048
_MAX_RANGE = 1024
_INVALID = "One or more parameter values were invalid: "
_NOT_VALID = "One or more parameter values are not valid. "
WRONG_KEY = "The provided key element does not match the schema"
#: Hash values lie below this; segment s of n begins at s/n of it.
HASH_SPACE = 1 << 64


@dataclass(frozen=True, slots=True)
class Attribute:
    """A key attribute: its name, its type and its role."""

    name: str
    kind: str
    role: str


@dataclass(frozen=True, slots=True)
class Schema:
    """The key of a table or an index: a hash attribute and perhaps a range attribute."""

    hash: Attribute
    range: Attribute | None

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """List the key's attributes, hash first."""
        return (self.hash,) if self.range is None else (self.hash, self.range)

    @property
    def names(self) -> tuple[str, ...]:
        """List the names of the key's attributes, hash first."""
        return tuple(attribute.name for attribute in self.attributes)

    @staticmethod
    def read(schema: Iterable[Mapping[str, str]], types: Iterable[Mapping[str, str]]) -> Schema:
        """Make it from a KeySchema and the AttributeDefinitions."""
        kinds = {one["AttributeName"]: one["AttributeType"] for one in types}
        by_role = {one["KeyType"]: one["AttributeName"] for one in schema}
        attributes = {role: Attribute(name, kinds[name], role) for role, name in by_role.items()}
        return Schema(attributes["HASH"], attributes.get("RANGE"))

    def place(self, item: Item) -> Key:
        """Give the place of an item whose key attributes were checked."""
        head = sortable(item[self.hash.name])
        if self.range is None:
            return spread(head), head
        return spread(head), head, sortable(item[self.range.name])

    def key_of(self, item: Item) -> Item:
        """Give the key attributes of an item alone."""
        return {name: item[name] for name in self.names}

    def read_key(self, key: object) -> Item:
        """Check the `Key` of a request: exactly the key's attributes, of their types, in size."""
        if not isinstance(key, dict) or key.keys() != set(self.names):
            raise Invalid(WRONG_KEY)
        checked = {name: check(value)[0] for name, value in key.items()}
        for attribute in self.attributes:
            value = checked[attribute.name]
            if attribute.kind not in value:
                raise Invalid(WRONG_KEY)
            _check_content(attribute, value)
        return checked

    def check_item(self, item: Item) -> None:
        """Check the key attributes of a whole item."""
        for attribute in self.attributes:
            name = attribute.name
            if name not in item:
                raise Invalid(f"{_INVALID}Missing the key {name} in the item")
            value = item[name]
            if attribute.kind not in value:
                raise Invalid(
                    f"{_INVALID}Type mismatch for key {name} expected: {attribute.kind} "
                    f"actual: {next(iter(value))}"
                )
            _check_content(attribute, value)

    def check_index(self, item: Item, index: str) -> None:
        """Check an item's attributes that are the key of an index, where it has them."""
        for attribute in self.attributes:
            value = item.get(attribute.name)
            if value is None:
                continue
            if attribute.kind not in value:
                raise Invalid(
                    f"{_INVALID}Type mismatch for Index Key {attribute.name} Expected: "
                    f"{attribute.kind} Actual: {next(iter(value))} IndexName: {index}"
                )
            if value[attribute.kind] == "":
                raise Invalid(
                    f"{_NOT_VALID}A value specified for a secondary index key is not supported. "
                    "The AttributeValue for a key attribute cannot contain an empty "
                    f"{_noun(attribute)} value. IndexName: {index}, IndexKey: {attribute.name}"
                )
            _check_size(attribute, value)

    def holds(self, item: Item) -> bool:
        """Tell whether the item has every attribute of this key."""
        return all(name in item for name in self.names)


def sortable(value: Value) -> Any:
    """Give a key value as something that sorts as DynamoDB sorts it."""
    ((kind, content),) = value.items()
    if kind == "N":
        return Decimal(content)
    return base64.b64decode(content) if kind == "B" else content


def spread(head: Any) -> int:
    """Hash a partition key evenly over HASH_SPACE, the same in every process."""
    raw = head if isinstance(head, bytes) else str(head).encode()
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest())


def _check_content(attribute: Attribute, value: Value) -> None:
    if value[attribute.kind] == "":
        raise Invalid(
            f"{_NOT_VALID}The AttributeValue for a key attribute cannot contain an empty "
            f"{_noun(attribute)} value. Key: {attribute.name}"
        )
    _check_size(attribute, value)


def _check_size(attribute: Attribute, value: Value) -> None:
    if attribute.kind == "N":
        return
    limit = _MAX_HASH if attribute.role == "HASH" else _MAX_RANGE
    content = value[attribute.kind]
    size = text_size(content) if attribute.kind == "S" else len(base64.b64decode(content))
    if size > limit:
        word = "hashkey" if attribute.role == "HASH" else "rangekey"
        raise Invalid(
            f"{_INVALID}Size of {word} has exceeded the maximum size limit of{limit} bytes"
        )


def _noun(attribute: Attribute) -> str:
    return "string" if attribute.kind == "S" else "binary"
