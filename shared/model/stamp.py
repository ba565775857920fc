"""The engine's own attributes on an item, and the two conditions everything rests on.

`version` is an integer in lock step in both tables, `birth` an id per incarnation, `write`
the id of the last write. Items older than the wrapper ("legacy") have none of them; once
the wrapper updates one it has a version and still no birth. See docs/protocol.md, "Conditions".
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared.model.errors import InvalidInput
from shared.model.item import Item, Value
from shared.model.writes import AtMost, Condition, Either, Equals, Every, Exists, Missing

PREFIX = "_cutover"
"""How the names begin that belong to the engine."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an item carries of the engine; version 0 and no birth is an untouched legacy item."""

    version: int = 0
    birth: str | None = None
    write: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a caller has seen of a record: its version, and in which of its lives.

    A record that is deleted and created anew counts its versions from 1 again; `life` tells
    the one from the other (None: any will do).
    """

    version: int
    life: str | None = None

    def holds(self, stamp: Stamp) -> bool:
        """Tell whether a record with this stamp is what was seen."""
        return self.version == stamp.version and self.life in (None, life(stamp.birth))


def life(birth: str | None) -> str:
    """Return a birth in short, for callers; `0` stands for a record older than the wrapper."""
    return "0" if birth is None else hashlib.sha256(birth.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class StampNames:
    """The attribute names of the stamp; configurable, since a table may use them already."""

    version: str = PREFIX + "_version"
    birth: str = PREFIX + "_birth"
    write: str = PREFIX + "_write"

    @property
    def all(self) -> tuple[str, str, str]:
        """Return the three names."""
        return (self.version, self.birth, self.write)

    @property
    def reserved_bytes(self) -> int:
        """Return the bytes that a full stamp adds to an item: two UUIDs and a number."""
        return sum(map(len, self.all)) + 36 + 36 + 21

    def read(self, item: Mapping[str, Value]) -> Stamp:
        """Return the item's stamp; raise InvalidInput when the names hold something else."""
        version, birth, write = (item.get(name) for name in self.all)
        if version is not None and not _is_version(version):
            raise InvalidInput(f"{self.version} holds no version of ours", field=self.version)
        if birth is not None and (not isinstance(birth, str) or version is None):
            raise InvalidInput(f"{self.birth} is not a birth of ours", field=self.birth)
        if write is not None and not isinstance(write, str):
            raise InvalidInput(f"{self.write} is not a write id", field=self.write)
        return Stamp(int(version or 0), birth, write)

    def write_out(self, stamp: Stamp) -> Item:
        """Return the stamp as attributes; a legacy item's absent parts stay absent."""
        values: Item = {}
        if stamp.version:
            values[self.version] = Decimal(stamp.version)
        if stamp.birth is not None:
            values[self.birth] = stamp.birth
        if stamp.write is not None:
            values[self.write] = stamp.write
        return values

    def strip(self, item: Mapping[str, Value]) -> Item:
        """Return the item's own attributes, without the stamp."""
        own = set(self.all)
        return {name: value for name, value in item.items() if name not in own}

    def cas(self, seen: Mapping[str, Value] | None, partition: str) -> Condition:
        """Return "the item is exactly as read"; `seen` is None when it was read as absent."""
        if seen is None:
            return Missing(partition)
        stamp = self.read(seen)
        if stamp.birth is not None:
            return Every(
                (
                    Equals(self.version, Decimal(stamp.version)),
                    Equals(self.birth, stamp.birth),
                )
            )
        if stamp.version:
            return Every((Equals(self.version, Decimal(stamp.version)), Missing(self.birth)))
        return Every((Exists(partition), Missing(self.version), Missing(self.birth)))

    def replaceable(self, stamp: Stamp, partition: str) -> Condition:
        """Return "the replica may take this": absent, or the same incarnation and not newer.

        `stamp` is the primary's stamp as it was seen before the write.
        """
        if stamp.birth is not None:
            known = Every((Equals(self.birth, stamp.birth), AtMost(self.version, stamp.version)))
        else:
            not_newer = Either((Missing(self.version), AtMost(self.version, stamp.version)))
            known = Every((Missing(self.birth), not_newer))
        return Either((Missing(partition), known))


def _is_version(value: Value) -> bool:
    return isinstance(value, Decimal) and value > 0 and value == value.to_integral_value()
