"""Metric math over series that are written out, without a server."""

from __future__ import annotations

import pytest

from local.metrics.expressions import BadExpression
from local.metrics.queries import Answers, Query, check
from local.metrics.store import Grid, Metric, Store

GRID = Grid(0, 50, 10)
GIVEN = {
    "m1": {0: 1.0, 10: 2.0, 20: 3.0},
    "m2": {0: 10.0, 10: 0.0, 30: 40.0},
}


def calculate(expression: str) -> object:
    """Give what an expression over m1 and m2 comes to, series by series."""
    store = Store()
    queries = [Query("e1", "e1", expression=expression)]
    for name, series in GIVEN.items():
        queries.append(Query(name, name, Metric("Test", name), "Sum", period=10))
        for time, value in series.items():
            store.add(Metric("Test", name), value, at=float(time))
    check(queries)
    found = Answers(store, queries, GRID).series("e1")
    return found[0] if len(found) == 1 else found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m1 + m2", {0: 11.0, 10: 2.0}),
        ("m1 * 2 - 1", {0: 1.0, 10: 3.0, 20: 5.0}),
        ("1 + 2 * m1 ^ 2", {0: 3.0, 10: 9.0, 20: 19.0}),
        ("-m1 ^ 2", {0: -1.0, 10: -4.0, 20: -9.0}),
        ("(1 + m1) * 2", {0: 4.0, 10: 6.0, 20: 8.0}),
        ("100*m1/m2", {0: 10.0}),  # nothing where it is divided by zero, or where one is missing
        ("100*FILL(m1,0)/FILL(m2, 1)", {0: 10.0, 20: 300.0, 30: 0.0, 40: 0.0}),
        ("m1 > 1 AND m1 < 3", {0: 0.0, 10: 1.0, 20: 0.0}),
        ("m1 == 1 || m1 >= 3", {0: 1.0, 10: 0.0, 20: 1.0}),
        ("IF(m2 > 5, m1, 0)", {0: 1.0, 10: 0.0}),
        ("IF(m1 > 1, m1)", {10: 2.0, 20: 3.0}),
        ("IF(SUM(m1) > 5, m1, m2)", GIVEN["m1"]),
        ("FILL(m1, REPEAT)", {0: 1.0, 10: 2.0, 20: 3.0, 30: 3.0, 40: 3.0}),
        ("FILL(m2, LINEAR)", {0: 10.0, 10: 0.0, 20: 20.0, 30: 40.0}),
        ("FILL(m1, m2)", {0: 1.0, 10: 2.0, 20: 3.0, 30: 40.0}),
        ("MAX([m1, m2])", {0: 10.0, 10: 2.0, 20: 3.0, 30: 40.0}),
        ("SUM(METRICS())", {0: 11.0, 10: 2.0, 20: 3.0, 30: 40.0}),
        ('AVG(METRICS("m2"))', GIVEN["m2"]),
        ("m1 - MIN(m1)", {0: 0.0, 10: 1.0, 20: 2.0}),
        ("MAX(m1)", dict.fromkeys(range(0, 50, 10), 3.0)),
        ("m1 / PERIOD(m1)", {0: 0.1, 10: 0.2, 20: 0.3}),
        ("ABS(m1 - 2)", {0: 1.0, 10: 0.0, 20: 1.0}),
        ("DIFF(m1)", {10: 1.0, 20: 1.0}),
        ("RUNNING_SUM(m1)", {0: 1.0, 10: 3.0, 20: 6.0}),
        ("m1 * DATAPOINT_COUNT(m2)", {0: 3.0, 10: 6.0, 20: 9.0}),
    ],
)
def test_an_expression_gives_what_cloudwatch_gives(expression: str, expected: object) -> None:
    assert calculate(expression) == pytest.approx(expected)


def test_an_array_gives_each_of_its_series() -> None:
    assert calculate("[m1, m2 + 1]") == [GIVEN["m1"], {0: 11.0, 10: 1.0, 30: 41.0}]


@pytest.mark.parametrize(
    "expression",
    [
        "m1 +",
        "(m1",
        "m1 m2",
        "m1 ? 2",
        "m3 * 2",
        "ANOMALY_DETECTION_BAND(m1)",
        "SELECT SUM(x) FROM y",
        "FILL(m1, 'a')",
        "FILL(m1)",
        "[m1] + [m2]",
        "SUM(1)",
        "e1 + 1",
    ],
)
def test_what_cannot_be_calculated_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        calculate(expression)
