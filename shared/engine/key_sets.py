"""Sets of keys, however large: the ledger keeps each under its digest, which names it elsewhere.

So neither a run nor the control item grows with a list that somebody gave.
"""

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from shared.engine.world import World


def digest_of(keys: Iterable[str]) -> str:
    """Return the name of a set of keys: the same set always has the same."""
    return hashlib.sha256(json.dumps(sorted(keys)).encode()).hexdigest()


def store(world: World, keys: Iterable[str]) -> dict[str, Any]:
    """Store a set and return what stands for it in a run's input: its digest and its size."""
    distinct = frozenset(keys)
    digest = digest_of(distinct)
    world.ledger.store_keys(world.migration.name, digest, distinct)
    return {"digest": digest, "count": len(distinct)}


class KeySets:
    """The stored sets of one migration, each read once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._known: dict[str, frozenset[str]] = {}

    def get(self, digest: str) -> frozenset[str]:
        """Return a set by its digest; raise NotFound when it was never stored whole."""
        with self._lock:
            if digest not in self._known:
                self._known[digest] = self._world.ledger.keys(self._world.migration.name, digest)
            return self._known[digest]

    def given(self, stored: Mapping[str, Any] | None) -> frozenset[str]:
        """Return the set that stands in a run's input; none was given: the empty one."""
        return self.get(stored["digest"]) if stored else frozenset()
