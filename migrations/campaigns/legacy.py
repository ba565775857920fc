"""Reads and writes the legacy field `data_source`: a provider as text, or a map, or nothing."""

from dataclasses import dataclass

from migrations.campaigns.kinds import NATIVE, kind_in, says_nothing
from shared.model.declaration import Decision, Verdict
from shared.model.item import Item, Value

FIELD = "data_source"
METADATA = "integration_metadata"
"""Where the legacy map keeps what was looked up once, so that a way down and up loses nothing."""

RESERVED = frozenset({"provider", "type", "integration_id", METADATA})
"""The names in a legacy map that are no settings of the source."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a legacy source says: the kinds it names (more than one is a contradiction)."""

    kinds: tuple[str, ...]
    integration_id: str | None
    metadata: Item | None
    settings: Item

    @property
    def external(self) -> bool:
        """Tell whether the source speaks of an integration, which native kinds do not have."""
        return self.integration_id is not None or self.metadata is not None


def read(source: Value) -> Named | Verdict:
    """Return what a legacy source says, or the verdict on one of a wrong type."""
    if source is None or isinstance(source, str):
        return Named(_distinct(source), None, None, {})
    if not isinstance(source, dict):
        return _reject(f"{FIELD} is neither text nor a map")
    for name in ("provider", "type", "integration_id"):
        if not isinstance(source.get(name), str | None):
            return _reject(f"{name} in {FIELD} is not text")
    if not isinstance(source.get(METADATA), dict | None):
        return _reject(f"{METADATA} in {FIELD} is not a map")
    return Named(
        kinds=_distinct(source.get("provider"), source.get("type")),
        integration_id=source.get("integration_id") or None,
        metadata=source.get(METADATA),
        settings={name: value for name, value in source.items() if name not in RESERVED},
    )


def written(sources: Value, native: Value) -> Value:
    """Return the legacy form of one source or of one native kind; None when it has none."""
    if says_nothing(native) and isinstance(sources, list) and len(sources) == 1:
        return _of_integration(sources[0]) if isinstance(sources[0], dict) else None
    if says_nothing(sources) and isinstance(native, dict) and native.get("kind") in NATIVE:
        settings = _map_in(native, "settings")
        return {"type": native["kind"], **settings} if settings else native["kind"]
    return None


def _of_integration(source: Item) -> Item:
    metadata = {METADATA: source["metadata"]} if "metadata" in source else {}
    named = {name: source.get(name) for name in ("provider", "integration_id")}
    return {**_map_in(source, "settings"), **named, **metadata}


def _map_in(item: Item, name: str) -> Item:
    value = item.get(name)
    return value if isinstance(value, dict) else {}


def _distinct(*texts: str | None) -> tuple[str, ...]:
    """Return the kinds that the texts name, each once."""
    return tuple(dict.fromkeys(filter(None, map(kind_in, texts))))


def _reject(reason: str) -> Verdict:
    return Verdict(Decision.REJECT, reason, FIELD)
