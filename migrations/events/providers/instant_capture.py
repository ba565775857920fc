"""Instant capture: forms that visitors fill in on an account's own pages."""

from migrations.events.provider import Provider, Shape, has
from migrations.events.reading import Fields, Payload, at, joined, page, text


def _submission(payload: Payload) -> Fields:
    answers = _answers(payload)
    return {
        "form_name": text(payload, "form_name"),
        "customer_name": text(answers, "name", "full_name")
        or joined(answers, "first_name", "last_name"),
        "company": text(answers, "company"),
        "city": text(answers, "city"),
        "country": text(answers, "country"),
        "page_url": page(payload, "page_url"),
    }


def _answers(payload: Payload) -> Payload:
    """Return a form's answers by name; older forms hold them as a list of names and values."""
    fields = at(payload, "fields")
    if isinstance(fields, dict):
        return fields
    pairs = fields if isinstance(fields, list) else []
    named = (each for each in pairs if isinstance(each, dict) and "value" in each)
    return {each["name"]: each["value"] for each in named if isinstance(each.get("name"), str)}


SUBMISSION = Shape(
    kind="submission",
    tells=has("form_id", "fields"),
    fields=_submission,
    needs=("form_id", "fields", "submitted_at"),
    moments=("submitted_at",),
    identities=("submission_id",),
    example={
        "form_id": "frm_7",
        "form_name": "Newsletter",
        "submission_id": "sub-99",
        "submitted_at": "2026-02-03T09:00:00.250Z",
        "page_url": "https://shop.example.org/join?email=ann%40example.org",
        "fields": {
            "first_name": "Ann",
            "last_name": "Lee",
            "email": "ann@example.org",
            "city": "Paris",
            "consent": True,
        },
    },
)

PROVIDER = Provider("instant_capture", (SUBMISSION,))
