"""Whose event a record is: by claim and shape together, and a person decides the rest."""

from decimal import Decimal

import pytest

from migrations.events.provider import Shape
from migrations.events.recognition import recognise
from shared.model.declaration import Decision
from shared.model.item import Item, Value
from tests.unit.migrations.events.strategies import SHAPES

KIND: dict[str, Shape] = {shape.kind: shape for shape in SHAPES}
CHARGE, ORDER = KIND["charge"].example, KIND["order"].example
CUT_CHARGE = {name: value for name, value in CHARGE.items() if name != "amount"}
FORM, TESTIMONIAL = KIND["submission"].example, KIND["testimonial"].example
UNRATED = {name: value for name, value in TESTIMONIAL.items() if name != "content"}
NEITHER = {n: v for n, v in {**FORM, **UNRATED}.items() if n != "submitted_at"}
PRODUCT: Item = {"id": Decimal(1), "created_at": "2026-02-03", "vendor": "Potters"}


def _told(payload: Value, **attributes: Value) -> tuple[str, str | None, str | None]:
    """Return the decision, and the provider and the kind where there is no doubt about them."""
    found = recognise({"event_data": payload, **attributes})
    return (
        found.verdict.decision.value,
        found.provider,
        found.shape.kind if found.shape else None,
    )


@pytest.mark.parametrize(
    "claim", ["stripe", "Stripe", " STRIPE ", "stripe-", "_stripe_", None, "", "  "]
)
def test_a_provider_however_it_is_spelled_or_left_out_is_the_same(claim: str | None) -> None:
    assert _told(CHARGE, provider=claim) == ("transform", "stripe", "charge")


@pytest.mark.parametrize("claim", ["live visitors", "Live-Visitors", "live_visitors"])
def test_a_name_of_two_words_is_the_same_however_they_are_parted(claim: str) -> None:
    payload = KIND["visitors"].example
    assert _told(payload, provider=claim) == ("transform", "live_visitors", "visitors")


@pytest.mark.parametrize(
    ("payload", "attributes", "told"),
    [
        ({"a": "b"}, {}, ("transform", "generic", "unknown")),
        ({"a": "b"}, {"provider": "Acme"}, ("transform", "acme", "unknown")),
        (CHARGE, {"provider": "generic"}, ("transform", "generic", "unknown")),
        (PRODUCT, {"provider": "shopify"}, ("transform", "shopify", "unknown")),
        (PRODUCT, {"provider": "testimonials"}, ("reject", "testimonials", None)),
        ({"id": "x"}, {"provider": "stripe"}, ("reject", "stripe", None)),
        (CUT_CHARGE, {}, ("reject", "stripe", "charge")),
        (CUT_CHARGE, {"provider": "stripe"}, ("reject", "stripe", "charge")),
        (CUT_CHARGE, {"provider": "Acme"}, ("transform", "acme", "unknown")),
        (CUT_CHARGE, {"provider": "shopify"}, ("reject", "shopify", None)),
        ({**FORM, **TESTIMONIAL}, {"provider": "testimonials"},
         ("transform", "testimonials", "testimonial")),
        (NEITHER, {}, ("reject", "instant_capture", "submission")),
        (None, {"provider": "stripe"}, ("reject", "stripe", None)),
        (b"{}", {}, ("reject", None, None)),
        (["a"], {"provider": "Acme"}, ("reject", "acme", None)),
        ({}, {"provider": ["stripe"]}, ("reject", None, None)),
    ],
)  # fmt: skip
def test_what_can_be_told_is_told(
    payload: Value, attributes: Item, told: tuple[str, str | None, str | None]
) -> None:
    assert _told(payload, **attributes) == told


@pytest.mark.parametrize(
    ("payload", "attributes", "names"),
    [
        (CHARGE, {"provider": "shopify"}, ["as-claimed", "stripe"]),
        (ORDER, {"provider": "Acme"}, ["as-claimed", "shopify"]),
        ({**CHARGE, **ORDER}, {"provider": "Acme"}, ["as-claimed", "shopify", "stripe"]),
        ({**FORM, **TESTIMONIAL}, {}, ["instant_capture", "testimonials"]),
        ({**FORM, **UNRATED}, {}, ["instant_capture"]),
    ],
)
def test_what_only_a_person_can_decide_is_ambiguous_with_every_answer_that_is_whole(
    payload: Value, attributes: Item, names: list[str]
) -> None:
    found = recognise({"event_data": payload, **attributes})
    assert (found.verdict.decision, found.provider) == (Decision.AMBIGUOUS, None)
    assert found.verdict.field == "provider"
    assert [each.name for each in found.verdict.candidates] == names


@pytest.mark.parametrize(
    ("payload", "claim", "told"),
    [
        (CHARGE, "shopify", ("transform", "shopify", "charge")),
        (ORDER, "Acme", ("transform", "acme", "order")),
        (ORDER, "shopify", ("transform", "shopify", "order")),
        ({**CHARGE, **ORDER}, "Acme", ("transform", "acme", "unknown")),
        ({"a": "b"}, "testimonials", ("transform", "testimonials", "unknown")),
        (CUT_CHARGE, "stripe", ("reject", "stripe", "charge")),
    ],
)
def test_a_confirmed_provider_is_taken_and_the_payload_read_by_the_shape_it_has(
    payload: Value, claim: str, told: tuple[str, str | None, str | None]
) -> None:
    assert _told(payload, provider=claim, provider_confirmed=True) == told


@pytest.mark.parametrize("confirmed", [False, None, "true", Decimal(1)])
def test_a_confirmation_is_true_and_nothing_else(confirmed: Value) -> None:
    told = _told(CHARGE, provider="shopify", provider_confirmed=confirmed)
    assert told == ("ambiguous", None, None)
    assert _told({}, provider_confirmed=True) == ("transform", "generic", "unknown")
