"""Which state values mean, composite rules, and what is refused; without a server."""

from __future__ import annotations

from typing import Any

import pytest

from local.alarms.alarm import ALARM, INSUFFICIENT, OK, Alarm, State
from local.alarms.announcer import detail, notification
from local.alarms.book import Book
from local.alarms.declared import Limit, Refused, watch_of
from local.alarms.evaluation import Point, judge
from local.alarms.rules import parse

KEPT = None
NAMESPACE = {"Namespace": "Test", "MetricName": "M", "Statistic": "Sum", "Period": 10}
LIMIT = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 5, "EvaluationPeriods": 1}


def judged(points: str, needed: int, missing: str) -> str | None:
    """Judge points written as AWS's guide does: oldest first, 0 fine, X breaching, - missing."""
    limit = Limit("GreaterThanThreshold", 5.0, 3, needed, missing)
    values = {"0": 0.0, "X": 9.0, "-": None}
    written = list(enumerate(points.split()))
    newest_first = [Point(place, values[sign]) for place, sign in reversed(written)]
    verdict = judge(limit, newest_first, OK)
    return None if verdict is None else verdict.value


@pytest.mark.parametrize(
    ("points", "needed", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", 3, OK, OK, OK, OK),
        ("- - - - 0", 3, OK, OK, OK, OK),
        ("- - - - -", 3, INSUFFICIENT, KEPT, ALARM, OK),
        ("0 X X - X", 3, ALARM, ALARM, ALARM, ALARM),
        ("- - X - -", 3, ALARM, KEPT, ALARM, OK),
        ("0 - X - X", 2, ALARM, ALARM, ALARM, ALARM),
        ("0 0 X 0 X", 2, ALARM, ALARM, ALARM, ALARM),
        ("0 - X - -", 2, OK, OK, ALARM, OK),
        ("- - - - 0", 2, OK, OK, ALARM, OK),
        ("- - - X -", 2, ALARM, KEPT, ALARM, OK),
        ("- - - - X", 3, OK, OK, ALARM, OK),
    ],
)
def test_values_mean_what_the_tables_of_awss_guide_say(
    points: str,
    needed: int,
    missing: str | None,
    ignore: str | None,
    breaching: str | None,
    not_breaching: str | None,
) -> None:
    found = [judged(points, needed, way) for way in ("missing", "ignore", "breaching")]
    assert [*found, judged(points, needed, "notBreaching")] == [
        *(missing, ignore, breaching, not_breaching)
    ]


def test_a_verdict_says_which_values_crossed_which_threshold() -> None:
    limit = Limit("GreaterThanOrEqualToThreshold", 50.0, 1, 1, "missing")
    verdict = judge(limit, [Point(1569949200, 99.5), Point(1569949140, 1.0)], OK)
    assert verdict is not None
    assert verdict.reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [99.5 (01/10/19 17:00:00)] was greater"
        " than or equal to the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ALARM(a)", True),
        ('ALARM("arn:aws:cloudwatch:us-east-1:123456789012:alarm:a")', True),
        ("OK(a) OR ALARM(b)", False),
        ("ALARM(b) AND ALARM(b) OR ALARM(a)", True),
        ("ALARM(a) AND (ALARM(b) OR OK(b))", True),
        ("NOT ALARM(a) OR INSUFFICIENT_DATA(c)", True),
        ("NOT (ALARM(a) AND TRUE)", False),
        ("FALSE", False),
    ],
)
def test_a_rule_holds_as_its_alarms_are(rule: str, expected: bool) -> None:
    states = {"a": ALARM, "b": OK, "c": INSUFFICIENT}
    assert parse(rule).holds(lambda name, state: states[name] == state) is expected


@pytest.mark.parametrize("rule", ["", "ALARM(a", "ALARM(a) ALARM(b)", "AND", "a", "(TRUE"])
def test_a_rule_that_cannot_be_read_is_refused(rule: str) -> None:
    with pytest.raises(Refused):
        parse(rule)


