"""A made-up account with its integrations, and its campaigns in both shapes."""

from shared.model.item import Item, Value


def _integration(integration_id: str, provider: str, /, **attributes: Value) -> Item:
    key = {"account_id": "A-1", "integration_id": integration_id}
    return {**key, "provider": provider, "status": "active", **attributes}


SHOP = _integration(
    "I-shop",
    "shopify",
    name="Main shop",
    metadata={
        "shop_domain": "crane.example",
        "connected_at": "2024-02-03T04:05:06Z",
        "event_kinds": ["orders/create", "orders/paid"],
        "access_token": "never copied",
    },
)
OUTLET = _integration("I-outlet", "shopify", metadata={"shop_domain": "outlet.example"})
BILLING = _integration("I-bill", "Stripe", metadata={"account_name": "Crane Ltd"})
REVIEWS = _integration("I-stars", "testimonials", status="disabled")
FOREIGN = {**_integration("I-theirs", "shopify"), "account_id": "A-2"}

SHOP_TOLD: Item = {
    "shop_domain": "crane.example",
    "connected_at": "2024-02-03T04:05:06Z",
    "event_kinds": ["orders/create", "orders/paid"],
}
ALL = (SHOP, BILLING, REVIEWS)
TWO_SHOPS = (OUTLET, SHOP)


def campaign(campaign_id: str, /, **attributes: Value) -> Item:
    """Return a campaign of the account."""
    return {"campaign_id": campaign_id, "account_id": "A-1", "name": "Spring", **attributes}


def source(
    integration_id: str, provider: str, metadata: Item, settings: Item | None = None
) -> Item:
    """Return an entry of `data_sources`."""
    return {
        "integration_id": integration_id,
        "provider": provider,
        "metadata": metadata,
        "settings": settings or {},
    }


def native(kind: str, /, **settings: Value) -> Item:
    """Return a `native_config`."""
    return {"kind": kind, "settings": settings}
