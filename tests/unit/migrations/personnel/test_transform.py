"""The laws of the personnel transform, on drawn, made-up and real records."""

import copy
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from migrations.personnel import transform
from migrations.personnel.models import PersonnelV1, PersonnelV2
from migrations.personnel.numbers import employee_id_in, generated
from migrations.personnel.sample import generate
from shared.model.declaration import Decision
from shared.model.item import ITEM_LIMIT_BYTES, Item, canonical, decode, encode, size
from tests.unit.migrations.personnel.strategies import IDS, VALUES, normal_records, records

REAL = Path(__file__).parents[5] / "shared" / "data" / "personnel.jsonl"
KEY: Item = {"PK": "EMPLOYEE#7", "SK": "PROFILE"}
TARGET_INDEX_KEYS = ("full_name", "employee_number", "team_id", "role", "status")


def _moves(record: Item) -> bool:
    return transform.classify(record).decision is Decision.TRANSFORM


def _without_target_only(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in transform.TARGET_ONLY}


def _assert_laws(record: Item) -> None:
    before = copy.deepcopy(record)
    up = transform.up(record)
    down = transform.down(up)
    again = transform.up(down)
    assert canonical(record) == canonical(before)
    assert canonical(_without_target_only(again)) == canonical(_without_target_only(up))
    if not transform.TARGET_ONLY & record.keys():
        assert canonical(again) == canonical(up)
    assert _moves(down)
    assert canonical(transform.down(again)) == canonical(down)


@given(records())
def test_up_of_any_record_answers_the_same_twice_and_leaves_the_input_alone(record: Item) -> None:
    before = copy.deepcopy(record)
    first, second = transform.up(record), transform.up(record)
    assert canonical(first) == canonical(second)
    assert canonical(record) == canonical(before)


@given(records())
def test_up_of_any_record_can_be_stored_under_the_same_key_with_valid_index_keys(
    record: Item,
) -> None:
    target = transform.up(record)
    assert encode(target)
    assert (target["PK"], target["SK"]) == (record["PK"], record["SK"])
    assert target["employee_id"] == record["PK"].removeprefix("EMPLOYEE#")
    for name in TARGET_INDEX_KEYS:
        assert name not in target or (isinstance(target[name], str) and target[name])


@given(records())
def test_every_attribute_without_a_meaning_of_its_own_is_preserved_exactly(record: Item) -> None:
    given_meaning = {
        *TARGET_INDEX_KEYS,
        *("project_id", "active", "employee_id", "email", "phone"),
    }
    target = transform.up(record)
    for name, value in record.items():
        if name not in given_meaning:
            assert canonical(target[name]) == canonical(value)


@given(records().filter(_moves))
def test_laws_hold_for_every_record_that_may_move(record: Item) -> None:
    _assert_laws(record)
    assert transform.up(record)["status"] in ("active", "inactive")


@given(normal_records())
def test_down_restores_every_record_in_normal_form(record: Item) -> None:
    assert _moves(record)
    assert canonical(transform.down(transform.up(record))) == canonical(record)


@given(st.dictionaries(st.sampled_from(["PK", "SK", "employee_number", "active", "x"]), VALUES))
@example({})
@example({"PK": "EMPLOYEE#", "SK": "PROFILE"})
@example({"PK": "EMPLOYEE#7", "SK": "PROFILE "})
@example({"PK": "employee#7", "SK": "PROFILE"})
@example({"PK": b"EMPLOYEE#7", "SK": "PROFILE"})
def test_a_record_with_another_key_is_rejected_and_still_answered(record: Item) -> None:
    assert transform.classify(record).decision is Decision.REJECT
    assert "employee_id" not in transform.up(record)
    assert transform.down(transform.up(record)).get("PK") == record.get("PK")


@given(IDS)
def test_a_generated_number_can_be_read_back(employee_id: str) -> None:
    assert employee_id_in(generated(employee_id)) == employee_id


@pytest.mark.parametrize(
    "number", ["GEN-", "GE", "GEN-gE", "GEN-GF", "GEN-GE======", "GEN-ÿ", "GEN-77777777", "EMP1"]
)
def test_a_number_that_was_not_generated_names_nobody(number: str) -> None:
    assert employee_id_in(number) is None


@pytest.mark.parametrize("name", ["full_name", "employee_number", "project_id", "role", "status"])
@pytest.mark.parametrize("value", [None, True, Decimal(1), b"x", ["a"], {"a": "b"}])
def test_an_index_key_that_is_no_text_is_rejected_by_name_and_left_out(
    name: str, value: object
) -> None:
    verdict = transform.classify({**KEY, name: value})
    assert (verdict.decision, verdict.field) == (Decision.REJECT, name)
    shown = transform.up({**KEY, name: value})
    assert ("team_id" if name == "project_id" else name) not in shown


