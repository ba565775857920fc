"""What the engine counted and timed in one invocation, kept in RAM until its door tells it.

Nothing is sent from here and nothing can fail, so measuring changes no operation.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from shared.model.errors import Throttled
from shared.model.metrics import Metric
from shared.model.phases import Phase
from shared.model.writes import Side
from shared.ports import Clock

SAMPLES = 99
"""Values of one metric in one line: at 100, the format's limit, Powertools begins another."""

READS = {
    Side.SOURCE: (Metric.READS_V1, Metric.READ_ERRORS_V1, Metric.READ_LATENCY_V1),
    Side.TARGET: (Metric.READS_V2, Metric.READ_ERRORS_V2, Metric.READ_LATENCY_V2),
}
"""Of each table: its reads, those of them that failed, and how long one record took."""


class Meter:
    """Sums of what happened, and samples of how long things took; safe between threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._sums: dict[Metric, float] = {}
        self._samples: dict[Metric, list[float]] = {}
        self.phase: Phase | None = None
        """The phase that was acted upon last."""

    def add(self, metric: Metric, amount: float = 1.0) -> None:
        """Add to a sum; an amount of 0 tells that it was watched and did not happen."""
        with self._guard:
            self._sums[metric] = self._sums.get(metric, 0.0) + amount

    def sample(self, metric: Metric, value: float) -> None:
        """Keep one value by itself; of more than a line holds the later ones are left out."""
        with self._guard:
            kept = self._samples.setdefault(metric, [])
            if len(kept) < SAMPLES:
                kept.append(value)

    @contextmanager
    def timing(self, metric: Metric, clock: Clock) -> Iterator[None]:
        """Keep how long the block takes, in milliseconds, however it ends."""
        began = clock.monotonic()
        try:
            yield
        finally:
            self.sample(metric, (clock.monotonic() - began) * 1000)

    @contextmanager
    def reading(self, side: Side, clock: Clock, *, one: bool) -> Iterator[None]:
        """Count a read of a table and whether it failed; of `one` record keep the time, too."""
        reads, errors, latency = READS[side]
        began, failed = clock.monotonic(), 1.0
        try:
            yield
            failed = 0.0
        except Throttled:
            self.add(Metric.THROTTLES)
            raise
        finally:
            self.add(reads)
            self.add(errors, failed)
            if one:
                self.sample(latency, (clock.monotonic() - began) * 1000)

    def drain(self) -> dict[Metric, list[float]]:
        """Return everything since the last time, and begin anew."""
        with self._guard:
            told = {metric: [amount] for metric, amount in self._sums.items()} | self._samples
            self._sums, self._samples = {}, {}
        return told
