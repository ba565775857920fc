"""CloudWatch's operations on alarms, answered from our book in the place of moto's dictionary."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.cloudwatch.exceptions import InvalidFormat, ResourceNotFound, ValidationError
from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from local.alarms.alarm import ACTIONS, Alarm, State, name_of
from local.alarms.book import Book, Change
from local.alarms.declared import Refused
from local.alarms.rules import parse
from local.mend import replace
from local.places import ACCOUNT, REGION

Operation = Callable[[Mapping[str, Any]], ActionResult]


def install(book: Book) -> None:
    """Put our operations in the place of moto's, and beside them the two that moto lacks."""
    operations = Operations(book)
    for name in ("put_composite_alarm", "describe_alarm_history"):
        setattr(CloudWatchResponse, name, _method(getattr(operations, name)))
    for name in (
        "put_metric_alarm",
        "describe_alarms",
        "describe_alarms_for_metric",
        "delete_alarms",
        "set_alarm_state",
        "enable_alarm_actions",
        "disable_alarm_actions",
    ):
        replace(CloudWatchResponse, name, _method(getattr(operations, name)))


def _method(operation: Operation) -> Callable[[Any], ActionResult]:
    return lambda response: operation(response._get_params())


class Operations:
    """Each operation, given a request's parameters."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def put_metric_alarm(self, ask: Mapping[str, Any]) -> ActionResult:
        """Make or change an alarm on a metric or an expression."""
        try:
            alarm = self._book.put(ask)
        except Refused as error:
            raise ValidationError(str(error)) from error
        if ask.get("Tags"):
            tagger = cloudwatch_backends[ACCOUNT][REGION].tagger
            tagger.tag_resource(alarm.arn, list(ask["Tags"]))
        return EmptyResult()

    def put_composite_alarm(self, ask: Mapping[str, Any]) -> ActionResult:
        """Make or change an alarm on other alarms."""
        return self.put_metric_alarm(ask)

    def describe_alarms(self, ask: Mapping[str, Any]) -> ActionResult:
        """Describe the alarms that are asked for; metric alarms only, unless told otherwise."""
        kinds = ask.get("AlarmTypes") or ["MetricAlarm"]
        found = [alarm for alarm in self._book.all() if self._asked(alarm, ask)]
        metric = [one.described() for one in found if not one.composite]
        composite = [one.described() for one in found if one.composite]
        return ActionResult(
            {
                "MetricAlarms": metric if "MetricAlarm" in kinds else [],
                "CompositeAlarms": composite if "CompositeAlarm" in kinds else [],
            }
        )

    def _asked(self, alarm: Alarm, ask: Mapping[str, Any]) -> bool:
        """Tell whether a request to describe alarms is about this one."""
        arns = [arn for name in ACTIONS.values() for arn in alarm.declared.get(name) or ()]
        return (
            (not ask.get("AlarmNames") or alarm.name in ask["AlarmNames"])
            and alarm.name.startswith(ask.get("AlarmNamePrefix") or "")
            and ask.get("StateValue") in (None, alarm.state.value)
            and (not ask.get("ActionPrefix") or any(_begins(arns, ask["ActionPrefix"])))
            and alarm.name in (self._children(ask) or {alarm.name})
        )

    def _children(self, ask: Mapping[str, Any]) -> frozenset[str]:
        parent = self._book.get(name_of(ask.get("ChildrenOfAlarmName") or ""))
        if parent is None or not parent.composite:
            return frozenset()
        return parse(str(parent.declared["AlarmRule"])).names

    def describe_alarms_for_metric(self, ask: Mapping[str, Any]) -> ActionResult:
        """Describe the alarms on one metric."""
        found = [
            alarm.described()
            for alarm in self._book.all()
            if alarm.declared.get("MetricName") == ask["MetricName"]
            and alarm.declared.get("Namespace") == ask["Namespace"]
        ]
        return ActionResult({"MetricAlarms": found})

    def delete_alarms(self, ask: Mapping[str, Any]) -> ActionResult:
        """Delete alarms."""
        for name in ask.get("AlarmNames") or ():
            self._book.delete(name)
        return EmptyResult()

    def set_alarm_state(self, ask: Mapping[str, Any]) -> ActionResult:
        """Bring an alarm into a state, until it is evaluated the next time."""
        value, data = ask["StateValue"], ask.get("StateReasonData")
        if value not in ACTIONS:
            raise ValidationError(f"Value '{value}' at 'stateValue' is none of {list(ACTIONS)}")
        if data is not None:
            try:
                json.loads(data)
            except ValueError as error:
                raise InvalidFormat("StateReasonData is not JSON") from error
        if self._book.get(ask["AlarmName"]) is None:
            raise ResourceNotFound(f"Alarm {ask['AlarmName']} does not exist")
        self._book.change(ask["AlarmName"], value, ask["StateReason"], data)
        return EmptyResult()

    def enable_alarm_actions(self, ask: Mapping[str, Any]) -> ActionResult:
        """Switch actions on."""
        return self._set_actions(ask, enabled=True)

    def disable_alarm_actions(self, ask: Mapping[str, Any]) -> ActionResult:
        """Switch actions off."""
        return self._set_actions(ask, enabled=False)

    def _set_actions(self, ask: Mapping[str, Any], *, enabled: bool) -> ActionResult:
        for name in ask.get("AlarmNames") or ():
            self._book.set_actions(name, enabled=enabled)
        return EmptyResult()

    def describe_alarm_history(self, ask: Mapping[str, Any]) -> ActionResult:
        """Describe the changes of state, the newest first."""
        wanted = (None, "StateUpdate")
        items = [
            _item(change)
            for change in self._book.history()
            if ask.get("AlarmName") in (None, change.alarm.name)
            and ask.get("HistoryItemType") in wanted
        ]
        return ActionResult({"AlarmHistoryItems": items[: int(ask.get("MaxRecords") or 100)]})


def _item(change: Change) -> dict[str, Any]:
    """Describe one change as an item of the history."""
    alarm, before = change.alarm, change.before
    data = {"oldState": _told(before), "newState": _told(alarm.state)}
    return {
        "AlarmName": alarm.name,
        "AlarmType": "CompositeAlarm" if alarm.composite else "MetricAlarm",
        "Timestamp": alarm.state.at,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {before.value} to {alarm.state.value}",
        "HistoryData": json.dumps({"version": "1.0", **data}),
    }


def _told(state: State) -> dict[str, Any]:
    told = {"stateValue": state.value, "stateReason": state.reason}
    return told if state.data is None else told | {"stateReasonData": json.loads(state.data)}


def _begins(texts: Iterable[str], prefix: str) -> Iterable[bool]:
    return (text.startswith(prefix) for text in texts)
