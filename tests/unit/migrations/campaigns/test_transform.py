"""The laws of the campaigns' transform, on drawn records and on the edges of what is in doubt."""

import copy
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrations.campaigns import transform
from migrations.campaigns.example_records import ALL, SHOP, campaign, native, source
from migrations.campaigns.examples import EXAMPLES
from migrations.campaigns.integrations import CANDIDATES
from migrations.campaigns.invariants import broken
from migrations.campaigns.kinds import kind_in, says_nothing
from shared.model.declaration import TRANSFORM, Decision, Example
from shared.model.item import Item, Value, canonical, encode, same
from tests.unit.migrations.campaigns.strategies import (
    ACCOUNT,
    FOUND,
    NATIVE_CONFIGS,
    SOURCES,
    campaigns,
    fed_by_one,
)

DOUBTS = [each for each in EXAMPLES if each.verdict.decision is Decision.AMBIGUOUS]
GIVEN_MEANING = {"data_source", "data_sources", "native_config"}
SECRET = "ann@example.org"


def _old(item: Item) -> bool:
    """Tell whether a record says nothing in the new shape yet."""
    return all(says_nothing(item.get(name)) for name in ("data_sources", "native_config"))


@given(campaigns(), FOUND)
def test_any_campaign_is_answered_the_same_twice_and_inputs_are_left_alone(
    item: Item, found: list[Item]
) -> None:
    before = copy.deepcopy((item, found))
    first, second = (
        (transform.up(item, found), transform.down(item), transform.classify(item, found))
        for _ in range(2)
    )
    assert first == second
    assert same(list(before), [item, found])


@given(campaigns(), FOUND)
def test_any_campaign_in_the_new_shape_can_be_stored_and_keeps_everything_else(
    item: Item, found: list[Item]
) -> None:
    result = transform.up(item, found)
    assert encode(result)
    for name in (item.keys() | result.keys()) - GIVEN_MEANING:
        assert same(result[name], item[name])


@given(campaigns(), FOUND)
def test_a_campaign_that_may_be_upgraded_expects_the_new_shape_and_every_invariant(
    item: Item, found: list[Item]
) -> None:
    moves = transform.classify(item, found) == TRANSFORM
    result = transform.up(item, found)
    if transform.upgraded(item):
        assert moves
        assert same(result, item)
    else:
        assert moves is transform.upgraded(result)
        assert not moves or broken(result) is None


@given(campaigns().filter(_old), FOUND)
def test_an_old_campaign_when_down_and_up_again_expects_the_same_view(
    item: Item, found: list[Item]
) -> None:
    shown = transform.up(item, found)
    assert len(shown.get("data_sources", ())) <= 1
    assert same(transform.up(transform.down(shown), found), shown)


@given(campaigns(), FOUND)
def test_a_source_is_one_that_the_legacy_field_names_and_no_other_could_be_meant(
    item: Item, found: list[Item]
) -> None:
    result = transform.up(item, found)
    if transform.upgraded(item) or not _old(item) or not result.get("data_sources"):
        return
    (entry,) = result["data_sources"]
    legacy = item["data_source"]
    named = legacy if isinstance(legacy, dict) else {"provider": legacy}
    own = [each for each in found if each["account_id"] == ACCOUNT]
    alike = [each for each in own if kind_in(each["provider"]) == entry["provider"]]
    meant = [each for each in alike if each["integration_id"] == entry["integration_id"]]
    assert len(meant) == 1
    if named.get("integration_id"):
        assert named["integration_id"] == entry["integration_id"]
    else:
        usable = [each for each in alike if isinstance(each["integration_id"], str)]
        assert [each for each in usable if each["integration_id"]] == meant
        assert meant[0].get("status") in ("active", "connected")
    for name in ("provider", "type"):
        assert kind_in(named.get(name)) in ("", entry["provider"])


@given(campaigns(), FOUND)
def test_integrations_in_another_order_or_of_other_accounts_change_nothing(
    item: Item, found: list[Item]
) -> None:
    own = [each for each in found if same(each["account_id"], item.get("account_id"))]
    for other in (list(reversed(found)), own):
        assert same(transform.up(item, other), transform.up(item, found))
        assert transform.classify(item, other) == transform.classify(item, found)


@given(campaigns(), FOUND)
def test_every_candidate_when_chosen_settles_the_matter(item: Item, found: list[Item]) -> None:
    verdict = transform.classify(item, found)
    for candidate in verdict.candidates:
        chosen = {**item, **candidate.assign}
        assert encode(chosen)
        assert transform.classify(chosen, found) == TRANSFORM
    assert len({each.name for each in verdict.candidates}) == len(verdict.candidates)


@given(fed_by_one())
def test_a_campaign_with_one_source_when_down_and_up_again_is_the_same(
    drawn: tuple[Item, tuple[Item, ...]],
) -> None:
    item, found = drawn
    found = tuple(each for each in found[1:] if each["integration_id"] != "I-0") + found[:1]
    old = transform.down(item)
    assert not transform.upgraded(old)
    assert same(transform.up(old, found), item)


@given(NATIVE_CONFIGS, st.sampled_from(("bar", None)))
def test_a_native_campaign_when_down_and_up_again_is_the_same(config: Item, type_: Value) -> None:
    for campaign_type in (config["kind"], type_):
        item = campaign("C-1", campaign_type=campaign_type, native_config=config)
        old = transform.down(item)
        assert not transform.upgraded(old)
        assert same(transform.up(old, ()), item)


