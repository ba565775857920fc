"""The laws of the canonical form, on drawn and made-up events."""

import copy
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import example, given

from migrations.events import transform
from migrations.events.models import Event, EventV1
from migrations.events.provider import FALLBACK, Shape
from migrations.events.providers import registered
from migrations.events.recognition import PROVIDER
from migrations.events.sample import generate
from shared.model.declaration import Decision
from shared.model.item import (
    ITEM_LIMIT_BYTES,
    NESTING_LIMIT,
    Item,
    Value,
    canonical,
    decode,
    encode,
    size,
)
from tests.unit.migrations.events.strategies import SHAPES, events

FORM = transform.CANONICAL
CHARGE = next(shape for shape in SHAPES if shape.kind == "charge")


def _moves(event: Item) -> bool:
    return transform.classify(event).decision is Decision.TRANSFORM


def _breaches(event: Item) -> list[str]:
    return [each.name for each in transform.INVARIANTS if each.broken(event) is not None]


def _assert_laws(event: Item) -> None:
    before = copy.deepcopy(event)
    up = transform.up(event)
    assert canonical(event) == canonical(before)
    assert canonical(transform.up(event)) == canonical(up)
    assert canonical(transform.down(up)) == canonical(event)
    assert canonical(transform.up(transform.down(up))) == canonical(up)
    assert transform.upgraded(up)
    assert not transform.upgraded(event)
    assert canonical(_without_form(up)) == canonical(event)


def _without_form(event: Item) -> Item:
    return {name: value for name, value in event.items() if name != FORM}


@given(events())
@example({})
@example({"event_id": "1", "event_data": CHARGE.example})
def test_laws_hold_for_every_event_whether_it_may_move_or_not(event: Item) -> None:
    _assert_laws(event)


@given(events())
def test_every_form_is_flat_and_can_be_stored_and_has_no_empty_text(event: Item) -> None:
    up = transform.up(event)
    assert encode(up)
    assert "every canonical form is flat" not in _breaches(up)
    assert all(value != "" for value in up[FORM].values())


@given(events())
def test_every_event_that_may_move_gets_a_form_that_breaks_no_invariant(event: Item) -> None:
    up = transform.up(event)
    if _moves(event):
        assert _breaches(up) == []
        Event.model_validate(up)


@given(events())
def test_a_form_is_the_same_after_its_event_was_stored(event: Item) -> None:
    stored = decode(encode(event))
    assert canonical(transform.up(stored)[FORM]) == canonical(transform.up(event)[FORM])
    assert transform.classify(stored) == transform.classify(event)


@given(events())
def test_a_form_does_not_depend_on_the_order_of_maps(event: Item) -> None:
    turned = _turned(event)
    assert canonical(transform.up(turned)) == canonical(transform.up(event))
    assert transform.classify(turned) == transform.classify(event)


def _turned(value: Value) -> Value:
    if isinstance(value, dict):
        return {name: _turned(each) for name, each in reversed(value.items())}
    return [_turned(each) for each in value] if isinstance(value, list) else value


@given(events())
def test_every_candidate_of_an_ambiguous_event_lets_it_move_and_leaves_the_payload(
    event: Item,
) -> None:
    verdict = transform.classify(event)
    assert bool(verdict.candidates) is (verdict.decision is Decision.AMBIGUOUS)
    for candidate in verdict.candidates:
        resolved = {**event, **candidate.assign}
        assert _moves(resolved)
        assert canonical(resolved["event_data"]) == canonical(event["event_data"])


@given(events())
def test_a_reason_quotes_nothing_of_the_event(event: Item) -> None:
    marked = _marked(event)
    verdict = transform.classify(marked)
    whys = (candidate.why for candidate in verdict.candidates)
    assert not any("ann@example.org" in text for text in (verdict.reason, *whys))


def _marked(event: Item) -> Item:
    """Return the event with something personal wherever it has a text of its own."""
    marked = copy.deepcopy(event)
    for level in (marked, marked.get("event_data")):
        if isinstance(level, dict):
            for name in [each for each in level if each != "object"]:
                level[name] = "ann@example.org" if isinstance(level[name], str) else level[name]
    return marked


def test_a_null_form_is_none_and_is_not_brought_back() -> None:
    event: Item = {"event_id": "1", "event_data": CHARGE.example, FORM: None}
    assert _moves(event)
    assert not transform.upgraded(event)
    assert FORM not in transform.down(transform.up(event))


@pytest.mark.parametrize("value", ["charge", "", Decimal(0), True, ["template.a"], b"x"])
def test_a_form_that_is_no_map_is_rejected_by_name(value: Value) -> None:
    verdict = transform.classify({"event_id": "1", "event_data": CHARGE.example, FORM: value})
    assert (verdict.decision, verdict.field) == (Decision.REJECT, FORM)