@pytest.mark.parametrize("name", ["full_name", "employee_number", "project_id", "role"])
def test_an_index_key_that_is_too_long_is_rejected_by_name(name: str) -> None:
    assert _moves({**KEY, name: "é" * 1024})
    verdict = transform.classify({**KEY, name: "é" * 1024 + "x"})
    assert (verdict.decision, verdict.field) == (Decision.REJECT, name)


def test_an_id_whose_generated_number_is_too_long_is_rejected() -> None:
    record = {"PK": "EMPLOYEE#" + "x" * 1500, "SK": "PROFILE"}
    verdict = transform.classify(record)
    assert (verdict.decision, verdict.field) == (Decision.REJECT, "employee_number")
    assert _moves({**record, "employee_number": "EMP1"})


@pytest.mark.parametrize("active", ["yes", "", None, Decimal(1), Decimal(0), [True]])
def test_active_that_is_no_boolean_is_ambiguous_and_gives_no_status(active: object) -> None:
    verdict = transform.classify({**KEY, "active": active})
    assert (verdict.decision, verdict.field) == (Decision.AMBIGUOUS, "active")
    assert "status" not in transform.up({**KEY, "active": active})


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({"employee_id": "8"}, "employee_id"),
        ({"employee_id": None}, "employee_id"),
        ({"team_id": "T"}, "team_id"),
        ({"team_id": "T", "project_id": "P"}, "team_id"),
        ({"status": "inactive"}, "status"),
        ({"status": "retired"}, "status"),
        ({"employee_number": "GEN-"}, "employee_number"),
        ({"employee_number": generated("8")}, "employee_number"),
    ],
)
def test_a_record_that_contradicts_what_v2_would_hold_is_ambiguous(extra: Item, field: str) -> None:
    verdict = transform.classify({**KEY, **extra})
    assert (verdict.decision, verdict.field) == (Decision.AMBIGUOUS, field)


def test_defaults_are_not_shared_between_records() -> None:
    transform.up(KEY)["certifications"].append("mine")
    assert transform.up(KEY)["certifications"] == []


def test_down_keeps_what_it_cannot_express_so_that_the_record_is_held() -> None:
    assert not _moves(transform.down({**transform.up(KEY), "status": "retired"}))
    assert not _moves(transform.down({**transform.up(KEY), "employee_id": "8"}))


@pytest.fixture(scope="module")
def sample() -> list[Item]:
    return generate(seed=7, count=1200, unmovable=12)


def test_sample_is_the_same_for_the_same_seed_and_differs_for_another(sample: list[Item]) -> None:
    assert canonical({"all": generate(7, 40)}) == canonical({"all": generate(7, 40)})
    assert canonical({"all": generate(7, 40)}) != canonical({"all": generate(8, 40)})


def test_sample_moves_but_for_the_ones_that_were_asked_for(sample: list[Item]) -> None:
    for record in sample[:-12]:
        assert encode(record)
        PersonnelV1.model_validate(record)
        PersonnelV2.model_validate(transform.up(record))
        _assert_laws(record)
    held = Counter(_fate(record) for record in sample[-12:])
    assert held == {
        ("ambiguous", "active"): 2,
        ("too large", None): 2,
        ("reject", "role"): 2,
        ("ambiguous", "employee_number"): 2,
        ("ambiguous", "status"): 2,
        ("reject", "PK"): 2,
    }


def _fate(record: Item) -> tuple[str, str | None]:
    verdict = transform.classify(record)
    if verdict.decision is Decision.TRANSFORM and size(record) <= ITEM_LIMIT_BYTES:
        assert size(transform.up(record)) > ITEM_LIMIT_BYTES
        return ("too large", None)
    return (verdict.decision.value, verdict.field)


def test_sample_has_the_hard_cases(sample: list[Item]) -> None:
    numbers = Counter(each["employee_number"] for each in sample if "employee_number" in each)
    assert max(numbers.values()) > 1
    assert any("full_name" not in each for each in sample)
    assert any(each.get("email") == "" for each in sample)
    assert any(20_000 < size(each) < 70_000 for each in sample)
    kinds = {type(value) for each in sample for value in each.values()}
    assert {str, bool, Decimal, bytes, list, dict, frozenset} <= kinds
    assert len({each["PK"] for each in sample}) == len(sample)


def test_real_records_move_and_obey_the_laws() -> None:
    if not REAL.is_file():
        pytest.skip("the folder with real records is not present beside the repository")
    lines = REAL.read_text(encoding="utf-8").splitlines()
    real = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]
    assert len(real) == 200
    for record in real:
        assert _moves(record)
        _assert_laws(record)
        PersonnelV1.model_validate(record)
        PersonnelV2.model_validate(transform.up(record))
        assert canonical(transform.down(transform.up(record))) == canonical(record)
        assert decode(encode(transform.up(record))) == transform.up(record)
