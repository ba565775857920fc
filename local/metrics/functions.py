"""What metric math gives: values are numbers, series by time, or arrays of series.

Where a series has no value, what is made of it has none either; nor where there is no number, as
after a division by zero. FILL, and the sums over an array, are the exceptions that AWS makes.
"""

from __future__ import annotations

import itertools
import math
import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from local.metrics.expressions import (
    Array,
    BadExpression,
    Call,
    Name,
    Node,
    Number,
    Operation,
    Text,
)
from local.metrics.store import Grid, Series

Value = float | str | Series | list[Series]
_Numbers = Callable[[Sequence[float]], float]


def _power(left: float, right: float) -> float:
    try:
        return math.pow(left, right)
    except (OverflowError, ValueError):
        return math.nan


_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / right if right else math.nan,
    "^": _power,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "AND": lambda left, right: float(bool(left) and bool(right)),
    "OR": lambda left, right: float(bool(left) or bool(right)),
}
_EACH: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
}
_OF_MANY: dict[str, _Numbers] = {
    "AVG": statistics.fmean,
    "MAX": max,
    "MIN": min,
    "STDDEV": statistics.pstdev,
    "SUM": math.fsum,
}
_OTHERS = frozenset({"DATAPOINT_COUNT", "DIFF", "FILL", "IF", "METRICS", "PERIOD", "RUNNING_SUM"})
_GIVEN = {"FILL": (2,), "IF": (2, 3), "METRICS": (0, 1)}
FUNCTIONS = frozenset(_EACH) | frozenset(_OF_MANY) | _OTHERS
WORDS = frozenset({"LINEAR", "REPEAT"})


def check(node: Node) -> None:
    """Raise BadExpression for a function that nobody here knows."""
    match node:
        case Call(function, parts):
            if function not in FUNCTIONS:
                raise BadExpression(f"the local cloud's metric math has no function {function}")
        case Array(parts):
            pass
        case Operation(_, left, right):
            parts = (left, right)
        case _:
            parts = ()
    for part in parts:
        check(part)


@dataclass(frozen=True)
class Calculator:
    """Calculates trees over one grid; `lookup` gives what an id stands for."""

    grid: Grid
    metrics: Mapping[str, Series]
    lookup: Callable[[str], Value]

    def value(self, node: Node) -> Value:
        """Give what a tree comes to; raises BadExpression for values that do not fit."""
        match node:
            case Number(number):
                return number
            case Text(text):
                return text
            case Name(name):
                return name if name in WORDS else self.lookup(name)
            case Array(items):
                return [one for item in items for one in _all_series(self.value(item))]
            case Operation(sign, left, right):
                return _combine(_OPERATORS[sign], self.value(left), self.value(right))
            case Call(function, arguments):
                return self._call(function, [self.value(part) for part in arguments])

    def _call(self, function: str, given: list[Value]) -> Value:
        if len(given) not in _GIVEN.get(function, (1,)):
            raise BadExpression(f"{function} is not given {len(given)} values")
        if function == "METRICS":
            part = str(given[0]) if given else ""
            return [series for name, series in self.metrics.items() if part in name]
        if function == "IF":
            return _choose(given)
        if function == "FILL":
            return self._fill(*given)
        (value,) = given
        if function in _EACH:
            change = _EACH[function]
            return _combine(lambda one, _: float(change(one)), value, 0.0)
        if function in _OF_MANY:
            return _of_many(_OF_MANY[function], value)
        return self._of_series(function, value)

    def _of_series(self, function: str, value: Value) -> Value:
        series = _one_series(function, value)
        if function == "PERIOD":
            return float(self.grid.period)
        if function == "DATAPOINT_COUNT":
            return float(len(series))
        times = sorted(series)
        if function == "DIFF":
            pairs = itertools.pairwise(times)
            return {after: series[after] - series[before] for before, after in pairs}
        total, running = 0.0, {}
        for time in times:
            running[time] = total = total + series[time]
        return running

    def _fill(self, value: Value, filling: Value) -> Value:
        if isinstance(value, list):
            return [_one_series("FILL", self._fill(one, filling)) for one in value]
        series = _one_series("FILL", value)
        full: Series = {}
        for time in self.grid.periods():
            found = series.get(time, self._filling(series, filling, time))
            if found is not None:
                full[time] = found
        return full

    def _filling(self, series: Series, filling: Value, time: int) -> float | None:
        """Give what stands in for a value that is missing."""
        if isinstance(filling, dict):
            return filling.get(time)
        if isinstance(filling, float):
            return filling
        before = max((other for other in series if other < time), default=None)
        if filling == "REPEAT":
            return None if before is None else series[before]
        after = min((other for other in series if other > time), default=None)
        if filling != "LINEAR":
            raise BadExpression(f"FILL does not fill with {filling}")
        if before is None or after is None:
            return None
        slope = (series[after] - series[before]) / (after - before)
        return series[before] + slope * (time - before)


def _combine(calculate: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Calculate number by number, time by time, or for each series of an array."""
    if isinstance(left, str) or isinstance(right, str):
        raise BadExpression("a text is no value to calculate with")
    if isinstance(left, list):
        if isinstance(right, list):
            raise BadExpression("two arrays cannot be calculated with each other")
        return [_one_series("an array", _combine(calculate, one, right)) for one in left]
    if isinstance(right, list):
        return [_one_series("an array", _combine(calculate, left, one)) for one in right]
    if isinstance(left, float) and isinstance(right, float):
        return calculate(left, right)
    times = [set(one) for one in (left, right) if isinstance(one, dict)]
    found = {
        time: calculate(_at(left, time), _at(right, time)) for time in set.intersection(*times)
    }
    return {time: found[time] for time in sorted(found) if math.isfinite(found[time])}


def _choose(given: list[Value]) -> Value:
    """Do IF: time by time where the condition is a series, else once."""
    condition, chosen, other = given if len(given) == 3 else [*given, {}]
    if isinstance(condition, float):
        return chosen if condition else other
    series = _one_series("IF", condition)
    values = {time: chosen if series[time] else other for time in sorted(series)}
    return {
        time: _at(value, time)
        for time, value in values.items()
        if isinstance(value, float) or time in _one_series("IF", value)
    }


def _of_many(calculate: _Numbers, value: Value) -> Value:
    """Reduce a series to a number, or an array to a series, over what values there are."""
    if not isinstance(value, list):
        series = _one_series("a statistic", value)
        return calculate(list(series.values())) if series else math.nan
    times = sorted({time for series in value for time in series})
    return {
        time: float(calculate([series[time] for series in value if time in series]))
        for time in times
    }


def _at(value: Value, time: int) -> float:
    if isinstance(value, float):
        return value
    return _one_series("an operator", value)[time]


def _one_series(whose: str, value: Value) -> Series:
    if not isinstance(value, dict):
        raise BadExpression(f"{whose} needs a series")
    return value


def _all_series(value: Value) -> list[Series]:
    return value if isinstance(value, list) else [_one_series("an array", value)]
