"""The book of acknowledged writes: what a client was told, key by key."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.model.item import same


@dataclass(slots=True)
class Entry:
    """What the last acknowledged answer said of one record; `body` is None once it is deleted."""

    body: dict[str, Any] | None
    version: int
    earlier: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one reading of all records compares with the book; each list names ids of records."""

    read: int
    lost: tuple[str, ...]
    stale: tuple[str, ...]
    zombies: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Tell whether nothing was lost, stale or back from the dead."""
        return not (self.lost or self.stale or self.zombies)


class Book:
    """Acknowledged writes of all writers; each key has one writer, so its order is known."""

    def __init__(self, target_only: frozenset[str]) -> None:
        self._target_only = target_only
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self.acknowledged = 0
        self.unclear = 0

    def seed(self, record_id: str, body: dict[str, Any]) -> None:
        """Note a record that was in v1 before the wrapper."""
        with self._lock:
            self._entries[record_id] = Entry(body, 0)

    def acknowledge(
        self, record_id: str, body: dict[str, Any] | None, version: int, asked: Iterable[str] = ()
    ) -> None:
        """Note an answer: the record as it is now, or None after a delete.

        `asked` are the fields of the request. While reads are on v1 an answer cannot show what
        only v2 holds, so such a field stays in the book as it was last acknowledged.
        """
        with self._lock:
            old = self._entries.get(record_id)
            earlier = [*old.earlier, old.body] if old and old.body is not None else []
            body = self._with_target_only(old, body, frozenset(asked))
            self._entries[record_id] = Entry(body, version, earlier[-50:])
            self.acknowledged += 1

    def settle(self, record_id: str, body: dict[str, Any] | None, version: int) -> None:
        """Note what a record was found to be after an answer was lost."""
        with self._lock:
            old = self._entries.get(record_id)
            body = self._with_target_only(old, body, frozenset())
            self._entries[record_id] = Entry(body, version, old.earlier if old else [])
            self.unclear += 1

    def _with_target_only(
        self, old: Entry | None, body: dict[str, Any] | None, asked: frozenset[str]
    ) -> dict[str, Any] | None:
        if body is None or old is None or old.body is None:
            return body
        kept = self._target_only & set(old.body) - asked
        return {**body, **{name: old.body[name] for name in kept}}

    def forget(self, record_id: str) -> None:
        """Leave out a record that a person decided about."""
        with self._lock:
            self._entries.pop(record_id, None)

    def current(self, record_id: str) -> Entry | None:
        """Return what is known of one record."""
        with self._lock:
            return self._entries.get(record_id)

    def ids(self) -> list[str]:
        """Return all ids, deleted ones too."""
        with self._lock:
            return sorted(self._entries)

    def untouched(self, limit: int) -> list[str]:
        """Return ids of records that nobody has written since they were seeded."""
        with self._lock:
            every = sorted(each for each, entry in self._entries.items() if entry.version == 0)
        return every[:limit]

    def changed(self) -> list[str]:
        """Return ids of records that somebody has written or deleted since they were seeded."""
        with self._lock:
            every = self._entries.items()
            return sorted(each for each, entry in every if entry.version or entry.body is None)

    def judge(
        self, found: Mapping[str, Mapping[str, Any] | None], ignored: frozenset[str]
    ) -> Verdict:
        """Compare one complete reading with the book, without the ignored fields."""
        lost: list[str] = []
        stale: list[str] = []
        zombies: list[str] = []
        for record_id in self.ids():
            entry = self.current(record_id)
            body = found.get(record_id)
            if entry is None:
                continue
            if entry.body is None:
                if body is not None:
                    zombies.append(record_id)
            elif body is None:
                lost.append(record_id)
            elif not _alike(entry.body, body, ignored):
                known = any(_alike(each, body, ignored) for each in entry.earlier)
                (stale if known else lost).append(record_id)
        return Verdict(len(found), tuple(lost), tuple(stale), tuple(zombies))


def _alike(told: Mapping[str, Any], found: Mapping[str, Any], ignored: frozenset[str]) -> bool:
    left = {name: value for name, value in told.items() if name not in ignored}
    right = {name: value for name, value in found.items() if name not in ignored}
    return same(left, right)
