"""Looks every second at what the metric alarms watch, over periods that end just now.

A declared period lasts here as `local.pace` tells, a second at least.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from local.alarms.alarm import INSUFFICIENT, Alarm
from local.alarms.book import Book
from local.alarms.declared import Watch
from local.alarms.evaluation import Point, judge, looked_at
from local.alarms.texts import moment
from local.looking import Looking
from local.metrics.expressions import BadExpression
from local.metrics.queries import Answers
from local.metrics.store import Grid, Store
from local.pace import lasting

_LOOK_SECONDS = 0.2


class Evaluator(Looking):
    """The thread that evaluates as long as the server lives."""

    def __init__(self, book: Book, store: Store) -> None:
        self._book = book
        self._store = store
        self._looked = int(time.time())
        super().__init__(self._look_once_a_second, every=_LOOK_SECONDS, at="alarms")

    def look(self, now: int) -> None:
        """Evaluate every metric alarm over what came before a second."""
        for alarm, watch in self._book.watches():
            try:
                self._evaluate(alarm, watch, now)
            except BadExpression as error:
                self._book.change(alarm.name, INSUFFICIENT, str(error), None)

    def _look_once_a_second(self) -> None:
        now = int(time.time())
        if now != self._looked:
            self._looked = now
            self.look(now)

    def _evaluate(self, alarm: Alarm, watch: Watch, now: int) -> None:
        period = max(1, round(lasting(watch.period)))
        grid = Grid(now - looked_at(watch.limit) * period, now, period)
        found = Answers(self._store, watch.queries, grid).series(watch.compared)
        if len(found) != 1:
            raise BadExpression(f"{watch.compared} gives {len(found)} series, not one")
        points = [Point(begin, found[0].get(begin)) for begin in reversed(grid.periods())]
        verdict = judge(watch.limit, points, alarm.state.value)
        if verdict is not None and verdict.value != alarm.state.value:
            data = _data(watch, points)
            self._book.change(alarm.name, verdict.value, verdict.reason, data)


def _data(watch: Watch, points: Sequence[Point]) -> str:
    """Give a reason's data as CloudWatch does."""
    known = [point for point in points if point.value is not None][: watch.limit.periods]
    data = {
        "version": "1.0",
        "queryDate": moment(datetime.now(UTC)),
        "period": watch.period,
        "recentDatapoints": [point.value for point in known],
        "threshold": watch.limit.threshold,
        "evaluatedDatapoints": [{"timestamp": _at(point), "value": point.value} for point in known],
    }
    if watch.statistic is not None:
        data["statistic"] = watch.statistic
    if known:
        data["startDate"] = _at(known[-1])
    return json.dumps(data)


def _at(point: Point) -> str:
    return moment(datetime.fromtimestamp(point.time, UTC))
