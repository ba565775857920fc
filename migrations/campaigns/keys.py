"""The keys of campaigns and of the integrations that their accounts have."""

from shared.model.item import Item
from shared.model.key import Key, KeySchema, KeyValue

KEYS = KeySchema("campaign_id")
BY_ACCOUNT = KeySchema("account_id")
INTEGRATION_KEYS = KeySchema("account_id", "integration_id")


def key_of(campaign_id: str) -> Key:
    """Return the key of a campaign; raise InvalidInput for an id that has none."""
    return KEYS.key_of({"campaign_id": campaign_id})


def account_of(item: Item) -> KeyValue | None:
    """Return the account of a campaign of either shape, or None when it names none."""
    account = item.get("account_id")
    return account if isinstance(account, str) and account else None