def stat(name: str, period: int = 60, **more: Any) -> dict[str, Any]:
    metric = {"Namespace": "Test", "MetricName": name}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}, **more}


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"Period": 45}, "multiple of 60"),
        ({"Period": 5}, "multiple of 60"),
        ({"ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold"}, "with a threshold"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm"),
        ({"Statistic": "TM(10%:90%)"}, "does not calculate the statistic"),
        ({"Threshold": None, "ThresholdMetricId": "e1"}, "have no ThresholdMetricId"),
        ({"AlarmActions": ["arn:aws:lambda:us-east-1:1:function:f"]}, "notify topics"),
        ({"Metrics": [stat("m1"), stat("m2")]}, "exactly one query"),
        ({"Metrics": [stat("m1"), stat("m2", 120, ReturnData=False)]}, "the same period"),
        ({"Metrics": [{"Id": "e1", "Expression": "m1 +"}]}, "a value is missing"),
        ({"Metrics": [{"Id": "e1", "Expression": "m1 + 1"}]}, "no query has the id m1"),
    ],
)
def test_a_declaration_that_cannot_be_kept_is_refused(declared: Any, said: str) -> None:
    with pytest.raises(Refused, match=said):
        watch_of({"AlarmName": "a", **NAMESPACE, **LIMIT, **declared})


class Desk:
    """A book, and what it announced."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.book = Book(self._hear)
        for name in ("a", "b"):
            self.book.put({"AlarmName": name, **NAMESPACE, **LIMIT})

    def _hear(self, alarm: Alarm, before: State) -> None:
        self.told.append(f"{alarm.name}: {before.value} -> {alarm.state.value}")

    def rule(self, name: str, rule: str) -> None:
        self.book.put({"AlarmName": name, "AlarmRule": rule})

    def set(self, name: str, value: str) -> None:
        self.book.change(name, value, "tried", None)


def test_composite_alarms_follow_their_children_at_once_and_one_another() -> None:
    desk = Desk()
    desk.rule("inner", "ALARM(a) OR ALARM(b)")
    desk.rule("outer", "ALARM(inner)")
    desk.told.clear()
    desk.set("a", ALARM)
    assert desk.told == [
        "a: INSUFFICIENT_DATA -> ALARM",
        "inner: OK -> ALARM",
        "outer: OK -> ALARM",
    ]
    desk.set("b", ALARM)
    desk.set("a", OK)
    assert desk.told[3:] == ["b: INSUFFICIENT_DATA -> ALARM", "a: ALARM -> OK"]
    inner = desk.book.get("inner")
    assert inner is not None
    assert ":alarm:a transitioned to ALARM at " in inner.state.reason


def test_an_alarm_that_is_put_again_keeps_its_state() -> None:
    desk = Desk()
    desk.set("a", ALARM)
    changed = desk.book.put({"AlarmName": "a", **NAMESPACE, **LIMIT, "Threshold": 7})
    assert (changed.state.value, changed.declared["Threshold"]) == (ALARM, 7)
    desk.set("a", ALARM)
    assert desk.told == ["a: INSUFFICIENT_DATA -> ALARM"]


@pytest.mark.parametrize("rule", ["ALARM(nobody)", "ALARM(own)"])
def test_a_rule_on_alarms_that_are_not_there_is_refused(rule: str) -> None:
    desk = Desk()
    with pytest.raises(Refused):
        desk.rule("own", rule)


def test_a_change_is_told_in_awss_shapes() -> None:
    desk = Desk()
    metrics = [stat("m1", ReturnData=False), {"Id": "e1", "Expression": "m1*2", "Label": "x"}]
    alarm = desk.book.put({"AlarmName": "math", "Metrics": metrics, **LIMIT})
    told = detail(alarm, alarm.state)
    assert told["configuration"]["metrics"] == [
        {
            "id": "m1",
            "metricStat": {
                "metric": {"namespace": "Test", "name": "m1", "dimensions": {}},
                "period": 60,
                "stat": "Sum",
            },
            "returnData": False,
        },
        {"id": "e1", "label": "x", "expression": "m1*2", "returnData": True},
    ]
    assert set(told["previousState"]) == {"value", "reason", "timestamp"}
    said = notification(alarm, alarm.state)
    assert said["Trigger"]["Threshold"] == 5
    assert said["OldStateValue"] == INSUFFICIENT
