"""What AWS counts of a function (Lambda guide, "Using CloudWatch metrics with Lambda")."""

from __future__ import annotations

import time

from local.lambdas.runtime_api import Outcome
from local.metrics.store import Metric, Store


class FunctionUsage:
    """Counts a function's invocations as they end."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def invoked(self, function: str, outcome: Outcome) -> None:
        """Count an invocation, its error if it ended with one, and how long it ran."""
        self._add(function, "Invocations", 1.0, "Count")
        self._add(function, "Errors", float(outcome.error is not None), "Count")
        self._add(function, "Throttles", 0.0, "Count")
        self._add(function, "Duration", outcome.seconds * 1000, "Milliseconds")

    def throttled(self, function: str) -> None:
        """Count a refused invocation, which is neither an invocation nor an error."""
        self._add(function, "Throttles", 1.0, "Count")

    def sent(self, function: str, age: float) -> None:
        """Note the age in seconds of the last record of a stream's batch as it is sent."""
        self._add(function, "IteratorAge", age * 1000, "Milliseconds")

    def _add(self, function: str, name: str, value: float, unit: str) -> None:
        at = time.time()
        for dimensions in ((("FunctionName", function),), ()):
            self._store.add(Metric("AWS/Lambda", name, dimensions), value, at=at, unit=unit)
