"""Values of one metric in one period, and the statistics of them.

CloudWatch guide, "CloudWatch statistics definitions". A percentile is the smallest value that so
many of all are not above.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d+)?|100)")
_SIMPLE = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")


class UnknownStatistic(ValueError):
    """Nobody here knows how to calculate this statistic."""


@dataclass
class Sample:
    """How often which value was put; a set of which only totals are known has no percentiles."""

    count: float = 0.0
    total: float = 0.0
    minimum: float = float("inf")
    maximum: float = float("-inf")
    values: dict[float, float] | None = field(default_factory=dict)

    def add(self, value: float, count: float = 1.0) -> None:
        """Take in a value, so many times."""
        self.count += count
        self.total += value * count
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        if self.values is not None:
            self.values[value] = self.values.get(value, 0.0) + count

    def merge(self, other: Sample) -> None:
        """Take in all of another sample."""
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        if self.values is None or other.values is None:
            self.values = None
            return
        for value, count in other.values.items():
            self.values[value] = self.values.get(value, 0.0) + count

    def statistic(self, name: str) -> float | None:
        """Calculate a statistic; None for a percentile of values that nobody knows."""
        if name == "Sum":
            return self.total
        if name == "Average":
            return self.total / self.count
        if name == "Minimum":
            return self.minimum
        if name == "Maximum":
            return self.maximum
        if name == "SampleCount":
            return self.count
        check(name)
        return self._percentile(float(name[1:]))

    def _percentile(self, share: float) -> float | None:
        if self.values is None:
            return None
        wanted, seen = self.count * share / 100, 0.0
        for value in sorted(self.values):
            seen += self.values[value]
            if seen >= wanted:
                return value
        return self.maximum


def check(statistic: str) -> None:
    """Raise UnknownStatistic for what cannot be calculated here."""
    if statistic not in _SIMPLE and not _PERCENTILE.fullmatch(statistic):
        raise UnknownStatistic(f"the local cloud does not calculate the statistic {statistic}")
