"""Times as an operator reads them: always UTC, and how long from now."""

import time
from datetime import datetime

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def moment(epoch: float) -> str:
    """Return epoch seconds as `2026-11-21 14:03:05Z`."""
    return time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(epoch))


def seconds_of(instant: str) -> float:
    """Return the epoch seconds of a time in an ISO text, as reports and outputs have it."""
    return datetime.fromisoformat(instant).timestamp()


def span(seconds: float) -> str:
    """Return a duration in its two largest units: `2 d 3 h`, `41 s`."""
    left = round(max(0.0, seconds))
    if left == 0:
        return "0 s"
    parts: list[tuple[int, str]] = []
    for size, unit in _UNITS:
        amount, left = divmod(left, size)
        if amount or parts:
            parts.append((amount, unit))
    return " ".join(f"{amount} {unit}" for amount, unit in parts[:2] if amount)


def about(seconds: float) -> str:
    """Return a duration that is not known better in one unit: `90 s`, `20 min`, `5 h`."""
    size, unit = next((each for each in _UNITS if seconds >= 2 * each[0]), (1, "s"))
    return f"{seconds / size:.0f} {unit}"


def distance(then: float, now: float) -> str:
    """Return how far a time lies from now: `5 min ago`, `in 3 s`."""
    if abs(then - now) < 1:
        return "now"
    return f"in {span(then - now)}" if then > now else f"{span(now - then)} ago"
