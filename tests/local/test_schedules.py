"""Rules with a rate: moto keeps them and nothing fires them, the local cloud does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local import lifecycle
from local.places import Places
from local.schedules import Schedules, _rules
from tests.local.conftest import Clients, eventually

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:tiny"
RULE = "arn:aws:events:us-east-1:123456789012:rule/tick"


@dataclass
class Bench:
    """moto's own EventBridge, a clock in the hand, and what was delivered."""

    events: Any
    now: float = 1000.0
    delivered: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schedules = Schedules(
            _rules,
            lambda rule, event: self.delivered.extend(
                (each["Arn"], event) for each in rule.targets
            ),
            lambda: self.now,
            lambda declared: declared,
        )

    def rule(self, schedule: str, state: str = "ENABLED") -> None:
        self.events.put_rule(Name="tick", ScheduleExpression=schedule, State=state)
        self.events.put_targets(Rule="tick", Targets=[{"Id": "a", "Arn": FUNCTION}])

    def after(self, seconds: float) -> int:
        """Let time pass, look, and tell how often anything was delivered so far."""
        self.now += seconds
        self.schedules.look()
        return len(self.delivered)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield Bench(boto3.client("events", region_name="us-east-1"))


def test_a_rate_when_its_interval_has_passed_is_fired_by_a_look_and_by_nothing_else(
    bench: Bench,
) -> None:
    bench.rule("rate(2 minutes)")
    assert bench.after(0) == 0
    bench.now += 120
    assert bench.delivered == []  # the gap: moto holds the rule, its time has come
    assert bench.after(0) == 1
    arn, event = bench.delivered[0]
    assert arn == FUNCTION
    assert event["source"] == "aws.events"
    assert event["detail-type"] == "Scheduled Event"
    assert event["resources"] == [RULE]
    assert event["detail"] == {}


def test_a_rate_when_looked_at_often_fires_once_an_interval_under_ids_of_their_own(
    bench: Bench,
) -> None:
    bench.rule("rate(1 minute)")
    bench.after(0)
    assert [bench.after(20) for _ in range(6)] == [0, 0, 1, 1, 1, 2]
    assert len({event["id"] for _, event in bench.delivered}) == 2


def test_a_rate_when_looks_were_missed_fires_once_and_keeps_its_beat(bench: Bench) -> None:
    bench.rule("rate(1 minute)")
    bench.after(0)
    assert bench.after(210) == 1
    assert bench.after(29) == 1
    assert bench.after(1) == 2


@pytest.mark.parametrize(
    ("schedule", "seconds"), [("rate(1 hour)", 3600), ("rate(2 days)", 172800)]
)
def test_a_rate_when_in_hours_or_days_is_as_long(
    bench: Bench, schedule: str, seconds: float
) -> None:
    bench.rule(schedule)
    bench.after(0)
    assert bench.after(seconds - 1) == 0
    assert bench.after(1) == 1


def test_a_rule_when_disabled_or_deleted_fires_no_more_and_begins_anew(bench: Bench) -> None:
    bench.rule("rate(1 minute)")
    bench.after(0)
    bench.events.disable_rule(Name="tick")
    assert bench.after(60) == 0
    bench.events.enable_rule(Name="tick")
    assert bench.after(59) == 0
    assert bench.after(60) == 1
    bench.events.remove_targets(Rule="tick", Ids=["a"])
    bench.events.delete_rule(Name="tick")
    assert bench.after(600) == 1
    assert bench.schedules.report() == []


def test_a_rate_when_changed_counts_from_the_change(bench: Bench) -> None:
    bench.rule("rate(1 minute)")
    bench.after(0)
    bench.rule("rate(5 minutes)")
    assert bench.after(60) == 0
    assert bench.after(299) == 0
    assert bench.after(1) == 1


def test_a_rule_when_it_cannot_be_fired_is_told_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.rule("cron(0 12 * * ? *)")
    bench.after(0)
    assert bench.after(60) == 0
    assert ["fires rates only, not cron" in record.message for record in caplog.records] == [True]


def test_a_rule_when_made_on_the_server_is_scheduled_as_its_status_says(
    clients: Clients, places: Places
) -> None:
    clients("events").put_rule(Name="tick", ScheduleExpression="rate(1 day)")

    def listed() -> list[Any]:
        return [each for each in lifecycle.status(places).schedules if each.rule == RULE]

    [found] = eventually(listed)
    assert found.schedule == "rate(1 day)"
    clients("events").delete_rule(Name="tick")
    assert eventually(lambda: not listed())
