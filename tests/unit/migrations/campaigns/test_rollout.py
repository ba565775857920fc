"""The rollout of the runbook: its days, its shares, and the alarms that end it."""

from dataclasses import replace

import pytest

from infra.alarms.in_place import in_place_rules
from migrations.campaigns.migration import MIGRATION
from migrations.campaigns.rollout import LOCALLY, SHARES, rolled_out
from shared.model.environment import LOCAL
from shared.model.phases import Phase

DAY = 86400.0
PRODUCTION = rolled_out(replace(LOCAL, name="production", account="210987654321"))


@pytest.mark.parametrize(("percent", "days"), [(10, 2), (50, 2), (100, 3)])
def test_a_share_of_the_writes_is_watched_for_the_runbooks_days(percent: int, days: int) -> None:
    assert PRODUCTION.soak.after(Phase.WRITE_NEW, percent) == days * DAY
    assert percent in SHARES


def test_the_runbooks_shares_are_those_of_a_journey_that_is_told_no_others() -> None:
    assert all(each.ramp == SHARES == (10, 50, 100) for each in (rolled_out(LOCAL), LOCALLY))


@pytest.mark.parametrize(
    ("what", "threshold"), [("errors-critical", 1.0), ("latency-p95", 500.0), ("creates-fail", 2.0)]
)
def test_an_alarm_that_rolls_back_has_the_runbooks_threshold(what: str, threshold: float) -> None:
    (rule,) = [each for each in in_place_rules(MIGRATION, PRODUCTION) if each.what == what]
    assert (rule.severity, rule.threshold) == ("critical", threshold)


def test_the_local_cloud_watches_creates_and_waits_seconds() -> None:
    local = MIGRATION.environment(LOCAL.account, LOCAL.region)
    assert "creates-fail" in [each.what for each in in_place_rules(MIGRATION, local)]
    assert local.soak == LOCAL.soak
