"""Which rules an event matches, for events of senders and for those of AWS's own services."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.events.models import Rule, events_backends

from local.events.targets import Targets
from local.mend import replace
from local.places import ACCOUNT, REGION

_SENT = ("version", "id", "detail-type", "source", "account", "time", "region", "resources")


class Bus:
    """The event buses of one account and region."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets

    def install(self) -> None:
        """Put our way of reaching targets in the place of moto's."""
        bus = self

        def send_to_targets(self: Any, original_event: Any, transform_input: bool = True) -> None:  # noqa: ARG001 - moto's signature
            bus.offer(self, _shaped(original_event))

        replace(Rule, "send_to_targets", send_to_targets)

    def publish(
        self, source: str, kind: str, detail: Mapping[str, Any], resources: Sequence[str]
    ) -> None:
        """Send an event of an AWS service to the default bus."""
        event = event_of(source, kind, detail, resources)
        for rule in list(events_backends[ACCOUNT][REGION].event_buses["default"].rules.values()):
            self.offer(rule, event)

    def offer(self, rule: Any, event: dict[str, Any]) -> None:
        """Send an event to a rule's targets if the rule is enabled and its pattern matches."""
        pattern = rule.event_pattern
        if rule.state == "ENABLED" and pattern.get_pattern() and pattern.matches_event(event):
            self._targets.send(rule, event)


def event_of(
    source: str, kind: str, detail: Mapping[str, Any], resources: Sequence[str]
) -> dict[str, Any]:
    """Give an event in its envelope (EventBridge guide, "Event structure reference")."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": _stamp(datetime.now(UTC)),
        "region": REGION,
        "resources": list(resources),
        "detail": dict(detail),
    }


def _shaped(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Give moto's event as AWS delivers it: with a readable time, and without moto's own fields."""
    event = {name: sent[name] for name in _SENT}
    if not isinstance(sent["time"], str):
        event["time"] = _stamp(datetime.fromtimestamp(float(sent["time"]), UTC))
    return event | {"detail": json.loads(json.dumps(sent["detail"]))}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
