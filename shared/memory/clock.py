"""Time and identifiers that a test decides about (the ports `Clock` and `Ids`)."""


class MemoryClock:
    """A clock that only moves when told to; `sleep` moves it instead of waiting."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._wall = now
        self._monotonic = 0.0

    def wall(self) -> float:
        """Return the time of day in epoch seconds."""
        return self._wall

    def monotonic(self) -> float:
        """Return seconds since the clock was made, without those it was frozen."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass on both counts."""
        self._wall += seconds
        self._monotonic += seconds

    def freeze(self, seconds: float) -> None:
        """Let the time of day pass while the process stands still, as Lambda freezes it."""
        self._wall += seconds

    def set(self, wall: float) -> None:
        """Make the time of day jump."""
        self._wall = wall


class MemoryIds:
    """Identifiers that count up: `id-000001`, `id-000002` …"""

    def __init__(self, seed: str = "id") -> None:
        self._seed = seed
        self._count = 0

    def new(self) -> str:
        """Return the next id."""
        self._count += 1
        return f"{self._seed}-{self._count:06d}"
