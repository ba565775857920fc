"""Times as CloudWatch writes them in reasons, events and notifications."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(at: datetime) -> str:
    """Write a time with milliseconds and zone, such as 2019-10-02T17:04:40.985+0000."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def spelled_out(at: datetime) -> str:
    """Write a time for people, such as Friday 04 August, 2023 12:54:46 UTC."""
    return f"{at.astimezone(UTC):%A %d %B, %Y %H:%M:%S} UTC"
