"""Writes and their conditions as data: adapters render them, nothing else builds expressions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from shared.model.item import Item, Value, same
from shared.model.key import Key


class Side(StrEnum):
    """Which of the two tables: v1 is the source, v2 the target."""

    SOURCE = "source"
    TARGET = "target"

    @property
    def other(self) -> "Side":
        """Return the opposite table."""
        return Side.TARGET if self is Side.SOURCE else Side.SOURCE


@dataclass(frozen=True, slots=True)
class Exists:
    """The attribute is present."""

    name: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The attribute is absent."""

    name: str


@dataclass(frozen=True, slots=True)
class Equals:
    """The attribute has exactly this value."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class AtMost:
    """The attribute is present and not above this number."""

    name: str
    value: int


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: "tuple[Condition, ...]"


Condition = Exists | Missing | Equals | AtMost | Every | Either


@dataclass(frozen=True, slots=True)
class Put:
    """Store the whole item, replacing what is there."""

    side: Side
    item: Item
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change named attributes of one item and leave the others alone.

    `assign` is set, `default` is set only where absent, `remove` is removed, and `increment`
    names a number that grows by one from 0.
    """

    side: Side
    key: Key
    assign: Mapping[str, Value] = field(default_factory=dict)
    default: Mapping[str, Value] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    increment: str | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove one item; removing an absent one is no error."""

    side: Side
    key: Key
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Write nothing, but refuse the transaction unless the condition holds."""

    side: Side
    key: Key
    condition: Condition


Action = Put | Update | Delete | Check


def holds(condition: Condition | None, item: Mapping[str, Value] | None) -> bool:
    """Tell whether a condition holds for an item (None: absent), as DynamoDB would."""
    stored = item or {}
    match condition:
        case None:
            return True
        case Exists(name):
            return name in stored
        case Missing(name):
            return name not in stored
        case Equals(name, value):
            return name in stored and same(stored[name], value)
        case AtMost(name, value):
            found = stored.get(name)
            return isinstance(found, Decimal) and found <= value
        case Every(parts):
            return all(holds(part, item) for part in parts)
        case Either(parts):
            return any(holds(part, item) for part in parts)
