"""Keys of items, and the one text form in which people and reports name them."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from shared.model.errors import InvalidInput
from shared.model.item import Item, Value, encode_value

KeyType = Literal["S", "N", "B"]
KeyValue = str | Decimal | bytes
SEPARATOR = "|"
PARTITION_BYTES, SORT_BYTES = 2048, 1024
_KEY = re.compile(r"(?:\\.|[^\\])*", re.DOTALL)
_PART = re.compile(r"(?:\\.|[^\\|])+", re.DOTALL)

_PYTHON_TYPES: dict[KeyType, type] = {"S": str, "N": Decimal, "B": bytes}


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key of one item: its partition value and, where the table has one, its sort."""

    partition: KeyValue
    sort: KeyValue | None = None


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The names and types of a table's (or an index's) key attributes."""

    partition: str
    sort: str | None = None
    partition_type: KeyType = "S"
    sort_type: KeyType = "S"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the key attribute names, partition first."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)

    @property
    def types(self) -> dict[str, KeyType]:
        """Return each key attribute's DynamoDB type by its name."""
        kinds: dict[str, KeyType] = {self.partition: self.partition_type}
        if self.sort is not None:
            kinds[self.sort] = self.sort_type
        return kinds

    def key_of(self, item: Mapping[str, Value]) -> Key:
        """Return the item's key; raise InvalidInput naming a missing or ill-typed attribute."""
        for name in self.names:
            self.check(name, item.get(name))
        return Key(item[self.partition], item[self.sort] if self.sort else None)

    def check(self, name: str, value: Value) -> None:
        """Raise InvalidInput unless the value can stand in this key attribute."""
        kind = self.types[name]
        if not isinstance(value, _PYTHON_TYPES[kind]) or value in ("", b""):
            raise InvalidInput(
                f"key attribute {name} must be a non-empty value of type {kind}", field=name
            )
        room, bytes_ = self.room(name), _bytes_of(value)
        if bytes_ > room:
            raise InvalidInput(
                f"key attribute {name} has {bytes_} bytes; it holds at most {room}", field=name
            )

    def room(self, name: str) -> int:
        """Return how many bytes a key attribute may have ("Quotas in Amazon DynamoDB")."""
        return PARTITION_BYTES if name == self.partition else SORT_BYTES

    def attributes(self, key: Key) -> Item:
        """Return the key as attributes, ready to be part of an item."""
        if self.sort is None:
            return {self.partition: key.partition}
        return {self.partition: key.partition, self.sort: key.sort}

    def text(self, key: Key) -> str:
        """Return the key as people write it: `partition` or `partition|sort`.

        A `|` or a backslash inside a part has a backslash before it, so no two keys read alike.
        """
        parts = [key.partition] if self.sort is None else [key.partition, key.sort]
        return SEPARATOR.join(_escaped(_part_text(part)) for part in parts)

    def parse(self, text: str) -> Key:
        """Return the key named by its text form; the inverse of `text`."""
        whole = _KEY.fullmatch(text) is not None
        parts = [_unescaped(part) for part in _PART.findall(text)] if whole else []
        if len(parts) != len(self.names):
            raise InvalidInput(
                f"what was given is not a key of {' and '.join(self.names)}",
                field="keys",
                key=text,
                mend=f"write {SEPARATOR.join(self.names)}",
            )
        values = [
            _part_value(part, kind, name)
            for part, (name, kind) in zip(parts, self.types.items(), strict=True)
        ]
        return Key(*values)


def _bytes_of(value: Value) -> int:
    """Return how much room a value takes in a key; a number always fits."""
    text = value.encode() if isinstance(value, str) else value
    return len(text) if isinstance(text, bytes) else 0


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace(SEPARATOR, f"\\{SEPARATOR}")


def _unescaped(part: str) -> str:
    return re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL)


def _part_text(part: Value) -> str:
    if isinstance(part, bytes):
        return base64.b64encode(part).decode()
    return str(encode_value(part)["N"]) if isinstance(part, Decimal) else str(part)


def _part_value(text: str, kind: KeyType, name: str) -> KeyValue:
    try:
        match kind:
            case "S":
                value: KeyValue = text
            case "N":
                value = Decimal(encode_value(Decimal(text), name)["N"])
            case "B":
                value = base64.b64decode(text, validate=True)
    except (InvalidOperation, ValueError) as error:
        message = f"key attribute {name} is not a value of type {kind}"
        raise InvalidInput(message, field=name, key=text) from error
    if value in ("", b""):
        raise InvalidInput(f"key attribute {name} is empty", field=name)
    return value
