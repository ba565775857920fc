"""Messages that nobody could handle, as a test says (the port `DeadLetters`)."""

from collections.abc import Mapping


class MemoryDeadLetters:
    """Counts by queue; there is none until a test puts one there."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def waiting(self) -> Mapping[str, int]:
        """Return the queues that are not empty, with how many messages they hold."""
        return {name: count for name, count in self.counts.items() if count}
