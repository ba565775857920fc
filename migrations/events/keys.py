"""The keys of events, which stay as they are."""

from shared.model.errors import InvalidInput
from shared.model.key import PARTITION_BYTES, Key, KeySchema

KEYS = KeySchema("event_id")
"""An event is one item with nothing beside it, so its id alone is the key."""


def key_of(event_id: str) -> Key:
    """Return the key of an event; raise InvalidInput for an id that has none."""
    if not event_id or len(event_id.encode()) > PARTITION_BYTES:
        raise InvalidInput("an event_id must be 1 to 2,048 bytes long", field="event_id")
    return Key(event_id)
