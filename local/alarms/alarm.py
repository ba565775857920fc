"""An alarm: what it declares, in the API's shape, and the state it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.places import ACCOUNT, REGION

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
ACTIONS = {OK: "OKActions", ALARM: "AlarmActions", INSUFFICIENT: "InsufficientDataActions"}
_ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:"


@dataclass(frozen=True)
class State:
    """A state with its reason, as text and as JSON (None before there is any)."""

    value: str
    reason: str
    data: str | None
    at: datetime


@dataclass(frozen=True)
class Alarm:
    """A metric alarm, or a composite one where the declaration has a rule."""

    declared: Mapping[str, Any]
    state: State
    changed: datetime

    @property
    def name(self) -> str:
        """Give the alarm's name."""
        return str(self.declared["AlarmName"])

    @property
    def arn(self) -> str:
        """Give the alarm's ARN."""
        return _ARN + self.name

    @property
    def composite(self) -> bool:
        """Tell whether the alarm is on other alarms."""
        return "AlarmRule" in self.declared

    def actions(self, value: str) -> list[str]:
        """List what is to be done when the alarm comes into a state."""
        wanted = self.declared.get("ActionsEnabled", True)
        return list(self.declared.get(ACTIONS[value]) or ()) if wanted else []

    def described(self) -> dict[str, Any]:
        """Describe the alarm as the API does."""
        told = {key: value for key, value in self.declared.items() if key != "Tags"}
        if not self.composite and "Metrics" not in told:
            told.setdefault("Dimensions", [])
        return {
            "ActionsEnabled": True,
            **{name: [] for name in ACTIONS.values()},
            **told,
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": self.changed,
            "StateValue": self.state.value,
            "StateReason": self.state.reason,
            "StateReasonData": self.state.data,
            "StateUpdatedTimestamp": self.state.at,
            "StateTransitionedTimestamp": self.state.at,
        }


def name_of(name_or_arn: str) -> str:
    """Give the name of an alarm that is referred to by name or ARN."""
    return name_or_arn.removeprefix(_ARN)


def unchecked() -> State:
    """Give the state of a new alarm."""
    reason = "Unchecked: Initial alarm creation"
    return State(INSUFFICIENT, reason, None, datetime.now(UTC))
