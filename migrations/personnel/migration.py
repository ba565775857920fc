"""The declaration of the personnel migration (runbook: Personnel Table v1 to v2)."""

from collections.abc import Mapping

from migrations.personnel import examples, keys, models, numbers, transform
from shared.model.declaration import (
    Api,
    Index,
    Search,
    TableDeclaration,
    TableToTable,
)
from shared.model.environment import LOCAL
from shared.model.item import Value
from shared.model.key import Key, KeySchema

V1 = TableDeclaration(
    name="sitelogix-personnel",
    keys=keys.KEYS,
    indexes=(
        Index("NameIndex", KeySchema("full_name")),
        Index("EmployeeNumberIndex", KeySchema("employee_number")),
        Index("ProjectIndex", KeySchema("project_id")),
    ),
)

V2 = TableDeclaration(
    name="sitelogix-personnel-v2",
    keys=keys.KEYS,
    indexes=(
        Index("GSI1-NameIndex", KeySchema("full_name")),
        Index("GSI2-EmployeeNumberIndex", KeySchema("employee_number"), distinct=True),
        Index("GSI3-TeamIndex", KeySchema("team_id")),
        Index("GSI4-RoleStatusIndex", KeySchema("role", "status")),
    ),
)


def _only_value(given: Mapping[str, str]) -> tuple[Value, ...]:
    """Return the one parameter's value: v1's index holds the same text as v2's."""
    return tuple(given.values())


def _key_in_number(given: Mapping[str, str]) -> Key | None:
    """Return the key a generated number was made from; v1 does not store that number."""
    employee_id = numbers.employee_id_in(given["number"])
    return None if employee_id is None else keys.key_of(employee_id)


API = Api(
    resource="employees",
    id_field="employee_id",
    key=keys.key_of,
    create=models.EmployeeCreate,
    change=models.EmployeeChange,
    record=models.Employee,
    searches=(
        Search(("name",), "GSI1-NameIndex", "NameIndex", _only_value),
        Search(
            ("number",),
            "GSI2-EmployeeNumberIndex",
            "EmployeeNumberIndex",
            _only_value,
            derived=_key_in_number,
        ),
        Search(("team",), "GSI3-TeamIndex", "ProjectIndex", _only_value),
        Search(("role", "status"), "GSI4-RoleStatusIndex"),
    ),
    author="created_by",
)

MIGRATION = TableToTable(
    name="personnel",
    title="Personnel v1 to v2",
    source=V1,
    target=V2,
    up=transform.up,
    down=transform.down,
    classify=transform.classify,
    # A further environment is one more Environment(...) here: its name, account, region,
    # source="adopted" for a v1 that exists already, removal="retain", the issuer and audience
    # of its tokens. Declare staging before production: its load test is a gate of the runbook.
    environments=(LOCAL,),
    target_only=transform.TARGET_ONLY,
    parse_key=keys.parse_key,
    api=API,
    examples=examples.EXAMPLES,
)
