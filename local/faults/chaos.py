"""Decides by chance whether a fault happens now, and counts them by their kind."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

from local.faults.wish import Wish


class Chaos:
    """The faults of one server; nothing happens until there is a wish."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.wish = Wish()
        self._chance = random.Random(0)  # noqa: S311 - faults, not secrets
        self._happened: Counter[str] = Counter()

    def ask(self, wish: Wish) -> None:
        """Have these faults from now on, counted from zero."""
        with self._lock:
            self.wish = wish
            self._chance = random.Random(wish.seed)  # noqa: S311 - faults, not secrets
            self._happened = Counter()

    def report(self) -> dict[str, object]:
        """Tell what is wanted and what has happened."""
        with self._lock:
            return {"wish": self.wish.model_dump(mode="json"), "happened": dict(self._happened)}

    def happens(self, kind: str) -> bool:
        """Tell whether a fault of a kind happens now, and count it if so."""
        with self._lock:
            share: float = getattr(self.wish, kind)
            if not share or self._happened.total() >= (self.wish.times or float("inf")):
                return False
            happens = self._chance.random() < share
            self._happened[kind] += happens
            return happens

    def pause(self, kind: str) -> None:
        """Wait for `slow_seconds`, if a fault of this kind happens now."""
        seconds = self.wish.slow_seconds
        if self.happens(kind):
            time.sleep(seconds)

    def one_of(self, count: int) -> int:
        """Return a place among several, by chance."""
        with self._lock:
            return self._chance.randrange(count)
