"""What the monitoring says of a migration: alarms, and the event of one that goes off."""

from dataclasses import dataclass
from enum import StrEnum


class AlarmState(StrEnum):
    """The states of an alarm, under CloudWatch's names."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm's state, why it is in it, and since when (epoch seconds)."""

    name: str
    state: AlarmState
    reason: str
    since: float


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """An alarm that has gone off; `id` is the same when the event is delivered twice."""

    id: str
    alarm: str
    at: float
    reason: str
