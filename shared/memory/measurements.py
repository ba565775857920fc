"""Measurements that a test tells itself (the port `Measurements`)."""

from collections.abc import Sequence

from shared.model.errors import StoreError
from shared.model.figures import Figures, Latency
from shared.model.metrics import Metric


class MemoryMeasurements:
    """Values of metrics with their times; `broken` is raised by every question."""

    def __init__(self) -> None:
        self.told: list[tuple[float, Metric, float]] = []
        self.broken: StoreError | None = None

    def tell(self, at: float, metric: Metric, *values: float) -> None:
        """Remember values that were measured at a time (epoch seconds)."""
        self.told += [(at, metric, value) for value in values]

    def figures(self, since: float, until: float) -> Figures:
        """Return what callers saw between two times."""
        if self.broken is not None:
            raise self.broken

        def values(metric: Metric) -> list[float]:
            return sorted(v for at, each, v in self.told if each is metric and since < at <= until)

        return Figures(
            since,
            until,
            requests=int(sum(values(Metric.REQUESTS))),
            errors=int(sum(values(Metric.ERRORS))),
            reads_v1=_latency(values(Metric.READ_LATENCY_V1)),
            reads_v2=_latency(values(Metric.READ_LATENCY_V2)),
            writes=_latency(values(Metric.WRITE_LATENCY)),
        )


def _latency(values: Sequence[float]) -> Latency | None:
    if not values:
        return None
    return Latency(_within(values, 0.50), _within(values, 0.95), len(values))


def _within(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    return values[min(len(values) - 1, int(share * len(values)))]
