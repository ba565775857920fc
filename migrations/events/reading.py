"""Reads single values out of a payload, whatever its types: what does not fit is absent.

A path such as `line_items.0.title` names a value by the steps that lead to it. Each function
takes several and answers with the first that leads to something of its kind. No answer is
ever empty text, and numbers that are equal give answers that are equal.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from shared.model.item import Value

Payload = Mapping[str, Value]
Fields = Mapping[str, Value]
"""What a template can show, by name; None where the payload says nothing."""

_NUMBER = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,12})?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})? ?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_MILLISECONDS_FROM = 10**11
"""An epoch time from here on counts milliseconds: in seconds it would be after the year 5000."""
_LARGEST_EPOCH = 10**14


def at(payload: Value, path: str) -> Value:
    """Return the value a path leads to, or None; a step into a list is a position."""
    value = payload
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def text(payload: Payload, *paths: str) -> str | None:
    """Return the first text that is not blank."""
    for path in paths:
        value = at(payload, path)
        if isinstance(value, str) and value.strip():
            return value
    return None


def joined(payload: Payload, *paths: str) -> str | None:
    """Return every text that is not blank, joined by spaces: a first and a last name."""
    found = (text(payload, path) for path in paths)
    return " ".join(each.strip() for each in found if each) or None


def number(payload: Payload, *paths: str) -> Decimal | None:
    """Return the first number, also one that is written as text."""
    for path in paths:
        value = at(payload, path)
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            return Decimal(value)
        if _is_number(value):
            return Decimal(value)
    return None


def label(payload: Payload, *paths: str) -> str | None:
    """Return the first text or whole number as text, for ids that may be either."""
    for path in paths:
        value = at(payload, path)
        if isinstance(value, str) and value.strip():
            return value
        if _is_number(value) and is_whole(Decimal(value)):
            return f"{Decimal(value).to_integral_value():f}"
    return None


def currency(payload: Payload, *paths: str) -> str | None:
    """Return the first currency code, in capitals as ISO 4217 writes it."""
    for path in paths:
        value = at(payload, path)
        if isinstance(value, str) and _CURRENCY.fullmatch(value):
            return value.upper()
    return None


def count(payload: Payload, path: str) -> Decimal | None:
    """Return how many entries a list has."""
    value = at(payload, path)
    return Decimal(len(value)) if isinstance(value, list) else None


def page(payload: Payload, *paths: str) -> str | None:
    """Return the first address without its query, in which sites put what they know of a person."""
    address = text(payload, *paths)
    return None if address is None else re.split(r"[?#]", address, maxsplit=1)[0].strip() or None


def moment(payload: Payload, *paths: str) -> str | None:
    """Return the first time as UTC text in whole seconds; one without an offset is in UTC.

    Times are texts of ISO 8601, also with a space for the T, or seconds or milliseconds
    since 1970.
    """
    for path in paths:
        value = at(payload, path)
        found = _from_text(value) if isinstance(value, str) else _from_epoch(value)
        if found is not None:
            return found.isoformat().replace("+00:00", "Z")
    return None


def is_whole(value: Decimal) -> bool:
    """Tell whether a number has no fraction."""
    return value == value.to_integral_value()


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _from_text(value: str) -> datetime | None:
    found = _TIME.fullmatch(value.strip())
    if found is None:
        return None
    date, time, offset = found.groups()
    try:
        written = datetime.fromisoformat(f"{date}T{time or '00:00:00'}{offset or 'Z'}")
        return written.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_epoch(value: Value) -> datetime | None:
    if not _is_number(value) or not 0 < value < _LARGEST_EPOCH:
        return None
    whole = int(value)
    return datetime.fromtimestamp(whole // 1000 if whole >= _MILLISECONDS_FROM else whole, UTC)
