"""The laws of the campaigns' transform, on drawn records."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from migrations.campaigns import transform
from migrations.campaigns.example_records import campaign
from migrations.campaigns.invariants import broken
from migrations.campaigns.kinds import kind_in, says_nothing
from shared.model.declaration import TRANSFORM
from shared.model.item import Item, Value, encode, same
from tests.unit.migrations.campaigns.strategies import (
    ACCOUNT,
    FOUND,
    NATIVE_CONFIGS,
    SOURCES,
    campaigns,
    fed_by_one,
)

GIVEN_MEANING = {"data_source", "data_sources", "native_config"}


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
