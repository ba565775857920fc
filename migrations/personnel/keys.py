"""The keys of personnel records, which are the same in both tables."""

import json
from collections.abc import Mapping

from shared.model.errors import InvalidInput
from shared.model.item import Item, Value
from shared.model.key import SEPARATOR, Key, KeySchema

KEYS = KeySchema("PK", "SK")
PREFIX = "EMPLOYEE#"
SORT = "PROFILE"
PARTITION_LIMIT_BYTES = 2048
"""The longest partition value; "Service, account, and table quotas" of the AWS developer guide."""


def key_of(employee_id: str) -> Key:
    """Return the key of an employee's record; raise InvalidInput for an id that has none."""
    partition = PREFIX + employee_id
    if not employee_id or len(partition.encode()) > PARTITION_LIMIT_BYTES:
        raise InvalidInput("an employee_id must be 1 to 2,039 bytes long", field="employee_id")
    return Key(partition, SORT)


def employee_id_of(item: Mapping[str, Value]) -> str | None:
    """Return the employee_id in an item's key, or None when the key is not an employee's."""
    partition, sort = item.get("PK"), item.get("SK")
    if not isinstance(partition, str) or not partition.startswith(PREFIX) or sort != SORT:
        return None
    return partition.removeprefix(PREFIX) or None


def parse_key(text: str) -> Key:
    """Return the key a person means by `EMPLOYEE#x|PROFILE`, `EMPLOYEE#x`, `x` or JSON.

    The first form names any key of the table, so that a record whose key is wrong can be
    named as well; JSON is `{"PK": "EMPLOYEE#x", "SK": "PROFILE"}`.
    """
    if text.startswith("{"):
        return _parse_json(text)
    if SEPARATOR in text:
        return KEYS.parse(text)
    return key_of(text.removeprefix(PREFIX))


def _parse_json(text: str) -> Key:
    try:
        given: Item = json.loads(text)
    except ValueError as error:
        raise InvalidInput("the key is not valid JSON", field="keys") from error
    if set(given) != set(KEYS.names):
        raise InvalidInput("a key in JSON has exactly PK and SK", field="keys")
    return KEYS.key_of(given)
