"""What a metric alarm declares, read once; what cannot be kept here is refused when it is put."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.metrics.expressions import BadExpression
from local.metrics.queries import Query, check, query_of
from local.metrics.samples import UnknownStatistic
from local.metrics.store import metric_of

_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_MISSING = ("missing", "ignore", "breaching", "notBreaching")
_UNKNOWN = ("ThresholdMetricId", "EvaluateLowSampleCountPercentile", "ActionsSuppressor")
_SHORT_PERIODS = (10, 20, 30)


class Refused(ValueError):
    """A declaration that AWS refuses, or that the local cloud cannot keep."""


@dataclass(frozen=True)
class Limit:
    """When values are breaching, and how many of how many periods make an alarm."""

    comparison: str
    threshold: float
    periods: int
    needed: int
    missing: str

    def breached(self, value: float) -> bool:
        """Tell whether a value is on the wrong side."""
        return _COMPARISONS[self.comparison][0](value, self.threshold)

    @property
    def words(self) -> str:
        """Say the comparison as reasons do."""
        return _COMPARISONS[self.comparison][1]


@dataclass(frozen=True)
class Watch:
    """A metric alarm's queries, the one of them that is compared, and the limit."""

    queries: tuple[Query, ...]
    compared: str
    statistic: str | None
    period: int
    limit: Limit


def watch_of(declared: Mapping[str, Any]) -> Watch:
    """Read a declaration; raises Refused."""
    refuse_unknown(declared)
    try:
        queries = _queries(declared)
        check(queries)
        limit = _limit(declared)
    except KeyError as error:
        raise Refused(f"The parameter {error.args[0]} is required") from error
    except (BadExpression, UnknownStatistic) as error:
        raise Refused(str(error)) from error
    returned = [query for query in queries if query.returned]
    periods = {query.period for query in queries if query.period}
    if len(returned) != 1 or len(periods) != 1:
        raise Refused("An alarm compares exactly one query, and its metrics have the same period")
    (period,) = periods
    if period not in _SHORT_PERIODS and (period < 60 or period % 60):
        raise Refused("A period is 10, 20 or 30 seconds, or a multiple of 60")
    statistic = None if "Metrics" in declared else queries[0].statistic
    return Watch(tuple(queries), returned[0].id, statistic, period, limit)


def refuse_unknown(declared: Mapping[str, Any]) -> None:
    """Refuse what would otherwise be silently left out."""
    for name in _UNKNOWN:
        if declared.get(name):
            raise Refused(f"the local cloud's alarms have no {name}")
    for kind in ("OKActions", "AlarmActions", "InsufficientDataActions"):
        for arn in declared.get(kind) or ():
            if arn.split(":")[2] != "sns":
                raise Refused(f"the local cloud's alarms notify topics, not {arn}")


def _queries(declared: Mapping[str, Any]) -> Sequence[Query]:
    if declared.get("Metrics"):
        return [query_of(given) for given in declared["Metrics"]]
    return [
        Query(
            "m1",
            declared["MetricName"],
            metric=metric_of(declared),
            statistic=str(declared.get("Statistic") or declared["ExtendedStatistic"]),
            unit=declared.get("Unit"),
            period=int(declared["Period"]),
        )
    ]


def _limit(declared: Mapping[str, Any]) -> Limit:
    periods = int(declared["EvaluationPeriods"])
    limit = Limit(
        comparison=str(declared["ComparisonOperator"]),
        threshold=float(declared["Threshold"]),
        periods=periods,
        needed=int(declared.get("DatapointsToAlarm") or periods),
        missing=str(declared.get("TreatMissingData") or "missing"),
    )
    if limit.comparison not in _COMPARISONS or limit.missing not in _MISSING:
        raise Refused("the local cloud's alarms compare a value with a threshold, nothing else")
    if not 1 <= limit.needed <= limit.periods:
        raise Refused("DatapointsToAlarm is at least 1 and at most EvaluationPeriods")
    return limit
