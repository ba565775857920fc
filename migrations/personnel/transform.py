"""Between personnel v1 and v2: the runbook's transform, with its faults mended.

Faults of the runbook's script that are mended here: numbers came from chance and could
collide, timestamps from the clock, missing values became '', and any `active` but false
became active. What cannot be decided from the record alone is ambiguous and left to a
person; `up` then leaves the doubtful field out, so that the record can still be read.

Everything here is total: it answers for every item a table can hold, whatever its types.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from migrations.personnel.keys import PARTITION_LIMIT_BYTES, employee_id_of
from migrations.personnel.numbers import RESERVED, generated
from shared.model.declaration import TRANSFORM, Decision, Verdict
from shared.model.item import Item, Value

STATUSES = {True: "active", False: "inactive"}
TARGET_ONLY = frozenset({"health_status", "health_notes", "hours_week", "hours_month"})

_INDEXED_TEXT = ("full_name", "employee_number", "project_id", "team_id", "role", "status")
_EMPTY_IS_MISSING = (*_INDEXED_TEXT, "email", "phone")
_DROPPED = ("project_id", "active")
_DERIVED = ("employee_id", "employee_number", "team_id", "status")


def up(source: Item) -> Item:
    """Return the v2 form of a v1 record; a field that is in doubt is left out."""
    given = _without_empty(source)
    kept = {
        name: value
        for name, value in given.items()
        if name not in _DROPPED + _DERIVED and (name not in _INDEXED_TEXT or isinstance(value, str))
    }
    derived = {name: value for name, value in _derived(given).items() if value is not None}
    defaults = {name: value for name, value in _defaults().items() if name not in given}
    return {**kept, **derived, **defaults}


def down(target: Item) -> Item:
    """Return the v1 form of a v2 record, without what v1 never had (`TARGET_ONLY`).

    Values that equal what `up` fills in by itself are left out, so `up(down(y))` brings
    them back and a record that came from v1 gets its old form again.
    """
    refilled = {**_defaults(), **_known_by_key(target)}
    source = {
        name: value
        for name, value in target.items()
        if name not in TARGET_ONLY
        and name not in _DROPPED
        and not (name in refilled and _same(value, refilled[name]))
    }
    if "team_id" in source:
        source["project_id"] = source.pop("team_id")
    for active, status in STATUSES.items():
        if source.get("status") == status:
            del source["status"]
            source["active"] = active
    return source


def classify(source: Item) -> Verdict:
    """Decide whether a v1 record may move; the verdict names the field that is to blame."""
    if employee_id_of(source) is None:
        reason = "the key is not EMPLOYEE#<employee_id> with PROFILE"
        return Verdict(Decision.REJECT, reason, "PK")
    given = _without_empty(source)
    for name in _INDEXED_TEXT:
        if not isinstance(given.get(name, ""), str):
            return Verdict(Decision.REJECT, f"{name} is the key of an index and not text", name)
    for name, value in {**given, **_derived(given)}.items():
        if name in _INDEXED_TEXT and value and len(value.encode()) > PARTITION_LIMIT_BYTES:
            return Verdict(
                Decision.REJECT, f"{name} has over 2,048 bytes, too long for its index", name
            )
    for check in _DOUBTS:
        doubt = check(given)
        if doubt is not None:
            return doubt
    return TRANSFORM


def _without_empty(source: Mapping[str, Value]) -> Item:
    """Return the record without empty text where that means the value is missing."""
    return {
        name: value
        for name, value in source.items()
        if name not in _EMPTY_IS_MISSING or value != ""
    }


def _defaults() -> Item:
    """Return v2's new attributes for a record that says nothing about them."""
    return {
        "role": "user",
        "health_status": "fit_for_duty",
        "hourly_rate": Decimal(0),
        "hours_week": Decimal(0),
        "hours_month": Decimal(0),
        "certifications": [],
        "created_by": "MIGRATION_SCRIPT",
    }


def _known_by_key(item: Mapping[str, Value]) -> Item:
    """Return the attributes that the key alone determines."""
    employee_id = employee_id_of(item)
    if employee_id is None:
        return {}
    return {"employee_id": employee_id, "employee_number": generated(employee_id)}


def _derived(given: Mapping[str, Value]) -> Item:
    """Return v2's computed attributes; None where the record leaves one absent or in doubt.

    The employee_id is the key's in any case: whatever an attribute says, this is the record.
    """
    employee_id = employee_id_of(given)
    number, team = given.get("employee_number"), given.get("project_id")
    if "employee_number" not in given and employee_id is not None:
        number = generated(employee_id)
    return {
        "employee_id": employee_id,
        "employee_number": number if isinstance(number, str) and not _number_doubt(given) else None,
        "team_id": team if isinstance(team, str) and not _team_doubt(given) else None,
        "status": None if _status_doubt(given) else STATUSES[given.get("active", True)],
    }


def _id_doubt(given: Mapping[str, Value]) -> Verdict | None:
    if given.get("employee_id", employee_id_of(given)) == employee_id_of(given):
        return None
    return _ambiguous("employee_id differs from the id in the key", "employee_id")


def _number_doubt(given: Mapping[str, Value]) -> Verdict | None:
    number, employee_id = given.get("employee_number"), employee_id_of(given)
    if not isinstance(number, str) or not number.startswith(RESERVED):
        return None
    if employee_id is not None and number == generated(employee_id):
        return None
    return _ambiguous(
        f"employee_number begins with {RESERVED}, which is reserved for generated numbers",
        "employee_number",
    )


def _team_doubt(given: Mapping[str, Value]) -> Verdict | None:
    if "team_id" not in given or given["team_id"] == given.get("project_id"):
        return None
    return _ambiguous("there is a team_id that is not the project_id", "team_id")


def _status_doubt(given: Mapping[str, Value]) -> Verdict | None:
    active = given.get("active", True)
    if not isinstance(active, bool):
        return _ambiguous("active is neither true nor false", "active")
    if given.get("status", STATUSES[active]) == STATUSES[active]:
        return None
    return _ambiguous("there is a status that active does not say", "status")


def _ambiguous(reason: str, field: str) -> Verdict:
    return Verdict(Decision.AMBIGUOUS, reason, field)


_DOUBTS: tuple[Callable[[Mapping[str, Value]], Verdict | None], ...] = (
    _id_doubt,
    _number_doubt,
    _team_doubt,
    _status_doubt,
)


def _same(value: Value, default: Value) -> bool:
    """Tell whether two values are the same in DynamoDB, where false is not 0."""
    return not isinstance(value, bool) and bool(value == default)
