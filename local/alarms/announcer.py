"""The event and the notifications of an alarm's change, in AWS's shapes.

CloudWatch guide, "Alarm events and EventBridge", and "Notifying users on alarm changes".
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.alarms.alarm import ACTIONS, Alarm, State
from local.alarms.texts import moment
from local.clients import Clients
from local.events.bus import Bus
from local.places import ACCOUNT

_log = logging.getLogger(__name__)
_PLACE = "US East (N. Virginia)"
_TOLD_OF_A_METRIC = (
    "MetricName",
    "Namespace",
    "Period",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "ComparisonOperator",
    "Threshold",
    "Unit",
    "Metrics",
)


class Announcer:
    """Tells of changes in their order, without making the one who changes wait."""

    def __init__(self, bus: Bus, clients: Clients) -> None:
        self._bus = bus
        self._clients = clients
        self._later = ThreadPoolExecutor(1, thread_name_prefix="alarm-announcer")

    def __call__(self, alarm: Alarm, before: State) -> None:
        """Tell of an alarm that was in another state before."""
        self._later.submit(self._tell, alarm, before)

    def close(self) -> None:
        """Drop what was to be told."""
        self._later.shutdown(wait=False, cancel_futures=True)

    def _tell(self, alarm: Alarm, before: State) -> None:
        try:
            kind = "CloudWatch Alarm State Change"
            self._bus.publish("aws.cloudwatch", kind, detail(alarm, before), [alarm.arn])
        except Exception:  # noqa: BLE001 - the entry point of an announcement: logged, and the rest told
            _log.exception("the event of alarm %s failed", alarm.name)
        for topic in alarm.actions(alarm.state.value):
            self._notify(topic, alarm, before)

    def _notify(self, topic: str, alarm: Alarm, before: State) -> None:
        subject = f'{alarm.state.value}: "{alarm.name}" in {_PLACE}'
        message = json.dumps(notification(alarm, before))
        try:
            self._clients("sns").publish(TopicArn=topic, Subject=subject[:100], Message=message)
        except (BotoCoreError, ClientError) as error:
            _log.error("alarm %s did not reach %s: %s", alarm.name, topic, error)


def detail(alarm: Alarm, before: State) -> dict[str, Any]:
    """Give the detail of the event."""
    return {
        "alarmName": alarm.name,
        "configuration": _configuration(alarm),
        "previousState": _state(before),
        "state": _state(alarm.state),
    }


def notification(alarm: Alarm, before: State) -> dict[str, Any]:
    """Give what a topic is told."""
    told = alarm.described()
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": told.get("AlarmDescription"),
        "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": moment(alarm.changed),
        "NewStateValue": alarm.state.value,
        "NewStateReason": alarm.state.reason,
        "StateChangeTime": moment(alarm.state.at),
        "Region": _PLACE,
        "AlarmArn": alarm.arn,
        "OldStateValue": before.value,
        **{name: told[name] for name in ACTIONS.values()},
    }
    if alarm.composite:
        return message | {"AlarmRule": told["AlarmRule"]}
    trigger = {name: told[name] for name in _TOLD_OF_A_METRIC if name in told}
    trigger["TreatMissingData"] = told.get("TreatMissingData", "missing")
    if "Metrics" not in told:
        statistic = told.get("Statistic")
        trigger["StatisticType"] = "Statistic" if statistic else "ExtendedStatistic"
        trigger["Statistic"] = statistic.upper() if statistic else told.get("ExtendedStatistic")
        trigger["Dimensions"] = [
            {"name": pair["Name"], "value": pair["Value"]} for pair in told["Dimensions"]
        ]
    return message | {"Trigger": trigger}


def _state(state: State) -> dict[str, Any]:
    told = {"value": state.value, "reason": state.reason, "timestamp": moment(state.at)}
    return told if state.data is None else told | {"reasonData": state.data}


def _configuration(alarm: Alarm) -> dict[str, Any]:
    """Give what an alarm declares, under the names of events."""
    declared = alarm.declared
    described = declared.get("AlarmDescription")
    more = {"description": described} if described else {}
    if alarm.composite:
        return {"alarmRule": declared["AlarmRule"], **more}
    if declared.get("Metrics"):
        return {"metrics": [_query(given) for given in declared["Metrics"]], **more}
    stat = declared.get("Statistic") or declared.get("ExtendedStatistic")
    wanted = {"Metric": declared, "Period": declared["Period"], "Stat": stat}
    if "Unit" in declared:
        wanted["Unit"] = declared["Unit"]
    query = {"Id": str(uuid.uuid5(uuid.NAMESPACE_URL, alarm.arn)), "MetricStat": wanted}
    return {"metrics": [_query(query)], **more}


def _query(given: Mapping[str, Any]) -> dict[str, Any]:
    told = {"id": given["Id"], "returnData": bool(given.get("ReturnData", True))}
    if "Label" in given:
        told["label"] = given["Label"]
    if "MetricStat" not in given:
        return told | {"expression": given["Expression"]}
    wanted = given["MetricStat"]
    metric = wanted["Metric"]
    dimensions = {pair["Name"]: pair["Value"] for pair in metric.get("Dimensions") or ()}
    stat = {
        "metric": {
            "namespace": metric["Namespace"],
            "name": metric["MetricName"],
            "dimensions": dimensions,
        },
        "period": wanted["Period"],
        "stat": wanted["Stat"],
    }
    if "Unit" in wanted:
        stat["unit"] = wanted["Unit"]
    return told | {"metricStat": stat}
