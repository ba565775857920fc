"""One alarm as data: what it looks at, from what on it goes off, how grave that is.

The critical ones together are the composite alarm `watch`, which takes readers home, or writes
back to the old shape. Each has an entry in docs/alarms.md under its own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.model.metrics import NAMESPACE, Metric

WATCH = "watch"
"""The composite alarm over the critical ones."""

Severity = Literal["critical", "warning"]
Silence = Literal["notBreaching", "ignore"]


@dataclass(frozen=True)
class Series:
    """One statistic of one metric over time."""

    metric: str
    statistic: str
    dimensions: Mapping[str, str]
    namespace: str = NAMESPACE


@dataclass(frozen=True)
class AlarmRule:
    """One alarm: the value of `expression` over `series` is above `threshold`.

    A `sustained` one must be so in several periods. `period` is in seconds (None: the one that
    is declared). `silence` is what no data means: nothing to worry about, or that what was told
    last still holds.
    """

    what: str
    severity: Severity
    says: str
    series: Mapping[str, Series]
    expression: str
    threshold: float
    sustained: bool = False
    period: int | None = None
    silence: Silence = "notBreaching"
    needs_source: bool = True

    def name(self, migration: str) -> str:
        """Return the alarm's name in CloudWatch."""
        return alarm_name(migration, self.what)

    @property
    def described(self) -> str:
        """Return what CloudWatch and every notification say of it."""
        return f"{self.says} docs/alarms.md#{self.what}"


def alarm_name(migration: str, what: str) -> str:
    """Return the name of an alarm of a migration."""
    return f"cutover-{migration}-{what}"


@dataclass(frozen=True)
class Told:
    """The series of one migration's own metrics, and of its functions and queues."""

    migration: str

    def of(self, metric: Metric, statistic: str) -> Series:
        """Return one statistic of a metric."""
        dimensions = {"service": f"cutover-{self.migration}", "migration": self.migration}
        return Series(metric.value, statistic, dimensions)

    def invoked(self, function: str, metric: str) -> Series:
        """Return the sum of one of Lambda's own metrics of a function."""
        dimensions = {"FunctionName": f"cutover-{self.migration}-{function}"}
        return Series(metric, "Sum", dimensions, "AWS/Lambda")

    def waiting(self, queue: str) -> Series:
        """Return how many messages lie in a queue."""
        dimensions = {"QueueName": f"cutover-{self.migration}-{queue}"}
        return Series("ApproximateNumberOfMessagesVisible", "Maximum", dimensions, "AWS/SQS")
