"""Events that wait for a person, and broken ones that cannot move."""

from decimal import Decimal

from migrations.events.examples.moving import CHARGE, ORDER
from migrations.events.examples.told import STRIPE, becomes, of, old
from migrations.events.providers import instant_capture, shopify
from shared.model.declaration import Candidate, Decision, Verdict
from shared.model.item import Item

_WAITING: Item = {"meta.timestamp": "2026-02-03T11:00:00Z"}


def _shaped_as(provider: str) -> Candidate:
    why = f"event_data has the shape of an event of {provider}"
    return Candidate(provider, {"provider": provider}, why)


def _as_claimed(provider: str) -> Candidate:
    assign = {"provider": provider, "provider_confirmed": True}
    return Candidate("as-claimed", assign, "the record says so; its shape is only alike")


_ANOTHERS_SHAPE = "event_data has the shape of another provider than the one the record claims"
_SEVERAL = "event_data has the shape of several providers, and the record claims none"
_RATED_FORM = {
    **instant_capture.SUBMISSION.example,
    "author_name": "Ann Lee",
    "rating": Decimal(4),
    "content": "Good.",
}

HELD = (
    becomes(
        "one provider claimed, and the shape of another",
        of("e-21", STRIPE["charge"], provider="shopify"),
        _WAITING,
        Verdict(
            Decision.AMBIGUOUS,
            _ANOTHERS_SHAPE,
            "provider",
            (_as_claimed("shopify"), _shaped_as("stripe")),
        ),
    ),
    becomes(
        "an unknown provider claimed, and the shape of a known one",
        of("e-22", shopify.ORDER, provider="Acme Shop"),
        _WAITING,
        Verdict(
            Decision.AMBIGUOUS,
            _ANOTHERS_SHAPE,
            "provider",
            (_as_claimed("Acme Shop"), _shaped_as("shopify")),
        ),
    ),
    becomes(
        "nothing claimed, and the shapes of two",
        old("e-23", _RATED_FORM),
        _WAITING,
        Verdict(
            Decision.AMBIGUOUS,
            _SEVERAL,
            "provider",
            (_shaped_as("instant_capture"), _shaped_as("testimonials")),
        ),
    ),
    becomes(
        "an order that was cut short",
        old(
            "e-24",
            {name: v for name, v in shopify.ORDER.example.items() if "price" not in name},
            provider="shopify",
        ),
        {name: value for name, value in ORDER.items() if name != "template.amount"},
        Verdict(
            Decision.REJECT,
            "event_data was cut short: every order has total_price",
            "event_data",
        ),
    ),
    becomes(
        "nothing left of what a provider's events are recognised by",
        old("e-25", {"id": Decimal(1)}, provider="shopify"),
        {**_WAITING, "meta.provider": "shopify"},
        Verdict(
            Decision.REJECT,
            "event_data has not the shape of any event of shopify",
            "event_data",
        ),
    ),
    becomes(
        "event_data that is text",
        old("e-26", '{"id": 1', provider="stripe"),
        {**_WAITING, "meta.provider": "stripe"},
        Verdict(Decision.REJECT, "event_data is not a map", "event_data"),
    ),
    becomes(
        "no event_data at all",
        {"event_id": "e-27"},
        {},
        Verdict(Decision.REJECT, "there is no event_data", "event_data"),
    ),
    becomes(
        "a provider that is no text",
        old("e-28", {}, provider=Decimal(3)),
        _WAITING,
        Verdict(Decision.REJECT, "provider is not text", "provider"),
    ),
    becomes(
        "something else where the canonical form belongs",
        of("e-29", STRIPE["charge"], canonical_event="charge"),
        CHARGE,
        Verdict(Decision.REJECT, "there is a canonical_event that is no map", "canonical_event"),
    ),
)
