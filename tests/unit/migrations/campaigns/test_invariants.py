"""The checks after the migration: what each finds, and what it says."""

import pytest
from hypothesis import given

from migrations.campaigns.example_records import campaign, native, source
from migrations.campaigns.invariants import INVARIANTS, broken
from shared.model.item import Item, Value
from tests.unit.migrations.campaigns.strategies import campaigns

SHOP = source("I-shop", "shopify", {})
FED, NAMED, KIND = (each.name for each in INVARIANTS)


@pytest.mark.parametrize(
    "item",
    [
        campaign("C-1", data_sources=[SHOP]),
        campaign("C-1", data_sources=[SHOP, source("I-bill", "stripe", {})], native_config={}),
        campaign("C-1", native_config=native("announcements"), data_sources=[]),
        campaign("C-1", campaign_type="live_visitors", native_config=native("live_visitors")),
    ],
)
def test_a_campaign_that_is_fed_breaks_nothing(item: Item) -> None:
    assert broken(item) is None


@pytest.mark.parametrize(
    ("attributes", "names"),
    [
        ({}, [FED]),
        ({"data_sources": [], "native_config": {}}, [FED]),
        ({"data_sources": None}, [FED]),
        ({"data_sources": [SHOP], "native_config": native("announcements")}, [FED]),
        ({"data_sources": "shopify"}, [NAMED]),
        ({"data_sources": [SHOP, "stripe"]}, [NAMED]),
        ({"data_sources": [{"integration_id": "I-1"}]}, [NAMED]),
        ({"data_sources": [{**SHOP, "integration_id": ""}]}, [NAMED]),
        ({"data_sources": [SHOP, SHOP]}, [NAMED]),
        ({"native_config": {"settings": {}}}, [KIND]),
        ({"native_config": "announcements"}, [KIND]),
        ({"native_config": native("announcements"), "campaign_type": "live_visitors"}, [KIND]),
        ({"data_sources": [SHOP], "campaign_type": "live_visitors"}, [KIND]),
    ],
)
def test_a_campaign_that_breaks_an_invariant_expects_its_name_and_a_reason(
    attributes: dict[str, Value], names: list[str]
) -> None:
    item = campaign("C-1", **attributes)
    assert [each.name for each in INVARIANTS if each.broken(item)] == names
    assert broken(item)


@given(campaigns())
def test_any_campaign_is_answered(item: Item) -> None:
    for each in INVARIANTS:
        assert each.broken(item) != ""
