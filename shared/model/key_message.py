"""The message that names one record in a queue of keys: the key, and nothing else of it."""

import json

from shared.model.errors import InvalidInput
from shared.model.key import Key, KeySchema


def key_message(keys: KeySchema, key: Key) -> str:
    """Return a key as a message's body: plain ASCII, since SQS refuses some characters."""
    return json.dumps({"key": keys.text(key)})


def key_in(keys: KeySchema, body: str) -> Key:
    """Return the key that a message's body holds; raise InvalidInput when it is none.

    One that no table can hold is none: a batch is read at once, and would fail as a whole over it.
    """
    try:
        key = keys.parse(json.loads(body)["key"])
        keys.key_of(keys.attributes(key))
        return key
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput("a message's body is no key", field="body") from error
