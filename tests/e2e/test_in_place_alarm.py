"""Creates begin to fail while writes leave the new shape: all goes back to the old by itself."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from demo.stage import CONTROL, stacks_of
from local import lifecycle
from local.places import Places
from migrations.campaigns.migration import MIGRATION
from migrations.campaigns.sample import generate, integrations
from shared.model.item import Item, decode
from shared.model.metrics import NAMESPACE, Metric
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

SEED, COUNT = 8, 20
NAME = MIGRATION.name
ALARMS = f"cutover-{NAME}-"
HOME = "READ_BOTH"


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Deploy the migration by itself, with every record in the new shape."""
    places = Places(tmp_path_factory.mktemp("in_place"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    lifecycle.up(port, detach=True, places=places)
    try:
        lifecycle.deploy([CONTROL, f"{stacks_of(NAME)}-*"], places=places)
        cloud = Cloud(places, NAME)
        cloud.put(cloud.outputs["ReferenceTableName"], integrations(SEED, COUNT))
        cloud.put(cloud.v1, generate(SEED, COUNT))
        cloud.run("migrate", approve="auto", until="WRITE_NEW", ramp=[100])
        assert cloud.run("backfill")["scanned"] == COUNT
        yield cloud
    finally:
        lifecycle.down(places)


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
    tell(upgraded, {Metric.CREATES: 100.0, Metric.CREATES_FAILED: 3.0})
    [started] = eventually(lambda: rollbacks(upgraded))
    output = upgraded.end(started["executionArn"]).output
    return Return(output, before, records(upgraded))


def tell(cloud: Cloud, told: dict[Metric, float]) -> None:
    """Put one value of each metric as the API would."""
    dimensions = {"service": f"cutover-{NAME}", "migration": NAME}
    data = [
        {
            "MetricName": metric.value,
            "Dimensions": [{"Name": name, "Value": each} for name, each in dimensions.items()],
            "Timestamp": datetime.now(UTC),
            "Value": value,
            "Unit": metric.unit.value,
        }
        for metric, value in told.items()
    ]
    cloud.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)


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


def states(cloud: Cloud) -> dict[str, str]:
    """Return every alarm's state by the end of its name."""
    found = cloud.client("cloudwatch").describe_alarms(
        AlarmNamePrefix=ALARMS, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    listed = [*found["MetricAlarms"], *found["CompositeAlarms"]]
    return {each["AlarmName"].removeprefix(ALARMS): each["StateValue"] for each in listed}


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
