"""How examples are told: an event, and the canonical form that it gets."""

from migrations.events.provider import Shape
from migrations.events.providers import stripe
from shared.model.declaration import TRANSFORM, Example, Verdict
from shared.model.item import Item, Value

STRIPE = {shape.kind: shape for shape in stripe.OBJECTS}
_ACCOUNT: Item = {"account_id": "acc-7", "created_at": "2026-02-03T11:00:00Z"}


def old(event_id: str, payload: Value, /, **attributes: Value) -> Item:
    """Return an event without canonical form."""
    return {"event_id": event_id, **_ACCOUNT, "event_data": payload, **attributes}


def of(event_id: str, shape: Shape, /, **attributes: Value) -> Item:
    """Return an event with the payload that is a shape's own example."""
    return old(event_id, shape.example, **attributes)


def form(provider: str, kind: str, at: str, source_id: str | None, /, **fields: Value) -> Item:
    """Return a canonical form; `fields` are what templates show."""
    meta = {"meta.provider": provider, "meta.kind": kind, "meta.timestamp": at}
    own = {} if source_id is None else {"meta.source_id": source_id}
    return {**{f"template.{name}": value for name, value in fields.items()}, **meta, **own}


def becomes(name: str, source: Item, canonical: Item, verdict: Verdict = TRANSFORM) -> Example:
    """Return the example of an event that gets this canonical form beside what it has.

    A null canonical_event, as SQL leaves it, is not brought back: absent says the same.
    """
    target = {**source, "canonical_event": canonical}
    return Example(name, source, target, verdict, reversible="canonical_event" not in source)


def nested(levels: int) -> Value:
    """Return a map in a map in a map, and so on, with a text at the bottom."""
    value: Value = "the bottom"
    for _ in range(levels):
        value = {"in": value}
    return value
