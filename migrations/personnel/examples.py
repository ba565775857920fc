"""Personnel records and what must become of them; every build checks each pair."""

from decimal import Decimal

from shared.model.declaration import Decision, Example, Verdict
from shared.model.item import Item, Value

_DEFAULTS: Item = {
    "role": "user",
    "status": "active",
    "health_status": "fit_for_duty",
    "hourly_rate": Decimal(0),
    "hours_week": Decimal(0),
    "hours_month": Decimal(0),
    "certifications": [],
    "created_by": "MIGRATION_SCRIPT",
}


def _v1(employee_id: str, /, **attributes: Value) -> Item:
    return {"PK": f"EMPLOYEE#{employee_id}", "SK": "PROFILE", **attributes}


def _v2(employee_id: str, number: str, /, **attributes: Value) -> Item:
    own = {"employee_id": employee_id, "employee_number": number}
    return {**_v1(employee_id), **_DEFAULTS, **own, **attributes}


def _without(name: str, item: Item) -> Item:
    return {each: value for each, value in item.items() if each != name}


def _held(decision: Decision, reason: str, field: str) -> Verdict:
    return Verdict(decision, reason, field)


_NESTED: Item = {
    "terms": [{"kind": "rep", "from": "2019-01-03", "district": Decimal(27)}, None, []],
    "ids": {"deep": {"deeper": {"flag": False, "empty": ""}}},
}
_BINARY: Item = {"badge": b"\x00\xff\x10", "keys": frozenset({b"\x01", b"\x02"})}
_SETS: Item = {"skills": frozenset({"crane", "weld"}), "sites": frozenset({Decimal(1), Decimal(2)})}
_EXACT: Item = {
    "balance": Decimal("12345678901234567890123456789012345678"),
    "ratio": Decimal("0.00000000000000000000000000000000000001"),
    "debt": Decimal("-1234567890.0987654321"),
}
_FULL: Item = {
    "role": "manager",
    "email": "grace@example.org",
    "phone": "+1 555 0100",
    "hourly_rate": Decimal("41.50"),
    "certifications": ["OSHA-30", {"name": "First aid", "until": "2027-05-01"}],
    "created_by": "hr-import",
    "created_at": "2021-03-04T05:06:07Z",
    "updated_at": "2024-10-11T12:13:14.151617+02:00",
}

_MOVING = (
    Example(
        "a complete record",
        _v1("E-1001", full_name="Grace Hopper", employee_number="EMP001", project_id="P-7",
            active=True, **_FULL),
        _v2("E-1001", "EMP001", full_name="Grace Hopper", team_id="P-7", **_FULL),
    ),
    Example(
        "an employee who left",
        _v1("E-1002", full_name="Alan Kay", employee_number="EMP002", active=False),
        _v2("E-1002", "EMP002", full_name="Alan Kay", status="inactive"),
    ),
    Example(
        "a bare legacy record without name, number, team, mail or active",
        _v1("1"),
        _v2("1", "GEN-GE"),
        reversible=False,
    ),
    Example(
        "accents and emoji, in the id too",
        _v1("José-Ñ", full_name="Zoë Šťastná 👷🏽‍♀️", project_id="Équipe 🏗️", active=True),
        _v2("José-Ñ", "GEN-JJXXHQ5JFXBZC", full_name="Zoë Šťastná 👷🏽‍♀️", team_id="Équipe 🏗️"),
    ),
    Example(
        "nested lists and maps",
        _v1("E-1003", employee_number="7", active=True, **_NESTED),
        _v2("E-1003", "7", **_NESTED),
    ),
    Example(
        "binary values",
        _v1("E-1004", employee_number="8", active=True, **_BINARY),
        _v2("E-1004", "8", **_BINARY),
    ),
    Example(
        "sets of text and of numbers",
        _v1("E-1005", employee_number="9", active=True, **_SETS),
        _v2("E-1005", "9", **_SETS),
    ),
    Example(
        "numbers of 38 digits",
        _v1("E-1006", employee_number="10", active=True, **_EXACT),
        _v2("E-1006", "10", **_EXACT),
    ),
    Example(
        "empty text where a value is missing, and where it is a value",
        _v1("E-1007", full_name="", employee_number="", project_id="", role="", email="",
            phone="", nickname="", active=True),
        _v2("E-1007", "GEN-IUWTCMBQG4", nickname=""),
        reversible=False,
    ),
    Example(
        "values that v1 has already win over defaults",
        _v1("E-1008", employee_number="11", active=True, health_status="light_duty",
            health_notes="knee", hours_week=Decimal(12), hours_month=Decimal("50.5")),
        _v2("E-1008", "11", health_status="light_duty", health_notes="knee",
            hours_week=Decimal(12), hours_month=Decimal("50.5")),
        reversible=False,
    ),
    Example(
        "v2's names with the values that v2 would have",
        _v1("E-1009", employee_id="E-1009", employee_number="GEN-IUWTCMBQHE", project_id="P-1",
            team_id="P-1", active=False, status="inactive"),
        _v2("E-1009", "GEN-IUWTCMBQHE", team_id="P-1", status="inactive"),
        reversible=False,
    ),
    Example(
        "null is a value and not a missing one, and false is not 0",
        _v1("E-1010", employee_number="12", active=True, email=None, hourly_rate=False),
        _v2("E-1010", "12", email=None, hourly_rate=False),
    ),
)  # fmt: skip

_HELD = (
    Example(
        "active that is no boolean",
        _v1("E-2001", employee_number="20", active="yes"),
        _without("status", _v2("E-2001", "20")),
        _held(Decision.AMBIGUOUS, "active is neither true nor false", "active"),
    ),
    Example(
        "a status that contradicts active",
        _v1("E-2002", employee_number="21", active=True, status="inactive"),
        _without("status", _v2("E-2002", "21")),
        _held(Decision.AMBIGUOUS, "there is a status that active does not say", "status"),
    ),
    Example(
        "a number that looks generated and is not",
        _v1("E-2003", employee_number="GEN-GE", active=True),
        _without("employee_number", _v2("E-2003", "GEN-GE")),
        _held(
            Decision.AMBIGUOUS,
            "employee_number begins with GEN-, which is reserved for generated numbers",
            "employee_number",
        ),
    ),
    Example(
        "a team besides the project",
        _v1("E-2004", employee_number="22", active=True, project_id="P-1", team_id="T-9"),
        _v2("E-2004", "22"),
        _held(Decision.AMBIGUOUS, "there is a team_id that is not the project_id", "team_id"),
    ),
    Example(
        "an employee_id other than the key's",
        _v1("E-2005", employee_number="23", active=True, employee_id="E-9"),
        _v2("E-2005", "23"),
        _held(Decision.AMBIGUOUS, "employee_id differs from the id in the key", "employee_id"),
    ),
    Example(
        "a role that no index can hold",
        _v1("E-2006", employee_number="24", active=True, role=Decimal(3)),
        _without("role", _v2("E-2006", "24")),
        _held(Decision.REJECT, "role is the key of an index and not text", "role"),
    ),
    Example(
        "another kind of record in the same table",
        {"PK": "TEAM#P-7", "SK": "PROFILE", "title": "Bridge"},
        None,
        _held(Decision.REJECT, "the key is not EMPLOYEE#<employee_id> with PROFILE", "PK"),
    ),
)

EXAMPLES: tuple[Example, ...] = _MOVING + _HELD
