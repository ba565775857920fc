"""The time of AWS on an operator's machine, whose own clock may be wrong (the port `Clock`).

A move by hand writes its time onto the control item and holds the settle time against its own
clock. So a laptop that is minutes ahead would move on while instances still act on the phase
before. Every answer of AWS carries its `Date`, in whole seconds (RFC 9110, "Date"): each one
bounds how far this machine is off, and many of them to within about a second.
"""

import threading
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from shared.ports import Clock

RESOLUTION = 1.0
"""Seconds that a `Date` may be behind the moment at which it was written."""


class ServerClock:
    """The machine's clock, set right by as much as what AWS says about the time calls for."""

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._lock = threading.Lock()
        self._asked = threading.local()
        self._bounds: tuple[float, float] | None = None

    def listen(self, client: Any) -> None:
        """Learn from every answer that a boto3 client gets from now on."""
        client.meta.events.register("before-send", self._sent)
        client.meta.events.register("response-received", self._received)

    def hear(self, date: float, asked: float, answered: float) -> None:
        """Learn from one answer: its `Date`, and when it was asked for and came, by this clock."""
        low, high = date - answered, date + RESOLUTION - asked
        with self._lock:
            if self._bounds is not None:
                both = max(low, self._bounds[0]), min(high, self._bounds[1])
                if both[0] <= both[1]:  # else this machine's clock was set meanwhile
                    low, high = both
            self._bounds = low, high

    @property
    def offset(self) -> float:
        """Return the seconds that AWS is surely ahead of this machine (below 0: behind it).

        It is the least that what was heard allows: so no answer makes a good clock worse.
        """
        with self._lock:
            low, high = self._bounds or (0.0, 0.0)
            return max(low, min(0.0, high))

    def wall(self) -> float:
        """Return the time of day in epoch seconds, as AWS has it."""
        return self._own.wall() + self.offset

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return self._own.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._own.sleep(seconds)

    def _sent(self, **_: Any) -> None:
        self._asked.at = self._own.wall()

    def _received(self, response_dict: Mapping[str, Any] | None = None, **_: Any) -> None:
        asked = getattr(self._asked, "at", None)
        text = (response_dict or {}).get("headers", {}).get("date")
        if asked is None or text is None:
            return  # no answer came, or it says nothing about the time
        try:
            date = parsedate_to_datetime(text).timestamp()
        except ValueError:
            return  # a proxy's own words
        self.hear(date, asked, self._own.wall())
