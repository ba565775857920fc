"""What callers saw, by the metrics in CloudWatch (the port `Measurements`).

A percentile cannot be made from those of parts. CloudWatch is therefore asked for one period as
long as the whole time; where it cuts that at a border of its own, the parts count by their samples.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from shared.aws.errors import translated
from shared.model.figures import Figures, Latency
from shared.model.metrics import NAMESPACE, Metric

LATENCIES = (Metric.READ_LATENCY_V1, Metric.READ_LATENCY_V2, Metric.WRITE_LATENCY)
STATISTICS = ("p50", "p95", "SampleCount")
SUMS = (Metric.REQUESTS, Metric.ERRORS)

Parts = Mapping[str, Mapping[datetime, float]]
"""The values of each query by their times."""


class CloudWatchMeasurements:
    """The metrics of one migration; `period` is the shortest that they are kept by, in seconds."""

    def __init__(self, cloudwatch: Any, migration: str, period: int) -> None:
        self._cloudwatch = cloudwatch
        self._migration = migration
        self._period = period

    def figures(self, since: float, until: float) -> Figures:
        """Return what callers saw between two times, widened to whole periods."""
        start = math.floor(since / self._period) * self._period
        end = max(start + self._period, math.ceil(until / self._period) * self._period)
        parts = self._asked(start, end)
        return Figures(
            since,
            until,
            requests=_sum(parts, Metric.REQUESTS),
            errors=_sum(parts, Metric.ERRORS),
            reads_v1=_latency(parts, Metric.READ_LATENCY_V1),
            reads_v2=_latency(parts, Metric.READ_LATENCY_V2),
            writes=_latency(parts, Metric.WRITE_LATENCY),
        )

    def _asked(self, start: int, end: int) -> Parts:
        found: dict[str, dict[datetime, float]] = {}
        request: dict[str, Any] = {
            "MetricDataQueries": list(self._queries(end - start)),
            "StartTime": datetime.fromtimestamp(start, UTC),
            "EndTime": datetime.fromtimestamp(end, UTC),
        }
        while True:
            with translated(writes=False):
                answer = self._cloudwatch.get_metric_data(**request)
            for each in answer["MetricDataResults"]:
                values = zip(each["Timestamps"], each["Values"], strict=True)
                found.setdefault(each["Id"], {}).update(values)
            if not answer.get("NextToken"):
                return found
            request["NextToken"] = answer["NextToken"]

    def _queries(self, period: int) -> Iterator[dict[str, Any]]:
        wanted = [(metric, each) for metric in LATENCIES for each in STATISTICS]
        for metric, statistic in [*wanted, *((each, "Sum") for each in SUMS)]:
            yield {
                "Id": _id(metric, statistic),
                "MetricStat": {
                    "Metric": {
                        "Namespace": NAMESPACE,
                        "MetricName": metric.value,
                        "Dimensions": [
                            {"Name": "service", "Value": f"cutover-{self._migration}"},
                            {"Name": "migration", "Value": self._migration},
                        ],
                    },
                    "Period": period,
                    "Stat": statistic,
                },
            }


def _id(metric: Metric, statistic: str) -> str:
    return f"{metric.name.lower()}_{statistic.lower()}"


def _sum(parts: Parts, metric: Metric) -> int:
    return round(sum(parts.get(_id(metric, "Sum"), {}).values()))


def _latency(parts: Parts, metric: Metric) -> Latency | None:
    counts = parts.get(_id(metric, "SampleCount"), {})
    samples = sum(counts.values())
    if not samples:
        return None

    def weighed(statistic: str) -> float:
        values = parts.get(_id(metric, statistic), {})
        return sum(values.get(at, 0.0) * count for at, count in counts.items()) / samples

    return Latency(weighed("p50"), weighed("p95"), round(samples))
