"""A queue of keys in RAM (the port `KeyQueue`)."""

from collections.abc import Sequence

from shared.model.key import Key


class MemoryKeyQueue:
    """The keys that were asked for, the first first."""

    def __init__(self) -> None:
        self.keys: list[Key] = []

    def copy(self) -> "MemoryKeyQueue":
        """Return a queue of its own with the same keys."""
        copy = MemoryKeyQueue()
        copy.keys = list(self.keys)
        return copy

    def ask(self, keys: Sequence[Key]) -> None:
        """Put keys into the queue."""
        self.keys.extend(keys)

    def waiting(self) -> int:
        """Return how many are in the queue."""
        return len(self.keys)
