"""The shapes of a personnel record in v1, in v2 and in the API's requests.

Unknown attributes are kept, as the runbook asks, and so every model allows them; the API
refuses only names that belong to the engine or to v1. Text is never empty: an attribute
that has nothing to say is absent.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from migrations.personnel.numbers import RESERVED
from shared.model.bodies import Body, IndexedText, PathId, Text, Time


def _own_number(text: str) -> str:
    if text.startswith(RESERVED):
        raise PydanticCustomError(
            "reserved", "must not begin with " + RESERVED + ", a reserved prefix"
        )
    return text


Name = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[
    Decimal,
    Field(ge=0, max_digits=38, strict=True),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
EmployeeNumber = Annotated[IndexedText, AfterValidator(_own_number)]
Status = Literal["active", "inactive"]


class PersonnelV1(BaseModel):
    """A record as v1 stores it; a missing `active` means an active employee."""

    model_config = ConfigDict(extra="allow")

    PK: str = Field(pattern="^EMPLOYEE#")
    SK: Literal["PROFILE"]
    full_name: str | None = None
    employee_number: str | None = None
    project_id: str | None = None
    active: bool = True


class Employee(BaseModel):
    """An employee as v2 describes them, and as the API answers in every phase."""

    model_config = ConfigDict(extra="allow", title="Employee")

    employee_id: str
    employee_number: str | None = None
    full_name: str | None = None
    role: str | None = None
    status: Status | None = None
    team_id: str | None = None
    email: Any = None
    phone: Any = None
    health_status: Any = None
    health_notes: Any = None
    hourly_rate: Any = None
    hours_week: Any = None
    hours_month: Any = None
    certifications: Any = None
    created_at: Any = None
    updated_at: Any = None
    created_by: Any = None


class PersonnelV2(Employee):
    """A record as v2 stores it: the employee under the key of v1."""

    PK: str = Field(pattern="^EMPLOYEE#")
    SK: Literal["PROFILE"]


class _EmployeeBody(Body):
    """What a request may say about an employee; further attributes are kept as they are."""

    never_written = frozenset({"PK", "SK", "project_id", "active"})

    employee_number: EmployeeNumber | None = None
    role: IndexedText | None = None
    status: Status | None = None
    email: Text | None = None
    phone: Text | None = None
    team_id: IndexedText | None = None
    hourly_rate: Number | None = None
    certifications: list[Any] | None = None
    health_status: Text | None = None
    health_notes: Text | None = None
    hours_week: Number | None = None
    hours_month: Number | None = None
    created_at: Time | None = None
    updated_at: Time | None = None


class EmployeeCreate(_EmployeeBody):
    """The body of a create; null means the same as leaving an attribute out."""

    full_name: Name
    employee_id: PathId | None = None


class EmployeeChange(_EmployeeBody):
    """The body of a change: what is left out stays, null removes an attribute.

    An employee keeps a name, a role and a status, so these cannot be null; the employee_id
    is the record's key and cannot be changed.
    """

    never_null = ("full_name", "role", "status")
    never_changed = frozenset({"employee_id"})

    full_name: Name | None = None
