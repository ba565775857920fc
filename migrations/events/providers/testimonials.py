"""Testimonials: what customers say, with their stars."""

from decimal import Decimal

from migrations.events.provider import Provider, Shape, has
from migrations.events.reading import Fields, Payload, number, text


def _testimonial(payload: Payload) -> Fields:
    return {
        "customer_name": text(payload, "author_name"),
        "customer_title": text(payload, "author_title"),
        "company": text(payload, "company"),
        "rating": number(payload, "rating"),
        "content": text(payload, "content"),
        "product_name": text(payload, "product_name"),
        "image_url": text(payload, "avatar_url"),
        "video_url": text(payload, "video_url"),
    }


TESTIMONIAL = Shape(
    kind="testimonial",
    tells=has("author_name", "rating"),
    fields=_testimonial,
    needs=("author_name", "rating", "content"),
    moments=("submitted_at", "created_at"),
    identities=("testimonial_id", "id"),
    example={
        "testimonial_id": "tst_204",
        "author_name": "Zoë Šťastná",
        "author_title": "Head of Operations",
        "company": "Équipe & Co",
        "rating": Decimal(5),
        "content": "It does what it says. 👏",
        "product_name": "Blue mug",
        "avatar_url": "https://cdn.example.org/zoe.png",
        "submitted_at": "2026-02-03T09:00:00+01:00",
        "tags": ["homepage"],
    },
)

PROVIDER = Provider("testimonials", (TESTIMONIAL,))
