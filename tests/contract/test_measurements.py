"""What callers saw: sums, percentiles, and nothing where nothing was."""

import pytest

from shared.model.figures import Figures, Latency
from shared.model.metrics import Metric
from tests.contract.engines import Engine

SLOW_TENTH = (*[10.0] * 90, *[100.0] * 10)


def moment(engine: Engine) -> float:
    """Return a time a little ago at the beginning of a minute, which every period begins at."""
    return (engine.clock.wall() - 600) // 60 * 60


def test_figures_when_nobody_told_anything_are_empty(engine: Engine) -> None:
    at = moment(engine)
    assert engine.measurements.figures(at, at + 60) == Figures(at, at + 60)


def test_requests_and_errors_are_sums_of_that_time(engine: Engine) -> None:
    at = moment(engine)
    for second in (5, 30, 55):
        engine.hand.tell(at + second, Metric.REQUESTS, 1, 1, 1, 1)
        engine.hand.tell(at + second, Metric.ERRORS, 0, 0, 0, 1)
    engine.hand.tell(at - 300, Metric.REQUESTS, 1)
    engine.hand.tell(at + 300, Metric.ERRORS, 1)
    found = engine.measurements.figures(at, at + 60)
    assert (found.requests, found.errors, found.error_rate) == (12, 3, 25.0)
    assert (found.reads_v1, found.reads_v2, found.writes) == (None, None, None)


@pytest.mark.parametrize(
    ("metric", "field"),
    [
        (Metric.READ_LATENCY_V1, "reads_v1"),
        (Metric.READ_LATENCY_V2, "reads_v2"),
        (Metric.WRITE_LATENCY, "writes"),
    ],
)
def test_latencies_are_percentiles_of_all_values_of_that_time(
    engine: Engine, metric: Metric, field: str
) -> None:
    at = moment(engine)
    engine.hand.tell(at + 2, metric, *SLOW_TENTH[:50])
    engine.hand.tell(at + 40, metric, *SLOW_TENTH[50:])
    found = getattr(engine.measurements.figures(at, at + 60), field)
    assert found == Latency(pytest.approx(10), pytest.approx(100), 100)
