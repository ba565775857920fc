"""CloudWatch's operations on metrics, answered from our store in the place of moto's list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from local.mend import replace
from local.metrics.expressions import BadExpression
from local.metrics.queries import Answers, Query, check, query_of
from local.metrics.samples import Sample, UnknownStatistic
from local.metrics.store import Grid, Metric, Store, metric_of


def install(store: Store) -> None:
    """Put the store in the place of moto's list of metrics."""
    _put(store)
    _list(store)
    _statistics(store)
    _data(store)


def _put(store: Store) -> None:
    def put_metric_data(self: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        for number, datum in enumerate(metric_data, 1):
            self._validate_parameters_put_metric_data(datum, number)
        for datum in metric_data:
            metric = metric_of({**datum, "Namespace": namespace})
            stamp = datum.get("Timestamp") or datetime.now(UTC)
            unit = datum.get("Unit") or "None"
            store.merge(metric, _sample(datum), at=_seconds(stamp), unit=unit)

    replace(CloudWatchBackend, "put_metric_data", put_metric_data)


def _sample(datum: Mapping[str, Any]) -> Sample:
    """Read the values of one datum, in any of the three ways to give them."""
    sample = Sample()
    if datum.get("StatisticValues"):
        totals = {name: float(value) for name, value in datum["StatisticValues"].items()}
        low, high = totals["Minimum"], totals["Maximum"]
        return Sample(totals["SampleCount"], totals["Sum"], low, high, None)
    if datum.get("Values"):
        counts = datum.get("Counts") or [1.0] * len(datum["Values"])
        for value, count in zip(datum["Values"], counts, strict=True):
            sample.add(float(value), float(count))
    else:
        sample.add(float(datum.get("Value", 0.0)))
    return sample


def _list(store: Store) -> None:
    def get_filtered_metrics(
        _self: Any, metric_name: str | None, namespace: str | None, dimensions: Iterable[Any]
    ) -> list[dict[str, Any]]:
        wanted = [(one["Name"], one.get("Value")) for one in dimensions or ()]
        return [
            _described(metric)
            for metric in store.metrics()
            if namespace in (None, "", metric.namespace)
            and metric_name in (None, "", metric.name)
            and all(_has(metric, name, value) for name, value in wanted)
        ]

    replace(CloudWatchBackend, "get_filtered_metrics", get_filtered_metrics)


def _has(metric: Metric, name: str, value: str | None) -> bool:
    known = dict(metric.dimensions)
    return name in known and value in (None, known[name])


def _described(metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}


def _statistics(store: Store) -> None:
    def get_metric_statistics(self: Any) -> ActionResult:
        ask = self._get_params()
        plain, extended = ask.get("Statistics") or [], ask.get("ExtendedStatistics") or []
        if not plain and not extended:
            message = "Must specify either Statistics or ExtendedStatistics"
            raise InvalidParameterCombination(message)
        grid, metric, unit = _grid(ask, int(ask["Period"])), metric_of(ask), ask.get("Unit")
        points = []
        for of_unit in [unit] if unit else store.units(metric):
            for begin, sample in store.samples(metric, grid, of_unit).items():
                point = _point(sample, plain, extended)
                points.append(point | {"Timestamp": _stamp(begin), "Unit": of_unit})
        return ActionResult({"Label": metric.name, "Datapoints": points})

    replace(CloudWatchResponse, "get_metric_statistics", get_metric_statistics)


def _point(sample: Sample, plain: Iterable[str], extended: Iterable[str]) -> dict[str, Any]:
    try:
        point: dict[str, Any] = {name: sample.statistic(name) for name in plain}
        percentiles = {name: sample.statistic(name) for name in extended}
    except UnknownStatistic as error:
        raise ValidationError(str(error)) from error
    known = {name: value for name, value in percentiles.items() if value is not None}
    return point | ({"ExtendedStatistics": known} if known else {})


def _data(store: Store) -> None:
    def get_metric_data(self: Any) -> ActionResult:
        ask = self._get_params()
        try:
            queries = [query_of(given) for given in ask["MetricDataQueries"]]
            check(queries)
            results = list(_results(store, queries, ask))
        except (KeyError, BadExpression, UnknownStatistic) as error:
            raise ValidationError(f"Error in the parameter MetricDataQueries: {error}") from error
        return ActionResult({"MetricDataResults": results})

    replace(CloudWatchResponse, "get_metric_data", get_metric_data)


def _results(
    store: Store, queries: list[Query], ask: Mapping[str, Any]
) -> Iterable[dict[str, Any]]:
    """Answer each query over its own period, an expression over the longest of all."""
    longest = max((query.period for query in queries), default=0) or 60
    descending = ask.get("ScanBy") != "TimestampAscending"
    for query in queries:
        if not query.returned:
            continue
        grid = _grid(ask, query.period or longest)
        for series in Answers(store, queries, grid).series(query.id):
            times = sorted(series, reverse=descending)
            yield {
                "Id": query.id,
                "Label": query.label,
                "Timestamps": [_stamp(time) for time in times],
                "Values": [series[time] for time in times],
                "StatusCode": "Complete",
            }


def _grid(ask: Mapping[str, Any], period: int) -> Grid:
    start, end = _seconds(ask["StartTime"]), _seconds(ask["EndTime"])
    if start >= end:
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    return Grid.around(start, end, period)


def _seconds(stamp: datetime) -> float:
    """Give a time as Unix time; moto's own times have no zone and mean UTC."""
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()


def _stamp(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
