"""A sorted map of many small runs, so that inserting into a large one stays cheap."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

Key = tuple[Any, ...]
V = TypeVar("V")

_RUN = 1024


class Top:
    """Sorts after everything; it closes a range whose last component is open."""

    def __lt__(self, _other: object) -> bool:
        return False

    def __gt__(self, _other: object) -> bool:
        return True


TOP = Top()


class Ordered(Generic[V]):
    """A map that is walked in the order of its keys; the keys are tuples of like types."""

    def __init__(self) -> None:
        self._values: dict[Key, V] = {}
        self._runs: list[list[Key]] = []
        self._lasts: list[Key] = []

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Key) -> V | None:
        """Give the value at a key, or None."""
        return self._values.get(key)

    def set(self, key: Key, value: V) -> None:
        """Put a value at a key, new or not."""
        if key not in self._values:
            self._insert(key)
        self._values[key] = value

    def discard(self, key: Key) -> None:
        """Remove a key that is there; do nothing when it is not."""
        if key not in self._values:
            return
        del self._values[key]
        at = bisect_left(self._lasts, key)
        run = self._runs[at]
        del run[bisect_left(run, key)]
        if run:
            self._lasts[at] = run[-1]
        else:
            del self._runs[at], self._lasts[at]

    def values(self) -> Iterable[V]:
        """Give the values in no order."""
        return self._values.values()

    def walk(self, low: Key, high: Key, *, backwards: bool = False) -> Iterator[tuple[Key, V]]:
        """Give keys and values with low <= key < high, in order or against it."""
        keys = self._backwards(low, high) if backwards else self._forwards(low, high)
        for key in keys:
            yield key, self._values[key]

    def _insert(self, key: Key) -> None:
        if not self._runs:
            self._runs.append([key])
            self._lasts.append(key)
            return
        at = min(bisect_left(self._lasts, key), len(self._runs) - 1)
        run = self._runs[at]
        insort(run, key)
        if len(run) > 2 * _RUN:
            self._runs.insert(at + 1, run[_RUN:])
            self._lasts.insert(at + 1, run[-1])
            del run[_RUN:]
        self._lasts[at] = run[-1]

    def _forwards(self, low: Key, high: Key) -> Iterator[Key]:
        at = bisect_left(self._lasts, low)
        start = bisect_left(self._runs[at], low) if at < len(self._runs) else 0
        while at < len(self._runs):
            run = self._runs[at]
            for position in range(start, len(run)):
                if not run[position] < high:
                    return
                yield run[position]
            at, start = at + 1, 0

    def _backwards(self, low: Key, high: Key) -> Iterator[Key]:
        at = min(bisect_left(self._lasts, high), len(self._runs) - 1)
        while at >= 0:
            run = self._runs[at]
            for position in range(bisect_left(run, high) - 1, -1, -1):
                if run[position] < low:
                    return
                yield run[position]
            at -= 1
