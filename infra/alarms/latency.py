"""The alarms on slow reads: slow by themselves, and slower than before the migration."""

from dataclasses import dataclass

from infra.alarms.rule import AlarmRule, Series, Told
from shared.model.environment import Thresholds
from shared.model.metrics import Metric


@dataclass(frozen=True, slots=True)
class Reads:
    """The reads that an alarm looks at: what people call them, and how long they take."""

    called: str
    p95: Series
    count: Series

    @classmethod
    def of(cls, told: Told, metric: Metric, called: str) -> "Reads":
        """Return the reads whose latency a metric tells."""
        return cls(called, told.of(metric, "p95"), told.of(metric, "SampleCount"))


def slow(reads: Reads, limits: Thresholds, *, needs_source: bool = True) -> AlarmRule:
    """Return the alarm on reads that are too slow, whatever they are compared with."""
    return AlarmRule(
        what="latency-p95",
        severity="critical",
        says=f"One in twenty {reads.called} takes longer than {limits.latency_p95:g} ms.",
        series={"now": reads.p95, "n": reads.count},
        expression=f"IF(n >= {limits.minimum}, now, 0)",
        threshold=limits.latency_p95,
        sustained=True,
        needs_source=needs_source,
    )


def slower_than_before(reads: Reads, told: Told, limits: Thresholds) -> AlarmRule:
    """Return the alarm on reads that are slower than the baseline."""
    slower = "100 * (now / FILL(before, REPEAT) - 1)"
    return AlarmRule(
        what="latency-above-baseline",
        severity="critical",
        says=f"The p95 of {reads.called} is more than {limits.degradation:g} % above what reads"
        " took before the migration.",
        series={
            "now": reads.p95,
            "n": reads.count,
            "before": told.of(Metric.BASELINE_READ_LATENCY, "Maximum"),
        },
        expression=f"IF(n >= {limits.minimum}, {slower}, 0)",
        threshold=limits.degradation,
        sustained=True,
    )


def slower_than(reads: Reads, other: Reads, limits: Thresholds) -> AlarmRule:
    """Return the alarm on reads that are slower than the others are at the same time."""
    enough = f"n >= {limits.minimum} AND n_other >= {limits.minimum}"
    return AlarmRule(
        what="latency-degraded",
        severity="critical",
        says=f"The p95 of {reads.called} is more than {limits.degradation:g} % above that of"
        f" {other.called}.",
        series={
            "now": reads.p95,
            "n": reads.count,
            "other": other.p95,
            "n_other": other.count,
        },
        expression=f"IF({enough}, 100 * (now / other - 1), 0)",
        threshold=limits.degradation,
        sustained=True,
    )
