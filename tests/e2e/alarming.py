"""Makes every alarm of a deployed migration go off, and end, by what it is about."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.alarms.rule import AlarmRule
from shared.model.metrics import NAMESPACE, Metric
from tests.e2e.cloud import PATIENCE, Cloud

ALARM, FINE = "ALARM", "OK"

Told = Mapping[Metric, Sequence[float]]
WRONG_FOR_ALL: Told = {
    Metric.REQUESTS: [1.0] * 20,
    Metric.ERRORS: [1.0] * 20,
    Metric.BASELINE_READ_LATENCY: [10.0],
    Metric.MISMATCHED: [1.0],
    Metric.CHECKPOINT_AGE: [3600.0],
}
"""What is told of any migration when everything is wrong at once."""
RIGHT_FOR_ALL: Told = {
    Metric.REQUESTS: [1.0] * 20,
    Metric.ERRORS: [0.0] * 20,
    Metric.BASELINE_READ_LATENCY: [10.0],
    Metric.MISMATCHED: [0.0],
    Metric.CHECKPOINT_AGE: [0.0],
}
"""What is told of any migration when all is well."""


def names(rules: Sequence[AlarmRule]) -> list[str]:
    """Return the ends of the names of a migration's alarms, the composite among them."""
    return [*(rule.what for rule in rules), "watch"]


def dimensions(cloud: Cloud) -> list[dict[str, str]]:
    """Return what the metrics of a migration are told under."""
    of = {"service": f"cutover-{cloud.migration}", "migration": cloud.migration}
    return [{"Name": name, "Value": value} for name, value in of.items()]


def tell(cloud: Cloud, told: Told) -> None:
    """Put values of metrics as the functions would."""
    data = [
        {
            "MetricName": metric.value,
            "Dimensions": dimensions(cloud),
            "Timestamp": datetime.now(UTC),
            "Values": list(values),
            "Unit": metric.unit.value,
        }
        for metric, values in told.items()
    ]
    cloud.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)


def states(cloud: Cloud) -> dict[str, str]:
    """Return every alarm's state by the end of its name."""
    prefix = f"cutover-{cloud.migration}-"
    found = cloud.client("cloudwatch").describe_alarms(
        AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    listed = [*found["MetricAlarms"], *found["CompositeAlarms"]]
    return {each["AlarmName"].removeprefix(prefix): each["StateValue"] for each in listed}


@dataclass(frozen=True, slots=True)
class Ordeal:
    """A migration of which everything goes wrong at once, and then nothing any more.

    All alarms go off together and end together: a round takes as long as the slowest.
    """

    cloud: Cloud
    alarms: Sequence[str]
    queues: Sequence[str]
    """The ends of the names of the queues of what was given up."""

    def fire(self, told: Told) -> dict[str, str]:
        """Make everything wrong; return the alarms that went off."""
        for url in self._urls():
            self.cloud.client("sqs").send_message(QueueUrl=url, MessageBody="{}")
        return self._seen(ALARM, told)

    def clear(self, told: Told) -> dict[str, str]:
        """Make everything well; return the alarms that ended."""
        for url in self._urls():
            self.cloud.client("sqs").purge_queue(QueueUrl=url)
        return self._seen(FINE, told)

    def _urls(self) -> list[str]:
        client = self.cloud.client("sqs")
        ends = [f"cutover-{self.cloud.migration}-{end}" for end in self.queues]
        return [client.get_queue_url(QueueName=name)["QueueUrl"] for name in ends]

    def _seen(self, wanted: str, told: Told) -> dict[str, str]:
        """Tell the same again and again until all alarms were in a state; return which were."""
        reached: dict[str, str] = {}
        deadline = time.monotonic() + PATIENCE
        while set(reached) != set(self.alarms) and time.monotonic() < deadline:
            tell(self.cloud, told)
            if wanted == ALARM:
                self._die()
            now = states(self.cloud)
            reached |= {name: state for name, state in now.items() if state == wanted}
            time.sleep(0.5)
        return reached

    def _die(self) -> None:
        """Let functions end without an answer, by events that they cannot read."""
        client = self.cloud.client("lambda")
        for name in ("serve-records", "observe-migration"):
            for _ in range(8):
                function = f"cutover-{self.cloud.migration}-{name}"
                answer = client.invoke(FunctionName=function, Payload=b"[]")
                assert "FunctionError" in answer
