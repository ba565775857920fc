"""Rules with a rate, fired as EventBridge does; moto keeps them and fires none.

A rule fires for the first time one interval after it was made, changed or enabled. How long an
interval lasts here is told in `local.pace`.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from moto.events.models import events_backends

from local import pace
from local.events.bus import event_of
from local.events.targets import Targets
from local.looking import Looking
from local.places import ACCOUNT, REGION

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.5
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}

Deliver = Callable[[Any, dict[str, Any]], None]
"""Sends an event to a rule's targets, and does not wait for them."""


@dataclass(frozen=True)
class _Due:
    """When a rule fires next, by its schedule as it was then."""

    schedule: str
    at: float


class Schedules:
    """What fires when; `monotonic` gives seconds, `rules` what moto holds, `lasting` the pace."""

    def __init__(
        self,
        rules: Callable[[], Iterable[Any]],
        deliver: Deliver,
        monotonic: Callable[[], float] = time.monotonic,
        lasting: Callable[[float], float] = pace.lasting,
    ) -> None:
        self._rules = rules
        self._deliver = deliver
        self._monotonic = monotonic
        self._lasting = lasting
        self._due: dict[str, _Due] = {}
        self._unfit: set[str] = set()

    def look(self) -> None:
        """Fire every rule whose time has come, and forget those that are gone or disabled."""
        now = self._monotonic()
        enabled = {rule.arn: rule for rule in self._rules() if self._fit(rule)}
        for gone in self._due.keys() - enabled.keys():
            del self._due[gone]
        for arn, rule in enabled.items():
            due = self._due.get(arn)
            if due is None or due.schedule != rule.scheduled_expression:
                self._due[arn] = _Due(rule.scheduled_expression, now + self._interval(rule))
            elif due.at <= now:
                self._due[arn] = _Due(due.schedule, _next(due.at, self._interval(rule), now))
                self._fire(rule)

    def report(self) -> list[dict[str, object]]:
        """Describe every rule that fires, for the status page."""
        now = self._monotonic()
        return [
            {"rule": arn, "schedule": due.schedule, "fires_in": round(max(0.0, due.at - now), 1)}
            for arn, due in sorted(self._due.items())
        ]

    def _interval(self, rule: Any) -> float:
        """Return the seconds between two firings of a rule whose schedule is a rate."""
        (found,) = _RATE.findall(rule.scheduled_expression)
        return self._lasting(float(int(found[0]) * _SECONDS[found[1]]))

    def _fit(self, rule: Any) -> bool:
        """Tell whether a rule is to be fired; of an enabled one that cannot be, say so once."""
        schedule = rule.scheduled_expression
        if rule.state != "ENABLED" or not schedule:
            return False
        if _RATE.fullmatch(schedule):
            return True
        if rule.arn not in self._unfit:
            self._unfit.add(rule.arn)
            _log.error("%s: the local cloud fires rates only, not %s", rule.arn, schedule)
        return False

    def _fire(self, rule: Any) -> None:
        """Send the event of a schedule (EventBridge guide, "Scheduled events")."""
        self._deliver(rule, event_of("aws.events", "Scheduled Event", {}, [rule.arn]))


class Scheduler(Looking):
    """The thread that looks at the schedules as long as the server lives."""

    def __init__(self, targets: Targets) -> None:
        self.schedules = Schedules(_rules, targets.send)
        super().__init__(self.schedules.look, every=_LOOK_SECONDS, at="schedules")


def _rules() -> list[Any]:
    return list(events_backends[ACCOUNT][REGION].event_buses["default"].rules.values())


def _next(at: float, interval: float, now: float) -> float:
    """Return the first firing after now: those that were missed in a sleep are not made up for."""
    return at + interval * (1 + (now - at) // interval)
