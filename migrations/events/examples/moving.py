"""Events that move, at least one of each provider."""

from collections.abc import Mapping
from decimal import Decimal

from migrations.events.examples.told import STRIPE, becomes, form, nested, of, old
from migrations.events.providers import (
    announcements,
    generic,
    instant_capture,
    live_visitors,
    shopify,
    stripe,
    testimonials,
)
from shared.model.item import Value

_SALE: Mapping[str, Value] = {
    "customer_name": "Ann Lee",
    "city": "Paris",
    "country": "France",
    "product_name": "Blue mug",
    "quantity": Decimal(2),
    "product_count": Decimal(1),
    "currency": "EUR",
}
ORDER = form(
    "shopify",
    "order",
    "2026-02-03T15:14:58Z",
    "820982911946154508",
    **{**_SALE, "order_number": "#1001", "amount": Decimal("39.8"), "status": "paid"},
)
_CHARGED = {
    "customer_name": "Ann Lee",
    "city": "Paris",
    "country": "FR",
    "product_name": "Blue mug",
    "amount": Decimal("39.8"),
    "currency": "EUR",
    "status": "succeeded",
}
CHARGE = form("stripe", "charge", "2026-02-03T09:00:00Z", "ch_1Pgafu", **_CHARGED)

_PRODUCT: Mapping[str, Value] = {
    "id": Decimal(632910392),
    "title": "Blue mug",
    "vendor": "Potters",
    "created_at": "2026-02-03T09:00:00-05:00",
    "body_html": None,
    "variants": [{"price": "19.90"}],
}

MOVING = (
    becomes("an order of Shopify", of("e-1", shopify.ORDER, provider="shopify"), ORDER),
    becomes(
        "an order of Shopify that is recognised without a claim", of("e-2", shopify.ORDER), ORDER
    ),
    becomes(
        "the same event of Shopify twice: each record gets its form",
        of("e-1-again", shopify.ORDER, provider="Shopify"),
        ORDER,
    ),
    becomes(
        "a checkout of Shopify",
        of("e-3", shopify.CHECKOUT, provider="shopify"),
        form(
            "shopify",
            "checkout",
            "2026-02-03T09:00:00Z",
            "981820079255243537",
            **{**_SALE, "amount": Decimal("19.9")},
        ),
    ),
    becomes(
        "a transaction of Shopify",
        of("e-4", shopify.TRANSACTION, provider="shopify"),
        form(
            "shopify",
            "transaction",
            "2026-02-03T10:14:59Z",
            "120560818172775265",
            order_id="820982911946154508",
            payment_kind="sale",
            payment_method="visa",
            status="success",
            amount=Decimal("39.8"),
            currency="EUR",
        ),
    ),
    becomes(
        "a charge of Stripe", of("e-5", STRIPE["charge"], provider="stripe"), CHARGE
    ),
    becomes(
        "a charge of Stripe in the envelope of an event",
        of("e-6", stripe.EVENT, provider="stripe"),
        form(
            "stripe",
            "event",
            "2026-02-03T09:00:01Z",
            "evt_1Pgc76",
            **{**_CHARGED, "event_type": "charge.succeeded"},
        ),
    ),
    becomes(
        "an invoice of Stripe in a currency of three decimals",
        of("e-7", STRIPE["invoice"], provider="stripe"),
        form(
            "stripe",
            "invoice",
            "2026-02-03T09:00:00Z",
            "in_1Pgc6t",
            customer_name="Ann Lee",
            product_name="Blue mug",
            quantity=Decimal(2),
            amount=Decimal("12.345"),
            currency="KWD",
            status="paid",
        ),
    ),
    becomes(
        "a testimonial",
        of("e-8", testimonials.TESTIMONIAL, provider="testimonials"),
        form(
            "testimonials",
            "testimonial",
            "2026-02-03T08:00:00Z",
            "tst_204",
            customer_name="Zoë Šťastná",
            customer_title="Head of Operations",
            company="Équipe & Co",
            rating=Decimal(5),
            content="It does what it says. 👏",
            product_name="Blue mug",
            image_url="https://cdn.example.org/zoe.png",
        ),
    ),
    becomes(
        "an announcement, whose empty text is no value",
        of("e-9", announcements.ANNOUNCEMENT, provider="announcements"),
        form(
            "announcements",
            "announcement",
            "2026-03-20T00:00:00Z",
            "ann_31",
            title="Spring sale",
            message="Everything blue is 20 % off until Sunday.",
            cta_text="Have a look",
            cta_url="https://shop.example.org/sale?from=banner",
        ),
    ),
    becomes(
        "a captured form, whose mail address and page query no template shows",
        of("e-10", instant_capture.SUBMISSION, provider="instant-capture"),
        form(
            "instant_capture",
            "submission",
            "2026-02-03T09:00:00Z",
            "sub-99",
            form_name="Newsletter",
            customer_name="Ann Lee",
            city="Paris",
            page_url="https://shop.example.org/join",
        ),
    ),
    becomes(
        "live visitors",
        of("e-11", live_visitors.VISITORS, provider="live_visitors"),
        form(
            "live_visitors",
            "visitors",
            "2026-02-03T09:00:00Z",
            None,
            visitor_count=Decimal(17),
            window_minutes=Decimal(5),
            page_title="Blue mugs",
            page_url="https://shop.example.org/mugs/blue",
            city="Paris",
            country="FR",
        ),
    ),
    becomes(
        "a provider that nobody has described, read by the names it uses",
        of("e-12", generic.ANYTHING, provider="Acme Forms"),
        form(
            "acme_forms",
            "unknown",
            "2026-02-03T09:00:00Z",
            "1f0c",
            id="1f0c",
            product_name="Blue mug",
            customer_name="Ann Lee",
            customer_city="Paris",
            amount=Decimal("39.8"),
            gift=False,
            timestamp="2026-02-03 09:00:00",
        ),
    ),
    becomes(
        "a kind of Shopify's that nobody has described, read by the names it uses",
        old("e-17", _PRODUCT, provider="shopify"),
        form(
            "shopify",
            "unknown",
            "2026-02-03T14:00:00Z",
            "632910392",
            id=Decimal(632910392),
            title="Blue mug",
            vendor="Potters",
            created_at="2026-02-03T09:00:00-05:00",
        ),
    ),
    becomes(
        "nothing claimed and nothing recognised; the time is when the record says it was",
        old("e-13", {}, occurred_at="2026-02-03T12:00:00+02:00", provider=""),
        form("generic", "unknown", "2026-02-03T10:00:00Z", None),
    ),
    becomes(
        "a payload nested as deep as a table can hold it",
        old("e-14", nested(32)),
        form(
            "generic",
            "unknown",
            "2026-02-03T11:00:00Z",
            None,
            **{"_".join(["in"] * 32): "the bottom"},
        ),
    ),
    becomes(
        "a null canonical_event, as SQL leaves it",
        of("e-15", STRIPE["charge"], canonical_event=None),
        CHARGE,
    ),
    becomes(
        "a forwarded payload whose sender a person has confirmed",
        of("e-16", STRIPE["charge"], provider="shopify", provider_confirmed=True),
        {**CHARGE, "meta.provider": "shopify"},
    ),
)  # fmt: skip
