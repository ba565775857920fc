"""Alarms in CloudWatch (the port `Alarms`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.aws.errors import translated
from shared.model.alarms import Alarm, AlarmState


class CloudWatchAlarms:
    """Metric and composite alarms of one account and region, by their names."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch

    def look(self, names: Sequence[str]) -> Mapping[str, Alarm]:
        """Return the alarms of these names that there are, at most 100 of them."""
        with translated(writes=False):
            answer = self._cloudwatch.describe_alarms(
                AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        listed = [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]
        return {each["AlarmName"]: _alarm(each) for each in listed}


def _alarm(described: Mapping[str, Any]) -> Alarm:
    """Return an alarm; the time of its last transition is absent until it had one."""
    since = described.get("StateTransitionedTimestamp") or described["StateUpdatedTimestamp"]
    return Alarm(
        described["AlarmName"],
        AlarmState(described["StateValue"]),
        described.get("StateReason") or "",
        since.timestamp(),
    )
