"""The process's own clock and identifiers (the ports `Clock` and `Ids`)."""

import time
import uuid


class SystemClock:
    """The time of this machine."""

    def wall(self) -> float:
        """Return the time of day in epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class RandomIds:
    """Random identifiers (UUID version 4)."""

    def new(self) -> str:
        """Return a new UUID."""
        return str(uuid.uuid4())
