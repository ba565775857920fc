"""A queue of keys in RAM (the port `KeyQueue`)."""

from collections.abc import Sequence

from shared.model.key import Key


class MemoryKeyQueue:
    """The keys that were asked for, the first first."""

    def __init__(self) -> None:
        self.keys: list[Key] = []

    def ask(self, keys: Sequence[Key]) -> None:
        """Put keys into the queue."""
        self.keys.extend(keys)
