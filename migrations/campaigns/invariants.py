"""What must be true of every migrated campaign (the runbook's checks after the migration)."""

from migrations.campaigns.kinds import NATIVE, kind_in, says_nothing
from shared.model.in_place import Found, Invariant
from shared.model.item import Item, Value

SOURCES, CONFIG = "data_sources", "native_config"


def _has_one(item: Item) -> str | None:
    """Say why a campaign is fed by nothing, or by two things that exclude each other."""
    sources, native = not says_nothing(item.get(SOURCES)), not says_nothing(item.get(CONFIG))
    if not sources and not native:
        return f"there are neither {SOURCES} nor a {CONFIG}"
    return f"there are both {SOURCES} and a {CONFIG}" if sources and native else None


def _names_integrations(item: Item) -> str | None:
    """Say why a list of sources does not name integrations, each once."""
    sources = item.get(SOURCES)
    if says_nothing(sources):
        return None
    if not isinstance(sources, list) or not all(map(_names_one, sources)):
        return f"an entry of {SOURCES} has no integration_id or no provider"
    ids = [each["integration_id"] for each in sources]
    return None if len(set(ids)) == len(ids) else f"{SOURCES} names an integration twice"


def _names_its_kind(item: Item) -> str | None:
    """Say why a native campaign has not the configuration of its kind."""
    native, type_ = item.get(CONFIG), kind_in(item.get("campaign_type"))
    if says_nothing(native):
        return f"a campaign of type {type_} has no {CONFIG}" if type_ in NATIVE else None
    kind = native.get("kind") if isinstance(native, dict) else None
    if kind not in NATIVE:
        return f"{CONFIG} names no native kind"
    if type_ in NATIVE and type_ != kind:
        return f"{CONFIG} is of another kind than the campaign"
    return None


def _names_one(source: Value) -> bool:
    return isinstance(source, dict) and all(
        isinstance(source.get(name), str) and source[name]
        for name in ("integration_id", "provider")
    )


INVARIANTS = (
    Invariant("fed by data_sources or a native_config", _has_one),
    Invariant("each data source names its integration", _names_integrations),
    Invariant("a native campaign is configured for its kind", _names_its_kind),
)


def not_its_own(item: Item, found: Found) -> str | None:
    """Say that a source is not an integration of the campaign's account, or of another provider.

    Whether it does not exist or belongs to another account is nobody's business here.
    """
    sources = item.get(SOURCES)
    providers = {each.get("integration_id"): kind_in(each.get("provider")) for each in found}
    for source in sources if isinstance(sources, list) else ():
        if _names_one(source) and providers.get(source["integration_id"]) != source["provider"]:
            return f"{SOURCES} names an integration that the account has not, or another provider"
    return None


def broken(item: Item) -> str | None:
    """Return the first reason why a campaign breaks an invariant, or None."""
    return next(filter(None, (each.broken(item) for each in INVARIANTS)), None)
