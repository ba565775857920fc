"""Which state values mean.

CloudWatch guide, "Configuring how CloudWatch alarms treat missing data".
More periods are looked at than the alarm counts, so that a missing value is replaced by an older
one. Only where there are too few at all does it matter how the alarm treats what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from local.alarms.alarm import ALARM, INSUFFICIENT, OK
from local.alarms.declared import Limit

_MORE = 2
_SAID_AT_MOST = 5


@dataclass(frozen=True)
class Point:
    """The value of one period; None where there is none."""

    time: int
    value: float | None


@dataclass(frozen=True)
class Verdict:
    """The state that values mean, and why."""

    value: str
    reason: str


def looked_at(limit: Limit) -> int:
    """Give how many periods are looked at."""
    return limit.periods + _MORE


def judge(limit: Limit, newest_first: Sequence[Point], before: str) -> Verdict | None:
    """Give the state that the points mean; None where the alarm keeps the state it has."""
    known = [point for point in newest_first if point.value is not None][: limit.periods]
    missing = limit.periods - len(known)
    if not known:
        return _of_nothing(limit)
    breaching = [point for point in known if limit.breached(point.value or 0.0)]
    count = len(breaching)
    if missing and limit.missing == "breaching":
        count += missing
    if count >= limit.needed:
        return _said(limit, ALARM, breaching or known, before, len(known), missing)
    if missing and _premature(limit, newest_first, known, breaching):
        if limit.missing == "ignore":
            return None
        return _said(limit, ALARM, breaching, before, len(known), missing)
    rest = [point for point in known if point not in breaching]
    return _said(limit, OK, rest or known, before, len(known), missing)


def _premature(
    limit: Limit, all_of_them: Sequence[Point], known: Sequence[Point], breaching: Sequence[Point]
) -> bool:
    """Tell whether all that is known is breaching, and long enough ago to make an alarm of it."""
    if limit.missing not in ("missing", "ignore") or len(breaching) != len(known):
        return False
    return list(all_of_them).index(known[-1]) + 1 >= limit.needed


def _of_nothing(limit: Limit) -> Verdict | None:
    """Judge where no period has a value."""
    number = limit.periods
    plural = "datapoint was" if number == 1 else "datapoints were"
    if limit.missing == "missing":
        return Verdict(INSUFFICIENT, f"Insufficient Data: {number} {plural} unknown.")
    if limit.missing == "ignore":
        return None
    periods = "period" if number == 1 else "periods"
    treated = "Breaching" if limit.missing == "breaching" else "NonBreaching"
    reason = (
        f"Threshold Crossed: no datapoints were received for {number} {periods} and"
        f" {number} missing {plural} treated as [{treated}]."
    )
    return Verdict(ALARM if limit.missing == "breaching" else OK, reason)


def _said(
    limit: Limit, value: str, points: Sequence[Point], before: str, known: int, missing: int
) -> Verdict:
    """Say a state's reason as CloudWatch does."""
    listed = ", ".join(
        f"{point.value} ({datetime.fromtimestamp(point.time, UTC):%d/%m/%y %H:%M:%S})"
        for point in points[:_SAID_AT_MOST]
    )
    verb = ("was" if len(points) == 1 else "were") + ("" if value == ALARM else " not")
    needed = limit.needed if value == ALARM else limit.periods - limit.needed + 1
    plural = "datapoint" if needed == 1 else "datapoints"
    treated = {"breaching": "Breaching", "notBreaching": "NonBreaching"}.get(limit.missing)
    filled = f" and {missing} missing treated as [{treated}]" if missing and treated else ""
    reason = (
        f"Threshold Crossed: {len(points)} out of the last {known} datapoints [{listed}] {verb}"
        f" {limit.words} the threshold ({limit.threshold}){filled}"
        f" (minimum {needed} {plural} for {before} -> {value} transition)."
    )
    return Verdict(value, reason)
