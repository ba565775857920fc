"""Every metric's samples by the second; a metric is its namespace, name and exact dimensions."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.metrics.samples import Sample

Series = dict[int, float]
"""Values by the second at which their period begins."""

# An hour of a metric that is put every second. CloudWatch keeps seconds for three hours.
_SECONDS_KEPT = 3600
_DROPPED_AT_ONCE = 60


@dataclass(frozen=True)
class Metric:
    """What tells one metric from another."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Grid:
    """Periods of `period` seconds from `start` to before `end`."""

    start: int
    end: int
    period: int

    @classmethod
    def around(cls, start: float, end: float, period: int) -> Grid:
        """Cover a time in multiples of the period, from the one that holds the start."""
        return cls(int(start // period) * period, -int(-end // period) * period, period)

    def periods(self) -> range:
        """Give the second at which each period begins."""
        return range(self.start, self.end, self.period)


def metric_of(given: Mapping[str, Any]) -> Metric:
    """Read a metric in the API's shape."""
    pairs = ((pair["Name"], pair["Value"]) for pair in given.get("Dimensions") or ())
    return Metric(given["Namespace"], given["MetricName"], tuple(sorted(pairs)))


class Store:
    """The metrics of one account and region."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._samples: dict[Metric, dict[int, dict[str, Sample]]] = defaultdict(dict)

    def add(
        self, metric: Metric, value: float, *, at: float, unit: str = "None", count: float = 1.0
    ) -> None:
        """Take in a value, so many times, at a Unix time."""
        with self._guard:
            self._sample(metric, at, unit).add(value, count)

    def merge(self, metric: Metric, sample: Sample, *, at: float, unit: str = "None") -> None:
        """Take in a whole sample at a Unix time."""
        with self._guard:
            self._sample(metric, at, unit).merge(sample)

    def metrics(self) -> list[Metric]:
        """List every metric that has samples."""
        with self._guard:
            return list(self._samples)

    def samples(self, metric: Metric, grid: Grid, unit: str | None = None) -> dict[int, Sample]:
        """Give the samples of each period that has any, of one unit or of all."""
        found: dict[int, Sample] = {}
        with self._guard:
            seconds = self._samples.get(metric, {})
            whole = range(grid.start, grid.end)
            few = whole if len(whole) < len(seconds) else [one for one in seconds if one in whole]
            for second in few:
                for of_unit, sample in seconds.get(second, {}).items():
                    if unit in (None, of_unit):
                        begin = second - (second - grid.start) % grid.period
                        found.setdefault(begin, Sample()).merge(sample)
        return {begin: found[begin] for begin in sorted(found)}

    def series(self, metric: Metric, statistic: str, grid: Grid, unit: str | None = None) -> Series:
        """Give one statistic of each period that has it."""
        values = (
            (begin, sample.statistic(statistic))
            for begin, sample in self.samples(metric, grid, unit).items()
        )
        return {begin: value for begin, value in values if value is not None}

    def units(self, metric: Metric) -> Iterable[str]:
        """Name the units in which a metric was put."""
        with self._guard:
            return sorted(
                {unit for each in self._samples.get(metric, {}).values() for unit in each}
            )

    def _sample(self, metric: Metric, at: float, unit: str) -> Sample:
        seconds = self._samples[metric]
        if int(at) not in seconds and len(seconds) >= _SECONDS_KEPT + _DROPPED_AT_ONCE:
            for oldest in sorted(seconds)[:_DROPPED_AT_ONCE]:
                del seconds[oldest]
        units = seconds.setdefault(int(at), {})
        return units.setdefault(unit, Sample())
