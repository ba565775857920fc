"""Campaigns that no program should decide, with the answers that a person may choose from."""

from decimal import Decimal

from migrations.campaigns.example_records import (
    ALL,
    FOREIGN,
    SHOP,
    TWO_SHOPS,
    campaign,
    source,
)
from shared.model.declaration import Candidate, Decision, Example, Verdict
from shared.model.item import Item, Value


def _meant(
    integration_id: str, provider: str, why: str = "switched on", /, **settings: Value
) -> Candidate:
    named = {**settings, "provider": provider, "integration_id": integration_id}
    why = f"an integration of the account with {provider}, {why}"
    return Candidate(integration_id, {"data_source": named}, why)


def _doubt(reason: str, *candidates: Candidate, field: str = "data_source") -> Verdict:
    return Verdict(Decision.AMBIGUOUS, reason, field, candidates)


def _reject(reason: str, field: str = "data_source") -> Verdict:
    return Verdict(Decision.REJECT, reason, field)


def _held(name: str, record: Item, verdict: Verdict, found: tuple[Item, ...] = ALL) -> Example:
    """Return an example that stays as it is, and is shown without any sources."""
    return Example(name, record, {**record, "data_sources": []}, verdict, found=found)


_M_SHOP = _meant("I-shop", "shopify")
_M_BILLING = _meant("I-bill", "stripe")
_M_REVIEWS = _meant("I-stars", "testimonials", "switched off")

IN_DOUBT: tuple[Example, ...] = (
    _held(
        "no integration of the provider, so each other one may be meant",
        campaign("C-20", data_source="mailchimp"),
        _doubt(
            "the account has no integration of the provider in data_source",
            *(_M_BILLING, _M_SHOP, _M_REVIEWS),
        ),
    ),
    _held(
        "no integration at all, and another account's does not count",
        campaign("C-21", data_source="shopify"),
        _doubt("the account has no integration of the provider in data_source"),
        (FOREIGN,),
    ),
    _held(
        "two integrations of the provider",
        campaign("C-22", data_source={"type": "shopify", "collection": "cranes"}),
        _doubt(
            "the account has 2 integrations of the provider in data_source",
            _meant("I-outlet", "shopify", collection="cranes"),
            _meant("I-shop", "shopify", collection="cranes"),
        ),
        TWO_SHOPS,
    ),
    _held(
        "the only integration of the provider is switched off",
        campaign("C-23", data_source="testimonials"),
        _doubt("the account's only integration of the provider is switched off", _M_REVIEWS),
    ),
    _held(
        "an integration that does not exist",
        campaign("C-24", data_source={"provider": "shopify", "integration_id": "I-gone"}),
        _doubt("the account has no integration of the id in data_source", _M_SHOP),
    ),
    _held(
        "an integration of another account, which is no more than one that does not exist",
        campaign("C-25", data_source={"provider": "shopify", "integration_id": "I-theirs"}),
        _doubt("the account has no integration of the id in data_source", _M_SHOP),
        (*ALL, FOREIGN),
    ),
    _held(
        "an integration of another provider than the named one",
        campaign("C-26", data_source={"provider": "stripe", "integration_id": "I-shop"}),
        _doubt("the integration in data_source is of another provider", _M_SHOP, _M_BILLING),
    ),
    _held(
        "a provider and a type that differ",
        campaign("C-27", data_source={"provider": "stripe", "type": "shopify"}),
        _doubt("provider and type in data_source differ", _M_BILLING, _M_SHOP),
    ),
    _held(
        "no source at all for a campaign that is not native",
        campaign("C-28", campaign_type="purchase"),
        _doubt("data_source names no provider", _M_SHOP),
        (SHOP,),
    ),
    _held(
        "a native type and the source of an integration",
        campaign("C-29", campaign_type="announcements", data_source="shopify"),
        _doubt(
            "campaign_type and data_source do not name one native kind",
            Candidate(
                "announcements",
                {"data_source": {"type": "announcements"}},
                "a native kind, which needs no integration",
            ),
        ),
    ),
    _held(
        "two native kinds",
        campaign("C-30", campaign_type="announcements", data_source="live_visitors"),
        _doubt(
            "campaign_type and data_source do not name one native kind",
            Candidate(
                "live_visitors",
                {"data_source": {"type": "live_visitors"}, "campaign_type": "live_visitors"},
                "a native kind, which needs no integration",
            ),
            Candidate(
                "announcements",
                {"data_source": {"type": "announcements"}},
                "a native kind, which needs no integration",
            ),
        ),
    ),
    Example(
        "a legacy source and new ones",
        campaign("C-31", data_source="stripe", data_sources=[source("I-shop", "shopify", {})]),
        campaign("C-31", data_source="stripe", data_sources=[source("I-shop", "shopify", {})]),
        _doubt(
            "there is a data_source and there is data_sources",
            Candidate("data_source", {"data_sources": None}, "data_sources is given up"),
            Candidate("data_sources", {"data_source": None}, "data_source is given up"),
        ),
        found=ALL,
    ),
    _held(
        "no account",
        {"campaign_id": "C-32", "data_source": "shopify"},
        _doubt("there is no account_id, and every campaign has one", field="account_id"),
        (),
    ),
)

REJECTED: tuple[Example, ...] = (
    _held(
        "a list where a source is expected",
        campaign("C-40", data_source=["shopify"]),
        _reject("data_source is neither text nor a map"),
    ),
    _held(
        "an integration's id that is no text",
        campaign("C-41", data_source={"provider": "shopify", "integration_id": Decimal(7)}),
        _reject("integration_id in data_source is not text"),
    ),
    _held(
        "a type that is no text",
        campaign("C-42", campaign_type=Decimal(3), data_source="shopify"),
        _reject("campaign_type is not text", "campaign_type"),
    ),
)
