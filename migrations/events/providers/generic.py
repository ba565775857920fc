"""The fallback: payloads of providers nobody has described, read by the names they use.

`{"product": {"name": "Mug"}}` becomes `product_name`. Lists have no names and are left out, as
is what a public template should not show, and whatever is too long or too much for one.
"""

import re
from collections import deque
from decimal import Decimal

from migrations.events.provider import FALLBACK, Provider, Shape
from migrations.events.reading import Fields, Payload
from shared.model.item import Value

_MOST_FIELDS = 100
_LONGEST_NAME = 100
_LONGEST_TEXT = 1024
_PRIVATE = frozenset(
    ("email", "mail", "phone", "mobile", "ip", "address", "street", "zip", "latitude", "longitude")
) | {"password", "secret", "token", "signature"}
"""Words in names of what is nobody else's business: templates are shown to everybody."""

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


def _fields(payload: Payload) -> Fields:
    """Return the named values, the shallow before the deep and then by name.

    The order decides between two that get the same name, and which are too much; a map's own
    order does not, for the table does not keep it.
    """
    found: dict[str, Value] = {}
    levels: deque[tuple[tuple[str, ...], Payload]] = deque([((), payload)])
    while levels:
        path, level = levels.popleft()
        for name in sorted(level):
            words, value = (*path, *_words(name)), level[name]
            if len("_".join(words)) > _LONGEST_NAME or _PRIVATE & set(words):
                continue
            if isinstance(value, dict):
                levels.append((words, value))
            elif words and _can_be_shown(value) and len(found) < _MOST_FIELDS:
                found.setdefault("_".join(words), value)
    return found


def _words(name: str) -> list[str]:
    """Return the words of a name, whatever it parts them by: `productName` has two."""
    return [word.lower() for word in _WORDS.findall(name)]


def _can_be_shown(value: Value) -> bool:
    if isinstance(value, str):
        return bool(value.strip()) and len(value) <= _LONGEST_TEXT
    return isinstance(value, bool | int | Decimal)


def _anything(payload: Payload) -> bool:
    return isinstance(payload, dict)


ANYTHING = Shape(
    kind="unknown",
    tells=_anything,
    fields=_fields,
    moments=("timestamp", "occurred_at", "created_at", "created", "date"),
    identities=("id", "event_id"),
    example={
        "id": "1f0c",
        "productName": "Blue mug",
        "customer": {"name": "Ann Lee", "email": "ann@example.org", "City": "Paris"},
        "amount": Decimal("39.80"),
        "gift": False,
        "tags": ["new"],
        "timestamp": "2026-02-03 09:00:00",
    },
)

PROVIDER = Provider(FALLBACK, (ANYTHING,))