@given(st.lists(SOURCES, min_size=2, max_size=4), FOUND)
def test_several_sources_have_no_old_form(sources: list[Item], found: list[Item]) -> None:
    item = campaign("C-1", data_sources=sources)
    old = transform.down(item)
    assert not transform.upgraded(old)
    assert not same(transform.up(old, found), item)


@pytest.mark.parametrize("example", DOUBTS, ids=lambda each: each.name)
def test_a_campaign_in_doubt_when_down_again_is_as_it_was(example: Example) -> None:
    shown = transform.up(example.source, example.found)
    assert canonical(transform.down(shown)) == canonical(example.source)
    assert not transform.upgraded(shown)


@pytest.mark.parametrize("example", DOUBTS, ids=lambda each: each.name)
def test_reasons_and_candidates_repeat_nothing_that_was_written_by_people(example: Example) -> None:
    private: Item = {"name": SECRET, "note": SECRET}
    if isinstance(example.source.get("data_source"), str):
        private["data_source"] = SECRET
    found = [{**each, "name": SECRET, "metadata": {"contact": SECRET}} for each in example.found]
    verdict = transform.classify({**example.source, **private}, found)
    assert verdict.decision is Decision.AMBIGUOUS
    assert SECRET not in f"{verdict.reason}{[(each.name, each.why) for each in verdict.candidates]}"


def test_an_unknown_id_and_one_of_another_account_expect_the_same_words() -> None:
    theirs = {**SHOP, "account_id": "A-2", "integration_id": "I-theirs"}
    named = campaign("C-1", data_source={"integration_id": "I-theirs"})
    assert transform.classify(named, [*ALL, theirs]) == transform.classify(named, ALL)


@pytest.mark.parametrize("value", [True, Decimal(1), b"shopify", ["shopify"], frozenset({"x"})])
def test_a_legacy_source_of_a_wrong_type_expects_a_rejection_by_name(value: Value) -> None:
    verdict = transform.classify(campaign("C-1", data_source=value), ALL)
    assert (verdict.decision, verdict.field) == (Decision.REJECT, "data_source")


@pytest.mark.parametrize("name", ["provider", "type", "integration_id", "integration_metadata"])
def test_a_part_of_a_wrong_type_expects_a_rejection_that_names_it(name: str) -> None:
    verdict = transform.classify(campaign("C-1", data_source={name: Decimal(1)}), ALL)
    assert (verdict.decision, verdict.field) == (Decision.REJECT, "data_source")
    assert verdict.reason.startswith(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account_id", Decimal(1)),
        ("campaign_type", ["bar"]),
        ("data_sources", "shopify"),
        ("native_config", ["x"]),
    ],
)
def test_an_attribute_of_a_wrong_type_expects_a_rejection_and_stays_when_down(
    name: str, value: Value
) -> None:
    item = {**campaign("C-1"), name: value}
    verdict = transform.classify(item, ALL)
    assert (verdict.decision, verdict.field) == (Decision.REJECT, name)
    assert same(transform.down(transform.up(item, ALL)), item)


@pytest.mark.parametrize("nothing", [None, "", "  ", {}, {"type": None}, {"provider": ""}])
def test_a_legacy_source_that_says_nothing_is_the_same_as_none(nothing: Value) -> None:
    kept = campaign("C-1", campaign_type="announcements", data_source=nothing)
    assert transform.up(kept, ALL)["native_config"] == native("announcements")
    external = transform.classify(campaign("C-1", data_source=nothing), ALL)
    assert external == transform.classify(campaign("C-1"), ALL)
    assert external.decision is Decision.AMBIGUOUS


@pytest.mark.parametrize("rival", ["data_sources", "native_config"])
def test_new_sources_that_are_kept_must_hold_the_invariants(rival: str) -> None:
    item = campaign("C-1", data_source=None, data_sources=[{"integration_id": "I-shop"}])
    if rival == "native_config":
        item = campaign("C-1", data_source=None, native_config={"kind": "shopify"})
    verdict = transform.classify(item, ALL)
    assert (verdict.decision, verdict.field) == (Decision.AMBIGUOUS, rival)


def test_new_sources_that_are_kept_must_be_the_accounts_own() -> None:
    item = campaign("C-1", data_source=None, data_sources=[source("I-theirs", "shopify", {})])
    verdict = transform.classify(item, ALL)
    assert (verdict.decision, verdict.field) == (Decision.AMBIGUOUS, "data_sources")


def test_many_candidates_expect_the_first_by_id() -> None:
    many = [{**SHOP, "integration_id": f"I-{number:03d}"} for number in range(CANDIDATES + 5)]
    verdict = transform.classify(campaign("C-1", data_source="shopify"), many)
    assert [each.name for each in verdict.candidates] == [
        f"I-{number:03d}" for number in range(CANDIDATES)
    ]
    assert str(CANDIDATES + 5) in verdict.reason


@pytest.mark.parametrize(("levels", "decision"), [(29, "transform"), (30, "reject")])
def test_settings_that_would_be_nested_too_deep_expect_a_rejection(
    levels: int, decision: str
) -> None:
    settings = _nested(levels)
    verdict = transform.classify(
        campaign("C-1", data_source={"type": "shopify", "deep": settings}), ALL
    )
    assert verdict.decision == decision


def _nested(levels: int) -> Value:
    value: Value = "leaf"
    for _ in range(levels):
        value = [value]
    return value


def _ids(sources: Sequence[Item]) -> list[str]:
    return [each["integration_id"] for each in sources]


def test_a_campaign_of_399_kb_is_looked_up_as_any_other() -> None:
    item = campaign("C-1", data_source="shopify", template="x" * 399_000)
    assert _ids(transform.up(item, ALL)["data_sources"]) == ["I-shop"]
