"""Campaigns and integrations as Hypothesis draws them: anything, biased to what is in doubt."""

from hypothesis import strategies as st

from migrations.campaigns.kinds import NATIVE
from shared.model.item import Item, Value
from tests.unit.model.values import ITEMS, NAMES, VALUES

ACCOUNT = "A-1"
IDS = st.sampled_from(("I-0", "I-1", "I-2", "I-3"))
PROVIDERS = st.sampled_from(("shopify", "Shopify", " stripe", "stripe", "testimonials"))
KINDS = PROVIDERS | st.sampled_from((*NATIVE, "Announcements", "", "  "))
SETTINGS = st.dictionaries(st.sampled_from(("collection", "limit", "kind", "settings")), VALUES)
LEGACY_MAPS = st.builds(
    lambda named, settings: {**settings, **named},
    st.fixed_dictionaries(
        {},
        optional={
            "provider": KINDS | st.none(),
            "type": KINDS,
            "integration_id": IDS | st.just("I-9") | st.none(),
            "integration_metadata": st.dictionaries(NAMES, VALUES, max_size=2),
        },
    ),
    SETTINGS,
)
SOURCES = st.fixed_dictionaries(
    {"integration_id": IDS, "provider": st.sampled_from(("shopify", "stripe"))},
    optional={"metadata": ITEMS, "settings": SETTINGS},
)
NATIVE_CONFIGS = st.fixed_dictionaries({"kind": st.sampled_from(NATIVE), "settings": SETTINGS})
FIELDS: dict[str, st.SearchStrategy[Value]] = {
    "account_id": st.just(ACCOUNT),
    "campaign_type": st.sampled_from(("purchase", "bar", *NATIVE)),
    "data_source": KINDS | LEGACY_MAPS,
    "data_sources": st.lists(SOURCES, max_size=3) | st.none(),
    "native_config": NATIVE_CONFIGS | st.sampled_from((None, {})),
}
RARE = ("data_sources", "native_config")


@st.composite
def campaigns(draw: st.DrawFn) -> Item:
    """Draw any campaign; most are of the old shape and plausible, some hold anything."""
    item: Item = {"campaign_id": "C-1", **draw(ITEMS), "account_id": ACCOUNT}
    for name, plausible in FIELDS.items():
        kind = draw(st.integers(0, 19))
        if kind == 0:
            item[name] = draw(VALUES)
        elif kind == 1:
            item.pop(name, None)
        elif kind < 5 or name not in RARE:
            item[name] = draw(plausible)
    return item


@st.composite
def integrations(draw: st.DrawFn) -> Item:
    """Draw any record of the reference table; most are usable ones of the account."""
    item: Item = {
        "account_id": draw(st.sampled_from((ACCOUNT, ACCOUNT, ACCOUNT, "A-2"))),
        "integration_id": draw(IDS),
        "provider": draw(PROVIDERS | st.sampled_from(NATIVE)),
        "status": draw(st.sampled_from(("active", "connected", "disabled"))),
        "metadata": draw(ITEMS) | {"shop_domain": "a.example", "token": "secret"},
    }
    spoiled = draw(st.sampled_from(("", "", "", *item)))
    return {**item, spoiled: draw(VALUES)} if spoiled else item


def _key(integration: Item) -> str:
    return repr((integration["account_id"], integration["integration_id"]))


FOUND = st.lists(integrations(), max_size=6, unique_by=_key)


@st.composite
def fed_by_one(draw: st.DrawFn) -> tuple[Item, tuple[Item, ...]]:
    """Draw a campaign of the new shape as the API takes it, and the integration it names."""
    integration = draw(integrations())
    kind = draw(st.sampled_from(("shopify", "stripe", "größe")))
    integration |= {"account_id": ACCOUNT, "integration_id": "I-0", "provider": kind}
    source = {"integration_id": "I-0", "provider": kind}
    source |= {"metadata": draw(ITEMS), "settings": draw(SETTINGS)}
    own: Item = {"campaign_id": "C-1", **draw(ITEMS), "account_id": ACCOUNT}
    return {**own, "data_sources": [source]}, (integration, *draw(FOUND))
