"""The declaration of the campaigns: where they look things up, and what uses what they find."""

from decimal import Decimal

import pytest

from migrations.campaigns.example_records import SHOP, campaign, native, source
from migrations.campaigns.migration import MIGRATION
from shared.model.item import Item, Value
from shared.model.key import Key


def _used(item: Item) -> bool:
    assert MIGRATION.reference is not None
    return MIGRATION.reference.used(item, SHOP)


def test_an_integration_is_used_by_a_campaign_that_names_it_among_its_sources() -> None:
    both = [source("I-bill", "stripe", {}), source("I-shop", "shopify", {})]
    assert _used(campaign("C-1", data_sources=both))
    assert not _used(campaign("C-1", data_sources=both[:1]))
    assert not _used(campaign("C-1", native_config=native("announcements")))


@pytest.mark.parametrize("sources", [None, "I-shop", ["I-shop"], [None], {"I-shop": 1}])
def test_an_integration_is_not_used_by_sources_that_cannot_be_read(sources: Value) -> None:
    assert not _used(campaign("C-1", data_sources=sources))


def test_a_campaign_is_looked_up_in_its_account() -> None:
    assert MIGRATION.reference is not None
    partition = MIGRATION.reference.partition
    assert partition(campaign("C-1")) == SHOP["account_id"]
    assert partition({"campaign_id": "C-1", "account_id": Decimal(1)}) is None


def test_what_names_a_campaigns_account_is_what_no_decision_changes() -> None:
    assert MIGRATION.reference is not None
    own = campaign("C-1")
    ownerless = {name: value for name, value in own.items() if name not in MIGRATION.owned_by}
    assert MIGRATION.reference.partition(own) is not None
    assert MIGRATION.reference.partition(ownerless) is None


def test_a_campaign_is_named_by_its_id() -> None:
    assert MIGRATION.key_named("C-1") == Key("C-1")
    assert MIGRATION.key_named(MIGRATION.source.keys.text(Key("C|1"))) == Key("C|1")
