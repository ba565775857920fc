"""The bodies of the campaigns' API: what they take, what they refuse, and what they replace."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from functions.serve_records.answers import attributes_in, blamed
from migrations.campaigns import keys, transform
from migrations.campaigns.example_records import ALL
from migrations.campaigns.examples import EXAMPLES
from migrations.campaigns.models import (
    CampaignChange,
    CampaignCreate,
    LegacyCampaign,
    MigratedCampaign,
)
from shared.model.declaration import TRANSFORM
from shared.model.errors import InvalidInput
from shared.model.item import Item, encode, same
from shared.model.key import Key

SOURCE = {"integration_id": "I-shop", "provider": "shopify"}
WHOLE = {**SOURCE, "metadata": {}, "settings": {}}
CONFIG = {"kind": "announcements"}
BODY: dict[str, Any] = {"name": "Spring", "account_id": "A-1"}


def test_key_of_a_campaign_is_its_id_and_refuses_an_empty_one() -> None:
    assert keys.key_of("C|1") == Key("C|1")
    with pytest.raises(InvalidInput) as caught:
        keys.key_of("")
    assert caught.value.field == "campaign_id"


@pytest.mark.parametrize("account", [None, "", Decimal(1), b"A-1"])
def test_account_of_a_campaign_without_one_is_none(account: object) -> None:
    assert keys.account_of({"account_id": account}) is None
    assert keys.account_of({}) is None
    assert keys.account_of({"account_id": "A-1"}) == "A-1"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
def test_moving_examples_are_of_the_declared_shapes(example: Any) -> None:
    if example.verdict == TRANSFORM:
        LegacyCampaign.model_validate(example.source)
        MigratedCampaign.model_validate(example.target)
    else:
        with pytest.raises(ValidationError):
            MigratedCampaign.model_validate(example.target)


@pytest.mark.parametrize(
    "fed",
    [
        {"data_sources": [{**SOURCE, "settings": {"limit": Decimal("1.10")}}]},
        {"native_config": CONFIG, "campaign_type": "announcements"},
        {"native_config": {**CONFIG, "settings": {"place": ["top"]}}, "campaign_type": "bar"},
    ],
)
def test_a_created_campaign_can_be_stored_in_either_shape(fed: dict[str, Any]) -> None:
    body = CampaignCreate.model_validate({**BODY, **fed, "tags": ["a"]})
    item: Item = {"campaign_id": "C-1", **attributes_in(body)}
    given = {name: value for name, value in item.items() if value is not None}
    assert encode(given)
    assert transform.upgraded(given)
    assert same(transform.up(transform.down(given), ALL), given)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"account_id": "a/b"}, "account_id"),
        ({"campaign_id": ".."}, "campaign_id"),
        ({"data_sources": None}, "data_sources"),
        ({"data_sources": []}, "data_sources"),
        ({"data_sources": [SOURCE, SOURCE]}, "data_sources"),
        ({"data_sources": [SOURCE], "native_config": CONFIG}, "data_sources"),
        ({"data_sources": "shopify"}, "data_sources"),
        ({"data_sources": [{"provider": "shopify"}]}, "data_sources.0.integration_id"),
        ({"data_sources": [{**SOURCE, "provider": "Shopify"}]}, "data_sources.0.provider"),
        ({"data_sources": [{**SOURCE, "provider": ""}]}, "data_sources.0.provider"),
        ({"data_sources": [{**SOURCE, "provider": "announcements"}]}, "data_sources.0.provider"),
        ({"data_sources": [{**SOURCE, "token": "x"}]}, "data_sources.0.token"),
        ({"data_sources": [{**SOURCE, "settings": {"type": "x"}}]}, "type"),
        ({"data_sources": [SOURCE], "campaign_type": "live_visitors"}, "data_sources"),
        (
            {"data_sources": None, "native_config": CONFIG, "campaign_type": "live_visitors"},
            "native_config",
        ),
        ({"data_sources": None, "native_config": {"kind": "shopify"}}, "native_config.kind"),
        ({"data_source": "shopify"}, "data_source"),
        ({"_cutover_version": Decimal(1)}, "_cutover_version"),
        ({"campaign_type": " "}, "campaign_type"),
    ],
)
def test_create_refuses_bad_input_naming_the_field(given: dict[str, Any], field: str) -> None:
    body = {**BODY, "data_sources": [SOURCE], **given}
    assert _blamed(CampaignCreate, body) == field


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": None}, "name"),
        ({"data_sources": None}, "data_sources"),
        ({"native_config": None}, "native_config"),
        ({"account_id": "A-2"}, "account_id"),
        ({"campaign_type": "bar"}, "campaign_type"),
        ({"campaign_id": "C-2"}, "campaign_id"),
        ({"data_source": None}, "data_source"),
        ({"data_sources": [SOURCE], "native_config": CONFIG}, "data_sources"),
        ({"data_sources": []}, "data_sources"),
    ],
)
def test_change_refuses_what_every_campaign_keeps(given: dict[str, Any], field: str) -> None:
    assert _blamed(CampaignChange, given) == field


def test_change_of_the_feed_takes_the_place_of_the_other_and_of_the_legacy_one() -> None:
    sources = CampaignChange.model_validate({"data_sources": [SOURCE]})
    expected: Item = {"data_sources": [WHOLE], "native_config": None, "data_source": None}
    assert attributes_in(sources) == expected
    native = CampaignChange.model_validate({"native_config": CONFIG})
    config = {**CONFIG, "settings": {}}
    expected = {"native_config": config, "data_sources": None, "data_source": None}
    assert attributes_in(native) == expected


def test_change_of_anything_else_leaves_the_feed_alone() -> None:
    body = CampaignChange.model_validate({"name": "Autumn", "status": None, "nickname": None})
    assert attributes_in(body) == {"name": "Autumn", "status": None, "nickname": None}


def _blamed(model: type[BaseModel], given: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    errors: list[Any] = [dict(each) for each in caught.value.errors()]
    assert len(errors) == 1
    return blamed([{**errors[0], "loc": ("body", *errors[0]["loc"])}])[0]
