"""Events as Hypothesis draws them: payloads of every provider, whole, mixed, cut and spoilt."""

from decimal import Decimal

from hypothesis import strategies as st

from migrations.events.provider import Shape
from migrations.events.providers import registered
from shared.model.item import Item
from tests.unit.model.values import NAMES, VALUES

SHAPES: list[Shape] = [shape for each in registered().values() for shape in each.shapes]
PARTS = sorted({name for shape in SHAPES for name in shape.example})
CLAIMS = st.sampled_from([*registered(), "Shopify", "instant-capture", "Acme", "", " "])
TIMES = st.sampled_from(
    [
        "2026-02-03T10:00:00+02:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31 23:59:59-14:00",
        "2026-02-30",
        "yesterday",
        Decimal(1770109200),
        Decimal("1E+14"),
    ]
)


@st.composite
def payloads(draw: st.DrawFn) -> Item:
    """Draw a payload: one or two shapes' examples, with parts missing, spoilt and added."""
    payload: Item = {}
    for shape in draw(st.lists(st.sampled_from(SHAPES), max_size=2)):
        payload |= shape.example
    for name in draw(st.sets(st.sampled_from(PARTS), max_size=3)):
        payload.pop(name, None)
    for name in draw(st.sets(st.sampled_from(PARTS), max_size=3)):
        payload[name] = draw(VALUES | TIMES)
    return {**draw(st.dictionaries(NAMES, VALUES, max_size=4)), **payload}


@st.composite
def events(draw: st.DrawFn) -> Item:
    """Draw an event without canonical form; anything may be missing or of any type."""
    optional = {
        "provider": st.one_of(CLAIMS, CLAIMS, CLAIMS, VALUES),
        "event_data": st.one_of(payloads(), payloads(), payloads(), VALUES),
        "occurred_at": TIMES | VALUES,
        "created_at": TIMES | VALUES,
        "provider_confirmed": st.booleans() | VALUES,
        "account_id": NAMES,
    }
    own: Item = draw(st.fixed_dictionaries({}, optional=optional))
    others = draw(st.dictionaries(NAMES.map("x_".__add__), VALUES, max_size=2))
    return {**others, **own, "event_id": draw(NAMES)}
