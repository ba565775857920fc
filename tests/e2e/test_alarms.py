"""Every alarm over the deployed cloud: it goes off by what it is about, and ends when that does.

All are made to go off together and then to end together: a round takes as long as the slowest.
"""

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.alarms.paired import QUEUES, paired_rules
from shared import catalogue
from shared.model.metrics import NAMESPACE, Metric
from tests.e2e.cloud import PATIENCE, Cloud, eventually

pytestmark = pytest.mark.e2e

MIGRATION = catalogue.load("personnel")
RULES = paired_rules(MIGRATION, MIGRATION.environments[0])
PREFIX = "cutover-personnel-"
NAMES = [*(rule.what for rule in RULES), "watch"]
ALARM, FINE = "ALARM", "OK"

Told = dict[Metric, list[float]]
WRONG: Told = {
    Metric.REQUESTS: [1.0] * 20,
    Metric.ERRORS: [1.0] * 20,
    Metric.READS_V2: [1.0] * 20,
    Metric.READ_ERRORS_V2: [1.0] * 20,
    Metric.READ_LATENCY_V1: [10.0] * 20,
    Metric.BASELINE_READ_LATENCY: [10.0],
    Metric.READ_LATENCY_V2: [5000.0] * 20,
    Metric.MISMATCHED: [1.0],
    Metric.SHADOW_REAL: [1.0],
    Metric.CHECKPOINT_AGE: [3600.0],
    Metric.TRIPWIRE_LAG: [3600.0],
    Metric.CERTIFICATE_AGE: [7 * 86400.0],
}
"""What is told when everything is wrong at once."""
RIGHT: Told = {
    Metric.REQUESTS: [1.0] * 20,
    Metric.ERRORS: [0.0] * 20,
    Metric.READS_V2: [1.0] * 20,
    Metric.READ_ERRORS_V2: [0.0] * 20,
    Metric.READ_LATENCY_V1: [10.0] * 20,
    Metric.BASELINE_READ_LATENCY: [10.0],
    Metric.READ_LATENCY_V2: [9.0] * 20,
    Metric.MISMATCHED: [0.0],
    Metric.CHECKPOINT_AGE: [0.0],
    Metric.CERTIFICATE_AGE: [0.0],
}
"""What is told when all is well; what tells nothing then (no write, no difference) is left out."""


def dimensions() -> list[dict[str, str]]:
    of = {"service": "cutover-personnel", "migration": "personnel"}
    return [{"Name": name, "Value": value} for name, value in of.items()]


def tell(cloud: Cloud, told: Told) -> None:
    """Put values of metrics as the functions would."""
    data = [
        {
            "MetricName": metric.value,
            "Dimensions": dimensions(),
            "Timestamp": datetime.now(UTC),
            "Values": values,
            "Unit": metric.unit.value,
        }
        for metric, values in told.items()
    ]
    cloud.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)


def die(cloud: Cloud) -> None:
    """Let functions end without an answer, by events that they cannot read."""
    client = cloud.client("lambda")
    for name in ("serve-records", "observe-migration"):
        for _ in range(8):
            answer = client.invoke(FunctionName=f"{PREFIX}{name}", Payload=b"[]")
            assert "FunctionError" in answer


def states(cloud: Cloud) -> dict[str, str]:
    """Return every alarm's state by the end of its name."""
    found = cloud.client("cloudwatch").describe_alarms(
        AlarmNamePrefix=PREFIX, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    listed = [*found["MetricAlarms"], *found["CompositeAlarms"]]
    return {each["AlarmName"].removeprefix(PREFIX): each["StateValue"] for each in listed}


def seen(cloud: Cloud, wanted: str, told: Told) -> dict[str, str]:
    """Tell the same again and again until all alarms are in a state; return those they reached."""
    reached: dict[str, str] = {}
    deadline = time.monotonic() + PATIENCE
    while set(reached) != set(NAMES) and time.monotonic() < deadline:
        tell(cloud, told)
        if told is WRONG:
            die(cloud)
        reached |= {name: state for name, state in states(cloud).items() if state == wanted}
        time.sleep(0.5)
    return reached


@pytest.fixture(scope="module")
def queues(cloud: Cloud) -> Callable[[], None]:
    """Put a message into every queue of what was given up; return what takes them out."""
    client = cloud.client("sqs")
    names = [f"{PREFIX}{end}" for end in QUEUES.values()]
    urls = [client.get_queue_url(QueueName=name)["QueueUrl"] for name in names]
    for url in urls:
        client.send_message(QueueUrl=url, MessageBody="{}")

    def empty() -> None:
        for url in urls:
            client.purge_queue(QueueUrl=url)

    return empty


@pytest.fixture(scope="module")
def fired(cloud: Cloud, queues: Callable[[], None]) -> dict[str, str]:
    """Return which alarms went off when everything was wrong."""
    return seen(cloud, ALARM, WRONG)


@pytest.fixture(scope="module")
def cleared(cloud: Cloud, fired: dict[str, str], queues: Callable[[], None]) -> dict[str, str]:
    """Return which alarms ended when all was well again."""
    assert fired
    queues()
    return seen(cloud, FINE, RIGHT)


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
        Dimensions=dimensions(),
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Minimum"],
    )
    return sorted({point["Minimum"] for point in answer["Datapoints"]})
