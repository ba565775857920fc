"""Announcements that an account writes for its own visitors."""

from migrations.events.provider import Provider, Shape, has
from migrations.events.reading import Fields, Payload, text


def _announcement(payload: Payload) -> Fields:
    return {
        "title": text(payload, "title"),
        "message": text(payload, "message"),
        "cta_text": text(payload, "cta_text"),
        "cta_url": text(payload, "cta_url"),
        "image_url": text(payload, "image_url"),
    }


ANNOUNCEMENT = Shape(
    kind="announcement",
    tells=has("announcement_id"),
    fields=_announcement,
    needs=("title", "message"),
    moments=("starts_at", "published_at"),
    identities=("announcement_id",),
    example={
        "announcement_id": "ann_31",
        "title": "Spring sale",
        "message": "Everything blue is 20 % off until Sunday.",
        "cta_text": "Have a look",
        "cta_url": "https://shop.example.org/sale?from=banner",
        "image_url": "",
        "starts_at": "2026-03-20T00:00:00Z",
        "audience": {"countries": ["FR", "DE"], "new_only": False},
    },
)

PROVIDER = Provider("announcements", (ANNOUNCEMENT,))
