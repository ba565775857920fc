"""Records and items: exact both ways, and findings that fit."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.aws.exclusion_parts import joined, parts
from shared.aws.records import from_item, to_item
from shared.aws.shortening import shortened
from shared.model.control import ControlState
from shared.model.errors import InvalidInput
from shared.model.item import ITEM_LIMIT_BYTES, NESTING_LIMIT, Value, decode, encode, size
from shared.model.phases import Phase
from shared.model.runs import Counts, Difference, Finding, FindingKind, Run, RunKind, RunStatus

RUN = Run("id", RunKind.BACKFILL, "m", RunStatus.RUNNING, Phase.DUAL_WRITE, 1, 0, 0.1, "ada")
FINDING = Finding("run", "k", FindingKind.TOO_LARGE, "why", record={"PK": "k"})


@given(st.just(0.0) | st.floats(1.0, 4e9, allow_nan=False))
def test_time_comes_back_exactly(at: float) -> None:
    item = decode(encode(to_item(replace(RUN, started_at=at))))
    assert from_item(Run, item).started_at == at


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4))
def test_free_form_params_come_back_exactly(params: dict[str, object]) -> None:
    run = replace(RUN, params=params, counts=Counts(scanned=3))
    assert from_item(Run, decode(encode(to_item(run)))) == run


def test_attribute_that_an_older_version_did_not_write_has_its_default() -> None:
    item = {"migration": "m", "phase": "VALIDATE", "revision": Decimal(3), "unknown": "ignored"}
    assert from_item(ControlState, item) == ControlState("m", phase=Phase.VALIDATE, revision=3)


def test_item_without_a_needed_attribute_is_invalid() -> None:
    with pytest.raises(InvalidInput) as caught:
        from_item(ControlState, {"phase": "OFF"})
    assert caught.value.field == "migration"


def test_finding_that_fits_is_left_alone() -> None:
    assert shortened(FINDING) is FINDING


def test_finding_of_a_large_record_keeps_what_fits_and_names_what_does_not() -> None:
    record = {"PK": "k", "big": "x" * 200_000, "bigger": "x" * 250_000, "small": "s"}
    short = shortened(replace(FINDING, record=record))
    assert short.record == {"PK": "k", "big": "x" * 200_000, "small": "s"}
    assert "bigger (250006 bytes)" in short.reason
    assert size(to_item(short)) < ITEM_LIMIT_BYTES


def test_finding_of_what_is_nested_too_deep_names_what_it_left_out() -> None:
    deep: Value = "private"
    for _ in range(NESTING_LIMIT):
        deep = {"in": deep}
    record = {"PK": "k", "deep": deep, "long": "x" * ITEM_LIMIT_BYTES}
    differences = (Difference("deep", deep, [Decimal(1)]),)
    short = shortened(replace(FINDING, record=record, differences=differences))
    assert short.record == {"PK": "k"}
    assert "deep (nested 32 deep), long (" in short.reason
    assert short.differences == (Difference("deep", "… nested 32 deep", [Decimal(1)]),)


def test_finding_of_large_differences_says_how_large_they_are() -> None:
    differences = tuple(Difference(f"f{n}", "y" * 9_000, "z") for n in range(60))
    short = shortened(replace(FINDING, differences=differences))
    assert len(short.differences) == 50
    assert short.differences[0] == Difference("f0", "… 9000 bytes", "z")
    assert "60 differences" in short.reason
    assert size(to_item(short)) < ITEM_LIMIT_BYTES


@given(st.sets(st.text(max_size=5)))
def test_set_of_keys_is_joined_from_its_parts(keys: set[str]) -> None:
    assert joined(parts("p", keys)) == keys


def test_large_set_is_cut_into_items_that_fit_and_all_are_needed() -> None:
    keys = [f"{n:06d}" + "é" * 100 for n in range(4000)]
    items = parts("p", reversed(keys))
    assert len(items) > 1
    assert all(size(item) < ITEM_LIMIT_BYTES for item in items)
    assert items == parts("p", keys)
    assert joined(items) == frozenset(keys)
    assert joined(items[1:]) is None
    assert joined([]) is None
