"""Metrics and expressions over the same periods: what GetMetricData and alarms ask for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.metrics import expressions, functions, samples
from local.metrics.expressions import BadExpression
from local.metrics.store import Grid, Metric, Series, Store, metric_of


@dataclass(frozen=True)
class Query:
    """A metric's statistic, or an expression over other queries; `period` is in seconds."""

    id: str
    label: str
    metric: Metric | None = None
    statistic: str = ""
    unit: str | None = None
    period: int = 0
    expression: str = ""
    returned: bool = True


def query_of(given: Mapping[str, Any]) -> Query:
    """Read a MetricDataQuery in the API's shape."""
    returned = bool(given.get("ReturnData", True))
    name, label = str(given["Id"]), given.get("Label")
    if "MetricStat" not in given:
        period = int(given.get("Period") or 0)
        expression = str(given["Expression"])
        return Query(name, label or name, expression=expression, period=period, returned=returned)
    wanted = given["MetricStat"]
    metric = metric_of(wanted["Metric"])
    return Query(
        name,
        label or metric.name,
        metric=metric,
        statistic=str(wanted["Stat"]),
        unit=wanted.get("Unit"),
        period=int(wanted["Period"]),
        returned=returned,
    )


def check(queries: Sequence[Query]) -> None:
    """Raise BadExpression or UnknownStatistic for what cannot be answered here."""
    known = {query.id for query in queries} | functions.WORDS
    for query in queries:
        if query.metric is not None:
            samples.check(query.statistic)
            continue
        tree = expressions.parse(query.expression)
        functions.check(tree)
        unknown = expressions.names(tree) - known
        if unknown:
            raise BadExpression(f"{query.expression}: no query has the id {sorted(unknown)[0]}")


class Answers:
    """What queries come to over one grid; each is calculated when it is asked for, once."""

    def __init__(self, store: Store, queries: Iterable[Query], grid: Grid) -> None:
        self._queries = {query.id: query for query in queries}
        self._grid = grid
        self._asked: list[str] = []
        self._found: dict[str, functions.Value] = {
            query.id: store.series(query.metric, query.statistic, grid, query.unit)
            for query in self._queries.values()
            if query.metric is not None
        }
        metrics = {name: value for name, value in self._found.items() if isinstance(value, dict)}
        self._calculator = functions.Calculator(grid, metrics, self.value)

    def value(self, name: str) -> functions.Value:
        """Give what a query comes to; raises BadExpression for one that needs itself."""
        if name not in self._found:
            if name in self._asked:
                raise BadExpression(f"{name} needs itself")
            self._asked.append(name)
            tree = expressions.parse(self._queries[name].expression)
            self._found[name] = self._calculator.value(tree)
        return self._found[name]

    def series(self, name: str) -> list[Series]:
        """Give what a query comes to as series, an array's one by one, a number's at all times."""
        value = self.value(name)
        if isinstance(value, float):
            known = [] if math.isnan(value) else self._grid.periods()
            return [dict.fromkeys(known, value)]
        if isinstance(value, str):
            raise BadExpression(f"{name} is a text")
        return value if isinstance(value, list) else [value]