@pytest.mark.parametrize(
    ("form", "breaches"),
    [
        (None, ["every event has a canonical form"]),
        ({}, ["every event has a canonical form"]),
        ({"template.title": "Sale"}, ["every event has a canonical form"]),
        ({"meta.provider": "stripe", "template.tags": ["a"]}, ["every canonical form is flat"]),
        ({"meta.provider": "stripe", "template.title": None}, ["every canonical form is flat"]),
        ({"meta.provider": "stripe", "title": "Sale"}, ["every canonical form is flat"]),
        ({"meta.provider": "stripe", "template.title": "Sale"}, []),
    ],
)
def test_invariants_name_what_a_migrated_event_breaks(form: Value, breaches: list[str]) -> None:
    assert _breaches({"event_id": "1", FORM: form}) == breaches


def test_the_same_event_twice_gives_the_same_form_to_each_record() -> None:
    first: Item = {"event_id": "1", "provider": "stripe", "event_data": CHARGE.example}
    again = {**first, "event_id": "2"}
    assert transform.up(first)[FORM] == transform.up(again)[FORM]
    assert [transform.up(each)["event_id"] for each in (first, again)] == ["1", "2"]


@pytest.mark.parametrize(
    "bulk",
    [
        {"body": "x" * 398_000},
        {f"field {number}": Decimal(number) for number in range(25_000)},
        {"rows": [{"name": f"row {number}", "value": None} for number in range(12_000)]},
        {f"{'long' * 30}{number}": {"a": "b"} for number in range(2_500)},
    ],
    ids=["one text", "many values", "a long list", "long names"],
)
@pytest.mark.parametrize("provider", [None, "stripe"])
def test_a_payload_as_large_as_the_table_holds_gets_a_small_form(
    bulk: Item, provider: str | None
) -> None:
    base = CHARGE.example if provider else {}
    event: Item = {"event_id": "1", PROVIDER: provider, "event_data": {**base, **bulk}}
    assert 250_000 < size(event) < ITEM_LIMIT_BYTES
    _assert_laws(event)
    assert size(transform.up(event)[FORM]) < 20_000


def test_a_payload_that_fills_the_item_is_transformed_all_the_same() -> None:
    event: Item = {"event_id": "1", "event_data": {"title": "Sale", "body": "x" * 409_550}}
    assert size(event) <= ITEM_LIMIT_BYTES < size(transform.up(event))
    _assert_laws(event)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.kind)
@pytest.mark.parametrize("wrap", [lambda value: {"deep": value}, lambda value: [value]])
def test_a_payload_nested_as_deep_as_the_table_holds_is_transformed_all_the_same(
    shape: Shape, wrap: Callable[[Value], Value]
) -> None:
    deep: Value = "end"
    for _ in range(NESTING_LIMIT - 1):
        deep = wrap(deep)
    whole: Item = {"event_id": "1", "event_data": {**shape.example, "deep": deep}}
    _assert_laws(whole)
    assert encode(transform.up(whole))
    bare: Item = {"event_id": "1", PROVIDER: "nobody knows", "event_data": {"deep": deep}}
    _assert_laws(bare)
    assert _moves(bare)
    assert "every canonical form is flat" not in _breaches(transform.up(bare))


@pytest.fixture(scope="module")
def sample() -> list[Item]:
    return generate(seed=7, count=1200, unmovable=8, doubtful=6)


def test_sample_is_the_same_for_the_same_seed_and_differs_for_another() -> None:
    random.seed(1)
    first = generate(7, 60)
    random.seed(2)
    assert canonical({"all": generate(7, 60)}) == canonical({"all": first})
    assert canonical({"all": generate(8, 60)}) != canonical({"all": first})


def test_sample_moves_but_for_the_ones_that_were_asked_for(sample: list[Item]) -> None:
    for event in sample[:-14]:
        assert _moves(event)
        assert size(transform.up(event)) < ITEM_LIMIT_BYTES
        EventV1.model_validate(event)
        Event.model_validate(transform.up(event))
        _assert_laws(_without_form(event))
    assert Counter(map(_fate, sample[-14:])) == {
        ("reject", "event_data"): 4,
        ("too large", None): 2,
        ("reject", "provider"): 2,
        ("ambiguous", "provider"): 6,
    }
    assert {_fate(event)[0] for event in sample[-6:]} == {"ambiguous"}


def _fate(event: Item) -> tuple[str, str | None]:
    verdict = transform.classify(event)
    if verdict.decision is Decision.TRANSFORM and size(event) <= ITEM_LIMIT_BYTES:
        assert size(transform.up(event)) > ITEM_LIMIT_BYTES
        return ("too large", None)
    return (verdict.decision.value, verdict.field)


def test_sample_has_every_shape_and_the_hard_cases(sample: list[Item]) -> None:
    moving = sample[:-14]
    forms = [transform.up(event)[FORM] for event in moving]
    assert {form["meta.kind"] for form in forms} == {shape.kind for shape in SHAPES}
    names = {form["meta.provider"] for form in forms}
    assert names > registered().keys() - {FALLBACK}
    assert names - registered().keys()
    assert any(PROVIDER not in event for event in moving)
    assert any(event.get(FORM, "") is None for event in moving)
    assert any(20_000 < size(event) < 70_000 for event in moving)
    twins = Counter(str(canonical(event["event_data"])) for event in moving)
    assert max(twins.values()) > 1
    assert len({event["event_id"] for event in sample}) == len(sample)
