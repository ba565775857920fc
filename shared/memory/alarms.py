"""Alarms that a test sets (the port `Alarms`)."""

from collections.abc import Mapping, Sequence

from shared.model.alarms import Alarm, AlarmState


class MemoryAlarms:
    """Every alarm is there and quiet until a test says otherwise."""

    def __init__(self) -> None:
        self.known: dict[str, Alarm] = {}
        self.absent: set[str] = set()

    def put(self, name: str, state: AlarmState, reason: str = "", since: float = 0.0) -> None:
        """Set an alarm's state."""
        self.known[name] = Alarm(name, state, reason, since)

    def look(self, names: Sequence[str]) -> Mapping[str, Alarm]:
        """Return the alarms of these names that there are."""
        quiet = {name: Alarm(name, AlarmState.OK, "", 0.0) for name in names}
        found = quiet | {name: self.known[name] for name in names if name in self.known}
        return {name: alarm for name, alarm in found.items() if name not in self.absent}
