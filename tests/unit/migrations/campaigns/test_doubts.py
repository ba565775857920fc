"""The edges of what is in doubt: each is a verdict of its own, and nothing is lost on the way."""

from decimal import Decimal

import pytest

from migrations.campaigns import transform
from migrations.campaigns.example_records import ALL, SHOP, campaign, native, source
from migrations.campaigns.examples import EXAMPLES
from migrations.campaigns.integrations import CANDIDATES
from shared.model.declaration import Decision, Example
from shared.model.item import Item, Value, canonical, same

DOUBTS = [each for each in EXAMPLES if each.verdict.decision is Decision.AMBIGUOUS]
SECRET = "ann@example.org"


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


@pytest.mark.parametrize(
    "extra", [{"integration_id": "I-shop"}, {"integration_metadata": {"shop_domain": "a"}}]
)
@pytest.mark.parametrize("named", [{"type": "announcements"}, {}])
def test_a_native_kind_with_anything_of_an_integration_is_in_doubt(
    named: Item, extra: Item
) -> None:
    item = campaign("C-1", campaign_type="announcements", data_source={**named, **extra})
    verdict = transform.classify(item, ALL)
    assert (verdict.decision, verdict.field) == (Decision.AMBIGUOUS, "data_source")
    assert [each.name for each in verdict.candidates] == ["announcements"]


def test_a_native_source_with_an_integration_expects_either_as_an_answer() -> None:
    item = campaign("C-1", data_source={"type": "announcements", "integration_id": "I-shop"})
    names = [each.name for each in transform.classify(item, ALL).candidates]
    assert names == ["announcements", "I-shop"]


@pytest.mark.parametrize(
    "unusable",
    [
        {"integration_id": ""},
        {"integration_id": Decimal(1)},
        {"provider": " "},
        {"provider": None},
        {"provider": "announcements"},
        {"account_id": "A-2"},
    ],
)
def test_a_reference_record_that_is_no_integration_of_the_account_is_as_if_not_there(
    unusable: Item,
) -> None:
    item = campaign("C-1", data_source=unusable.get("provider") or "shopify")
    found = [{**SHOP, **unusable}]
    assert transform.classify(item, found) == transform.classify(item, ())
    assert same(transform.up(item, found), transform.up(item, ()))


@pytest.mark.parametrize("metadata", [None, "text", [], Decimal(1)])
def test_an_integration_without_metadata_tells_nothing(metadata: Value) -> None:
    item = campaign("C-1", data_source="shopify")
    shown = transform.up(item, [{**SHOP, "metadata": metadata}])
    assert shown["data_sources"] == [source("I-shop", "shopify", {})]


@pytest.mark.parametrize(
    ("fed", "expected"),
    [
        (
            {"data_sources": [{"integration_id": "I-1", "provider": "shopify"}]},
            {"data_source": {"integration_id": "I-1", "provider": "shopify"}},
        ),
        (
            {"data_sources": [{**source("I-1", "shopify", {}), "settings": "x"}]},
            {
                "data_source": {
                    "integration_id": "I-1",
                    "provider": "shopify",
                    "integration_metadata": {},
                }
            },
        ),
        ({"data_sources": ["shopify"]}, {}),
        ({"data_sources": "shopify"}, {"data_sources": "shopify"}),
        ({"native_config": {"kind": "announcements"}}, {"data_source": "announcements"}),
        ({"native_config": native("announcements")}, {"data_source": "announcements"}),
        (
            {"native_config": native("announcements", at="top"), "data_sources": []},
            {"data_source": {"type": "announcements", "at": "top"}},
        ),
        (
            {"native_config": {"kind": "announcements", "settings": "x"}},
            {"data_source": "announcements"},
        ),
        ({"native_config": {"kind": "shopify"}}, {}),
        ({"native_config": native("announcements"), "data_sources": [source("I", "s", {})]}, {}),
    ],
)
def test_the_old_shape_of_what_is_fed(fed: Item, expected: Item) -> None:
    assert transform.down({**campaign("C-1"), **fed}) == {**campaign("C-1"), **expected}


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


@pytest.mark.parametrize(
    "strange",
    [
        {"account_id": None},
        {"campaign_type": Decimal(1)},
        {"data_sources": [{}]},
        {"data_sources": [source("I-theirs", "shopify", {})]},
        {"native_config": "x"},
    ],
)
def test_a_campaign_in_the_new_shape_is_left_to_the_invariants_however_strange(
    strange: Item,
) -> None:
    item = {**campaign("C-1", data_sources=[source("I-shop", "shopify", {})]), **strange}
    assert transform.upgraded(item)
    assert transform.classify(item, ALL).decision is Decision.TRANSFORM
    assert same(transform.up(item, ALL), item)


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


def test_a_campaign_of_399_kb_is_looked_up_as_any_other() -> None:
    item = campaign("C-1", data_source="shopify", template="x" * 399_000)
    (entry,) = transform.up(item, ALL)["data_sources"]
    assert entry["integration_id"] == "I-shop"
