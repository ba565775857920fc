"""Creates begin to fail while writes leave the new shape: all goes back to the old by itself.

Then every alarm of a migration in place is made to go off, and to end.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from infra.alarms.in_place import in_place_rules
from infra.alarms.shared import ALARM_QUEUE
from migrations.campaigns.migration import MIGRATION
from migrations.campaigns.sample import generate, integrations
from shared.model.item import Item, decode
from shared.model.metrics import Metric
from tests.e2e.alarming import (
    ALARM,
    FINE,
    RIGHT_FOR_ALL,
    WRONG_FOR_ALL,
    Ordeal,
    Told,
    names,
    states,
    tell,
)
from tests.e2e.apart import deployed_alone
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

SEED, COUNT = 8, 20
NAME = MIGRATION.name
ALARMS = f"cutover-{NAME}-"
HOME = "READ_BOTH"
NAMES = names(in_place_rules(MIGRATION, MIGRATION.environments[0]))

WRONG: Told = {
    **WRONG_FOR_ALL,
    Metric.CREATES: [1.0] * 100,
    Metric.CREATES_FAILED: [1.0] * 100,
    Metric.READ_LATENCY_V1: [5000.0] * 20,
    Metric.QUARANTINED: [1.0],
}
RIGHT: Told = {
    **RIGHT_FOR_ALL,
    Metric.CREATES: [1.0] * 100,
    Metric.CREATES_FAILED: [0.0] * 100,
    Metric.READ_LATENCY_V1: [9.0] * 20,
    Metric.QUARANTINED: [0.0],
}


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Deploy the migration by itself, with every record in the new shape."""
    with deployed_alone(tmp_path_factory.mktemp("in_place"), NAME) as cloud:
        cloud.put(cloud.outputs["ReferenceTableName"], integrations(SEED, COUNT))
        cloud.put(cloud.v1, generate(SEED, COUNT))
        cloud.run("migrate", approve="auto", until="WRITE_NEW", ramp=[100])
        assert cloud.run("backfill")["scanned"] == COUNT
        yield cloud


@dataclass(frozen=True)
class Return:
    """The rollback that an alarm has started: its output, and the records before and after."""

    output: dict[str, Any]
    before: list[Item]
    after: list[Item]


@pytest.fixture(scope="module")
def returned(upgraded: Cloud) -> Return:
    """Tell that three of a hundred creates failed, and wait until all is as it was."""
    before = records(upgraded)
    tell(upgraded, {Metric.CREATES: [100.0], Metric.CREATES_FAILED: [3.0]})
    [started] = eventually(lambda: rollbacks(upgraded))
    output = upgraded.end(started["executionArn"]).output
    return Return(output, before, records(upgraded))


def records(cloud: Cloud) -> list[Item]:
    """Return all records as they are stored, in order of their keys."""
    keys = MIGRATION.source.keys
    return sorted(
        map(decode, cloud.stored(cloud.v1)), key=lambda each: keys.text(keys.key_of(each))
    )


def rollbacks(cloud: Cloud) -> list[dict[str, Any]]:
    """Return the executions of the rollback machine that an alarm started."""
    machine = cloud.outputs["RollbackStateMachineArn"]
    listed = cloud.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return [each for each in listed if each["name"].startswith("alarm-")]


def test_writes_when_creates_fail_go_back_to_the_old_shape_by_themselves(
    upgraded: Cloud, returned: Return
) -> None:
    assert (returned.output["status"], returned.output["phase"]) == ("SUCCEEDED", HOME)
    assert returned.output["written"] == COUNT
    assert upgraded.phase() == HOME


def test_records_when_restored_by_an_alarm_are_those_of_before_the_migration(
    returned: Return,
) -> None:
    assert all(MIGRATION.upgraded(each) for each in returned.before)
    keys = MIGRATION.source.keys
    seeds = sorted(generate(SEED, COUNT), key=lambda each: keys.text(keys.key_of(each)))
    assert returned.after == seeds


def test_the_alarm_when_creates_fail_is_that_of_creates_and_holds_the_migration(
    upgraded: Cloud, returned: Return
) -> None:
    found = states(upgraded)
    assert {name for name, state in found.items() if state == "ALARM"} <= {"creates-fail", "watch"}
    name = f"{ALARMS}creates-fail"
    history = upgraded.client("cloudwatch").describe_alarm_history(AlarmName=name)
    told = [json.loads(each["HistoryData"]) for each in history["AlarmHistoryItems"]]
    assert "ALARM" in [each.get("newState", {}).get("stateValue") for each in told]
    held = upgraded.run("migrate", approve="auto", until="WRITE_NEW", ramp=[100])
    assert (held["status"], held["phase"]) == ("HELD", HOME)


@pytest.fixture(scope="module")
def ordeal(upgraded: Cloud, returned: Return) -> Ordeal:
    """Return the migration where an alarm moves nothing: in the old shape, and held there."""
    assert returned.output["phase"] == HOME
    return Ordeal(upgraded, NAMES, list(ALARM_QUEUE.values()))


@pytest.fixture(scope="module")
def fired(ordeal: Ordeal) -> dict[str, str]:
    """Return which alarms went off when everything was wrong."""
    return ordeal.fire(WRONG)


@pytest.fixture(scope="module")
def cleared(ordeal: Ordeal, fired: dict[str, str]) -> dict[str, str]:
    """Return which alarms ended when all was well again."""
    assert fired
    return ordeal.clear(RIGHT)


def test_alarms_in_place_when_deployed_are_those_declared(upgraded: Cloud) -> None:
    assert set(states(upgraded)) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_alarm_in_place_when_what_it_is_about_happens_goes_off(
    fired: dict[str, str], name: str
) -> None:
    assert fired.get(name) == ALARM


@pytest.mark.parametrize("name", NAMES)
def test_an_alarm_in_place_when_all_is_well_again_is_over(
    cleared: dict[str, str], name: str
) -> None:
    assert cleared.get(name) == FINE
