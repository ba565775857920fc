"""Campaigns and what must become of them; every build checks each pair."""

from decimal import Decimal

from migrations.campaigns.example_records import (
    ALL,
    SHOP_TOLD,
    TWO_SHOPS,
    campaign,
    native,
    source,
)
from migrations.campaigns.examples_in_doubt import IN_DOUBT, REJECTED
from shared.model.declaration import Example

_MOVING = (
    Example(
        "a provider as text",
        campaign("C-01", campaign_type="purchase", data_source="shopify"),
        campaign(
            "C-01",
            campaign_type="purchase",
            data_sources=[source("I-shop", "shopify", SHOP_TOLD)],
        ),
        reversible=False,
        found=ALL,
    ),
    Example(
        "a provider in other letters, and nothing else of the integration is told",
        campaign("C-02", data_source=" STRIPE "),
        campaign("C-02", data_sources=[source("I-bill", "stripe", {"account_name": "Crane Ltd"})]),
        reversible=False,
        found=ALL,
    ),
    Example(
        "a map with settings",
        campaign(
            "C-03", data_source={"type": "shopify", "collection": "cranes", "limit": Decimal(5)}
        ),
        campaign(
            "C-03",
            data_sources=[
                source(
                    "I-shop", "shopify", SHOP_TOLD, {"collection": "cranes", "limit": Decimal(5)}
                )
            ],
        ),
        reversible=False,
        found=ALL,
    ),
    Example(
        "an integration named among two of its provider",
        campaign("C-04", data_source={"provider": "shopify", "integration_id": "I-outlet"}),
        campaign(
            "C-04",
            data_sources=[source("I-outlet", "shopify", {"shop_domain": "outlet.example"})],
        ),
        reversible=False,
        found=TWO_SHOPS,
    ),
    Example(
        "an integration named without its provider, and switched off",
        campaign("C-05", data_source={"integration_id": "I-stars"}),
        campaign("C-05", data_sources=[source("I-stars", "testimonials", {})]),
        reversible=False,
        found=ALL,
    ),
    Example(
        "one that was in the new shape before keeps what was looked up then",
        campaign(
            "C-06",
            data_source={
                "provider": "shopify",
                "integration_id": "I-shop",
                "integration_metadata": {"shop_domain": "old.example"},
                "collection": "cranes",
            },
        ),
        campaign(
            "C-06",
            data_sources=[
                source(
                    "I-shop", "shopify", {"shop_domain": "old.example"}, {"collection": "cranes"}
                )
            ],
        ),
        found=ALL,
    ),
    Example(
        "a native kind by its type alone",
        campaign("C-07", campaign_type="live_visitors"),
        campaign("C-07", campaign_type="live_visitors", native_config=native("live_visitors")),
        reversible=False,
    ),
    Example(
        "a native kind as text",
        campaign("C-08", campaign_type="bar", data_source="announcements"),
        campaign("C-08", campaign_type="bar", native_config=native("announcements")),
    ),
    Example(
        "a native kind as a map with settings",
        campaign(
            "C-09",
            campaign_type="instant_capture",
            data_source={"type": "instant_capture", "form": "f-1", "fields": ["city", None]},
        ),
        campaign(
            "C-09",
            campaign_type="instant_capture",
            native_config=native("instant_capture", form="f-1", fields=["city", None]),
        ),
    ),
    Example(
        "an empty list and a null that say nothing",
        campaign("C-10", data_source="stripe", data_sources=[], native_config=None),
        campaign("C-10", data_sources=[source("I-bill", "stripe", {"account_name": "Crane Ltd"})]),
        reversible=False,
        found=ALL,
    ),
    Example(
        "everything else is kept exactly",
        campaign("C-11", data_source="announcements", rules={"b": b"\x00"}, tags=frozenset({"x"})),
        campaign(
            "C-11",
            native_config=native("announcements"),
            rules={"b": b"\x00"},
            tags=frozenset({"x"}),
        ),
    ),
    Example(
        "new sources beside a legacy source that was given up",
        campaign("C-12", data_source=None, data_sources=[source("I-shop", "shopify", {})]),
        campaign("C-12", data_sources=[source("I-shop", "shopify", {})]),
        reversible=False,
        found=ALL,
    ),
)

EXAMPLES: tuple[Example, ...] = _MOVING + IN_DOUBT + REJECTED
