"""Every alarm over the deployed cloud: it goes off by what it is about, and ends when that does."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.alarms.paired import QUEUES, paired_rules
from shared import catalogue
from shared.model.metrics import NAMESPACE, Metric
from tests.e2e.alarming import (
    ALARM,
    FINE,
    RIGHT_FOR_ALL,
    WRONG_FOR_ALL,
    Ordeal,
    Told,
    dimensions,
    names,
    states,
)
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

MIGRATION = catalogue.load("personnel")
NAMES = names(paired_rules(MIGRATION, MIGRATION.environments[0]))
PREFIX = "cutover-personnel-"

WRONG: Told = {
    **WRONG_FOR_ALL,
    Metric.READS_V2: [1.0] * 20,
    Metric.READ_ERRORS_V2: [1.0] * 20,
    Metric.READ_LATENCY_V1: [10.0] * 20,
    Metric.READ_LATENCY_V2: [5000.0] * 20,
    Metric.SHADOW_REAL: [1.0],
    Metric.TRIPWIRE_LAG: [3600.0],
    Metric.CERTIFICATE_AGE: [7 * 86400.0],
}
RIGHT: Told = {
    **RIGHT_FOR_ALL,
    Metric.READS_V2: [1.0] * 20,
    Metric.READ_ERRORS_V2: [0.0] * 20,
    Metric.READ_LATENCY_V1: [10.0] * 20,
    Metric.READ_LATENCY_V2: [9.0] * 20,
    Metric.CERTIFICATE_AGE: [0.0],
}
"""When all is well; what tells nothing then (no write, no difference) is left out."""


@pytest.fixture(scope="module")
def ordeal(cloud: Cloud) -> Ordeal:
    return Ordeal(cloud, NAMES, list(QUEUES.values()))


@pytest.fixture(scope="module")
def fired(ordeal: Ordeal) -> dict[str, str]:
    """Return which alarms went off when everything was wrong."""
    return ordeal.fire(WRONG)


@pytest.fixture(scope="module")
def cleared(ordeal: Ordeal, fired: dict[str, str]) -> dict[str, str]:
    """Return which alarms ended when all was well again."""
    assert fired
    return ordeal.clear(RIGHT)


def test_alarms_when_deployed_are_those_declared_and_all_quiet(cloud: Cloud) -> None:
    found = states(cloud)
    assert set(found) == set(NAMES)
    assert ALARM not in found.values()


@pytest.mark.parametrize("name", NAMES)
def test_an_alarm_when_what_it_is_about_happens_goes_off(fired: dict[str, str], name: str) -> None:
    assert fired.get(name) == ALARM


@pytest.mark.parametrize("name", NAMES)
def test_an_alarm_when_all_is_well_again_is_over(cleared: dict[str, str], name: str) -> None:
    assert cleared.get(name) == FINE


def test_an_alarm_when_it_went_off_says_why_and_where_to_read_on(
    cloud: Cloud, cleared: dict[str, str]
) -> None:
    assert cleared
    client = cloud.client("cloudwatch")
    name = f"{PREFIX}validation-errors"
    [described] = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert described["AlarmDescription"].endswith("docs/alarms.md#validation-errors")
    history = client.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")
    told = " ".join(each["HistorySummary"] for each in history["AlarmHistoryItems"])
    assert "to ALARM" in told
    assert "ALARM to OK" in told


def test_the_dashboard_when_deployed_has_the_name_of_the_output(cloud: Cloud) -> None:
    name = cloud.outputs["DashboardName"]
    found = cloud.client("cloudwatch").get_dashboard(DashboardName=name)
    widgets = json.loads(found["DashboardBody"])["widgets"]
    assert "alarm" in {each["type"] for each in widgets}


def test_what_the_observer_prints_when_called_is_what_the_alarms_look_at(cloud: Cloud) -> None:
    event = {"id": str(uuid.uuid4()), "source": "aws.events", "detail-type": "Scheduled Event"}
    answer = cloud.client("lambda").invoke(
        FunctionName=f"{PREFIX}observe-migration", Payload=json.dumps(event)
    )
    told = json.load(answer["Payload"])["gauges"]
    assert {"CertificateAge", "CheckpointAge", "Mismatched", "Quarantined"} <= set(told)
    assert eventually(lambda: _minimum(cloud, "Quarantined") == [0.0])


def _minimum(cloud: Cloud, metric: str) -> list[float]:
    now = datetime.now(UTC)
    answer: dict[str, Any] = cloud.client("cloudwatch").get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=metric,
        Dimensions=dimensions(cloud),
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Minimum"],
    )
    return sorted({point["Minimum"] for point in answer["Datapoints"]})
