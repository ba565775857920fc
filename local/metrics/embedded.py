"""Metrics in the lines that functions print (CloudWatch guide, "Embedded metric format").

Each set of dimension names makes a metric of its own, as CloudWatch Logs does it. A line that says
it holds metrics and does not keep to the format is logged as an error, and is no metric.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from local.metrics.store import Metric, Store

_log = logging.getLogger(__name__)
_MARK = '"CloudWatchMetrics"'


def take_in(store: Store, line: str) -> None:
    """Put the metrics of one printed line, if it holds any."""
    if not line.startswith("{") or _MARK not in line:
        return
    try:
        found = list(_metrics(json.loads(line)))
    except (ValueError, KeyError, TypeError, AttributeError):
        _log.exception("a line of metrics is not in the Embedded Metric Format")
        return
    for metric, value, unit, at in found:
        store.add(metric, value, at=at, unit=unit)


def _metrics(line: Any) -> Iterator[tuple[Metric, float, str, float]]:
    """Yield metric, value, unit and Unix time of all that a line tells."""
    about = line["_aws"]
    at = about["Timestamp"] / 1000
    for directive in about["CloudWatchMetrics"]:
        for names in directive.get("Dimensions") or [[]]:
            dimensions = tuple(sorted((name, str(line[name])) for name in names))
            for wanted in directive["Metrics"]:
                metric = Metric(directive["Namespace"], wanted["Name"], dimensions)
                given = line[wanted["Name"]]
                for value in given if isinstance(given, list) else [given]:
                    yield metric, float(value), wanted.get("Unit", "None"), at
