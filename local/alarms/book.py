"""All alarms of one account and region, and what follows when one changes its state."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from local.alarms.alarm import ALARM, OK, Alarm, State, unchecked
from local.alarms.declared import Refused, Watch, refuse_unknown, watch_of
from local.alarms.rules import Rule, parse
from local.alarms.texts import moment, spelled_out

Announce = Callable[[Alarm, State], None]
"""Tells the world that an alarm is in another state than the given one, without waiting."""

_REMEMBERED = 1000


@dataclass(frozen=True)
class Change:
    """One change of an alarm's state."""

    alarm: Alarm
    before: State


class Book:
    """Keeps the alarms; a composite one follows its children at once."""

    def __init__(self, announce: Announce) -> None:
        self._announce = announce
        self._guard = threading.RLock()
        self._alarms: dict[str, Alarm] = {}
        self._watches: dict[str, Watch] = {}
        self._rules: dict[str, Rule] = {}
        self._history: deque[Change] = deque(maxlen=_REMEMBERED)

    def put(self, declared: Mapping[str, Any]) -> Alarm:
        """Make or change an alarm, which keeps its state; raises Refused."""
        alarm = Alarm(dict(declared), unchecked(), datetime.now(UTC))
        with self._guard:
            old = self._alarms.get(alarm.name)
            if old is not None and old.composite != alarm.composite:
                raise Refused(f"{alarm.name} is an alarm of another kind")
            if alarm.composite:
                self._rules[alarm.name] = self._rule_of(alarm)
            else:
                self._watches[alarm.name] = watch_of(declared)
            self._alarms[alarm.name] = alarm if old is None else replace(alarm, state=old.state)
            if alarm.composite:
                self._follow(alarm.name, None)
            return self._alarms[alarm.name]

    def delete(self, name: str) -> None:
        """Forget an alarm, if there is one of this name."""
        with self._guard:
            for kept in (self._alarms, self._watches, self._rules):
                kept.pop(name, None)

    def all(self) -> list[Alarm]:
        """List the alarms, as they were made."""
        with self._guard:
            return list(self._alarms.values())

    def get(self, name: str) -> Alarm | None:
        """Give the alarm of a name."""
        with self._guard:
            return self._alarms.get(name)

    def watches(self) -> list[tuple[Alarm, Watch]]:
        """List the metric alarms with what they watch."""
        with self._guard:
            return [(self._alarms[name], watch) for name, watch in self._watches.items()]

    def history(self) -> list[Change]:
        """List the changes, the newest first."""
        with self._guard:
            return list(reversed(self._history))

    def set_actions(self, name: str, *, enabled: bool) -> None:
        """Switch an alarm's actions on or off."""
        with self._guard:
            alarm = self._alarms.get(name)
            if alarm is not None:
                declared = {**alarm.declared, "ActionsEnabled": enabled}
                self._alarms[name] = replace(alarm, declared=declared)

    def change(self, name: str, value: str, reason: str, data: str | None) -> None:
        """Bring an alarm into a state; one that it is in already gets a new reason, no more."""
        with self._guard:
            alarm = self._alarms.get(name)
            if alarm is None:
                return
            before = alarm.state
            at = before.at if before.value == value else datetime.now(UTC)
            changed = replace(alarm, state=State(value, reason, data, at))
            self._alarms[name] = changed
            if before.value == value:
                return
            self._history.append(Change(changed, before))
            self._announce(changed, before)
            for parent, rule in list(self._rules.items()):
                if name in rule.names:
                    self._follow(parent, changed)

    def _rule_of(self, alarm: Alarm) -> Rule:
        """Read a composite alarm's rule; raises Refused, also for alarms that are not there."""
        refuse_unknown(alarm.declared)
        rule = parse(str(alarm.declared["AlarmRule"]))
        unknown = rule.names - self._alarms.keys()
        if unknown:
            raise Refused(f"the alarms {', '.join(sorted(unknown))} in the rule do not exist")
        if alarm.name in rule.names:
            raise Refused("an alarm cannot be in its own rule")
        return rule

    def _follow(self, name: str, child: Alarm | None) -> None:
        """Bring a composite alarm into the state that its rule means now."""
        alarm, rule = self._alarms[name], self._rules[name]
        value = ALARM if rule.holds(self._is_in) else OK
        if alarm.state.value == value:
            return
        if child is None:
            reason = f"{alarm.arn} was created and its alarm rule evaluates to {value}"
        else:
            when = spelled_out(child.state.at)
            reason = f"{child.arn} transitioned to {child.state.value} at {when}"
        self.change(name, value, reason, self._triggers(rule, child))

    def _is_in(self, name: str, value: str) -> bool:
        alarm = self._alarms.get(name)
        return alarm is not None and alarm.state.value == value

    def _triggers(self, rule: Rule, child: Alarm | None) -> str:
        """Name the alarms that made a composite one change, the last of them first."""
        found = [self._alarms[name] for name in sorted(rule.names) if name in self._alarms]
        found.sort(key=lambda one: one.state.at, reverse=True)
        value = None if child is None else child.state.value
        return json.dumps(
            {
                "triggeringAlarms": [
                    {
                        "arn": one.arn,
                        "state": {"value": one.state.value, "timestamp": moment(one.state.at)},
                    }
                    for one in found
                    if value in (None, one.state.value)
                ]
            }
        )
