"""Live visitors: how many people are on a page right now."""

from decimal import Decimal

from migrations.events.provider import Provider, Shape, has
from migrations.events.reading import Fields, Payload, number, page, text


def _visitors(payload: Payload) -> Fields:
    return {
        "visitor_count": number(payload, "visitor_count"),
        "window_minutes": number(payload, "window_minutes"),
        "page_title": text(payload, "page_title"),
        "page_url": page(payload, "page_url"),
        "city": text(payload, "top_location.city"),
        "country": text(payload, "top_location.country"),
    }


VISITORS = Shape(
    kind="visitors",
    tells=has("visitor_count"),
    fields=_visitors,
    needs=("visitor_count",),
    moments=("measured_at",),
    identities=("measurement_id",),
    example={
        "visitor_count": Decimal(17),
        "window_minutes": Decimal(5),
        "page_title": "Blue mugs",
        "page_url": "https://shop.example.org/mugs/blue#reviews",
        "top_location": {"city": "Paris", "country": "FR", "visitors": Decimal(6)},
        "measured_at": Decimal(1770109200500),
    },
)

PROVIDER = Provider("live_visitors", (VISITORS,))
