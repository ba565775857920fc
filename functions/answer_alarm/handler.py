"""Answers the alarm that watches the migration; EventBridge calls it when the alarm goes off."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from functions.entry import Call, Event, workflow_step
from shared.engine.alarm_answer import Answer, answer_alarm
from shared.model.alarms import AlarmEvent, AlarmState


class _Given(BaseModel):
    """A part of the event; its form is AWS's and may grow, so what else it has is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class State(_Given):
    """The state that the alarm has changed to, why, and when."""

    value: AlarmState
    reason: str = ""
    timestamp: datetime


class Detail(_Given):
    """Which alarm has changed."""

    alarmName: str  # noqa: N815 - AWS's own name
    state: State


class AlarmChange(Event):
    """A "CloudWatch Alarm State Change" event (CloudWatch guide, "Alarm events")."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    detail: Detail


class Answered(BaseModel):
    """What the alarm led to."""

    answer: Answer


@workflow_step(AlarmChange)
def handler(call: Call[AlarmChange]) -> Answered:
    """Take readers home, or call a person; a change to another state than ALARM is nothing."""
    detail = call.event.detail
    state = detail.state
    if state.value is not AlarmState.ALARM:
        return Answered(answer=Answer.NOTHING)
    event = AlarmEvent(call.event.id, detail.alarmName, state.timestamp.timestamp(), state.reason)
    return Answered(answer=answer_alarm(call.world, event))
