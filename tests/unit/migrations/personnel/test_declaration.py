"""The declaration's keys, searches and request bodies."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from migrations.personnel.migration import MIGRATION
from migrations.personnel.models import EmployeeChange, EmployeeCreate
from migrations.personnel.numbers import generated
from shared.model.errors import InvalidInput
from shared.model.key import Key

KEY = Key("EMPLOYEE#x|y", "PROFILE")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("7", Key("EMPLOYEE#7", "PROFILE")),
        ("EMPLOYEE#7", Key("EMPLOYEE#7", "PROFILE")),
        ("EMPLOYEE#7|PROFILE", Key("EMPLOYEE#7", "PROFILE")),
        ("TEAM#7|CONTRACT", Key("TEAM#7", "CONTRACT")),
        ('{"PK": "EMPLOYEE#7", "SK": "PROFILE"}', Key("EMPLOYEE#7", "PROFILE")),
    ],
)
def test_key_named_accepts_what_people_write(text: str, key: Key) -> None:
    assert MIGRATION.key_named(text) == key


@pytest.mark.parametrize(
    "text", ["", "EMPLOYEE#", "|PROFILE", "7|", "{", '{"PK": "x"}', '{"PK": "x", "SK": 3}', "{}"]
)
def test_key_named_refuses_what_names_no_record(text: str) -> None:
    with pytest.raises(InvalidInput):
        MIGRATION.key_named(text)


def test_key_named_reads_back_what_reports_print() -> None:
    assert MIGRATION.key_named(MIGRATION.source.keys.text(KEY)) == KEY


def test_examples_show_what_makes_records_hard_to_move() -> None:
    assert len(MIGRATION.examples) >= 12


def test_a_search_by_a_generated_number_names_the_record_in_v1() -> None:
    assert MIGRATION.api is not None
    (search,) = [each for each in MIGRATION.api.searches if each.parameters == ("number",)]
    assert search.derived is not None
    assert search.derived({"number": generated("7")}) == Key("EMPLOYEE#7", "PROFILE")
    assert search.derived({"number": "EMP7"}) is None


def test_create_keeps_further_attributes_and_numbers_exactly() -> None:
    body = EmployeeCreate.model_validate(
        {"full_name": "Ann", "hourly_rate": Decimal("1.10"), "badge": b"\x00", "deep": {"a": [1]}}
    )
    assert body.hourly_rate == Decimal("1.10")
    assert body.model_extra == {"badge": b"\x00", "deep": {"a": [1]}}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "full_name"),
        ({"full_name": ""}, "full_name"),
        ({"full_name": "  "}, "full_name"),
        ({"full_name": "x" * 201}, "full_name"),
        ({"full_name": None}, "full_name"),
        ({"full_name": "Ann", "employee_id": "a/b"}, "employee_id"),
        ({"full_name": "Ann", "employee_id": ".."}, "employee_id"),
        ({"full_name": "Ann", "employee_id": "x" * 65}, "employee_id"),
        ({"full_name": "Ann", "email": ""}, "email"),
        ({"full_name": "Ann", "phone": Decimal(1)}, "phone"),
        ({"full_name": "Ann", "status": "retired"}, "status"),
        ({"full_name": "Ann", "hourly_rate": Decimal(-1)}, "hourly_rate"),
        ({"full_name": "Ann", "hourly_rate": "1"}, "hourly_rate"),
        ({"full_name": "Ann", "certifications": "OSHA"}, "certifications"),
        ({"full_name": "Ann", "employee_number": "GEN-GE"}, "employee_number"),
        ({"full_name": "Ann", "created_at": "yesterday"}, "created_at"),
        ({"full_name": "Ann", "_cutover_version": Decimal(1)}, "_cutover_version"),
        ({"full_name": "Ann", "project_id": "P"}, "project_id"),
        ({"full_name": "Ann", "active": True}, "active"),
        ({"full_name": "Ann", "PK": "EMPLOYEE#7"}, "PK"),
    ],
)
def test_create_refuses_bad_input_naming_the_field(given: dict[str, Any], field: str) -> None:
    assert _blamed(EmployeeCreate, given) == field


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"full_name": None}, "full_name"),
        ({"role": None}, "role"),
        ({"status": None}, "status"),
        ({"employee_id": "8"}, "employee_id"),
        ({"email": ""}, "email"),
        ({"SK": "PROFILE"}, "SK"),
    ],
)
def test_change_refuses_what_every_employee_keeps(given: dict[str, Any], field: str) -> None:
    assert _blamed(EmployeeChange, given) == field


def test_change_tells_null_from_left_out() -> None:
    body = EmployeeChange.model_validate({"email": None, "nickname": None})
    assert body.model_fields_set == {"email", "nickname"}


def _blamed(model: type[EmployeeCreate | EmployeeChange], given: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    (error,) = caught.value.errors()
    return str(error["loc"][0] if error["loc"] else error["ctx"]["field"])
