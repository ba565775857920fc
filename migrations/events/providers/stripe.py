"""Stripe's objects, bare or in the envelope of a webhook's event."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from migrations.events.provider import Provider, Shape
from migrations.events.reading import (
    Fields,
    Payload,
    at,
    currency,
    is_whole,
    number,
    text,
)

_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF"), 0),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 3),
}
"""Currencies whose smallest unit is not a hundredth; "Supported currencies" of Stripe's docs.

The same page counts ISK and UGX in hundredths, though they have none.
"""

_PARTIES = ("billing_details", "customer_details", "shipping")
_NAMES = (*(f"{party}.name" for party in _PARTIES), "customer_name", "name")
_ADDRESSES = (*(f"{party}.address" for party in _PARTIES), "customer_address", "address")
_LINE, _ITEM = "lines.data.0", "items.data.0"
_PRODUCTS = ("description", f"{_LINE}.description", f"{_ITEM}.price.nickname", "nickname")
_INTERVALS = (f"{_ITEM}.price.recurring.interval", f"{_ITEM}.plan.interval", "interval")


def _fields(*amounts: str) -> Callable[[Payload], Fields]:
    """Return the reading of an object, whose amount in the smallest unit is at one of the paths."""

    def read(payload: Payload) -> Fields:
        unit = currency(payload, "currency", f"{_ITEM}.price.currency")
        return {
            "customer_name": text(payload, *_NAMES),
            "city": text(payload, *(f"{address}.city" for address in _ADDRESSES)),
            "country": text(payload, *(f"{address}.country" for address in _ADDRESSES)),
            "product_name": text(payload, *_PRODUCTS),
            "quantity": number(payload, f"{_LINE}.quantity", f"{_ITEM}.quantity"),
            "interval": text(payload, *_INTERVALS),
            "amount": _major(number(payload, *amounts), unit),
            "currency": unit,
            "status": text(payload, "payment_status", "status"),
        }

    return read


def _major(amount: Decimal | None, unit: str | None) -> Decimal | None:
    """Return an amount in whole units of its currency, exactly; None without a currency."""
    if amount is None or unit is None or not is_whole(amount):
        return None
    sign, digits, exponent = amount.to_integral_value().as_tuple()
    # arithmetic would round to the context's precision, and an amount may have 38 digits
    return Decimal((sign, digits, int(exponent) - _DECIMALS.get(unit, 2)))


def _is(name: str, payload: Payload) -> bool:
    return payload.get("object") == name and "livemode" in payload


def _object(name: str, *amounts: str, needs: tuple[str, ...], example: Payload) -> Shape:
    """Return the shape of one of Stripe's objects, by the name it gives itself."""
    common = {"object": name, "livemode": True, "created": Decimal(1770109200)}
    return Shape(
        kind=name.replace(".", "_"),
        tells=partial(_is, name),
        fields=_fields(*amounts),
        needs=("id", "created", *needs),
        moments=("created",),
        example={**common, **example},
    )


_PAID = ("amount", "currency")
_LEE = {"name": "Ann Lee", "address": {"city": "Paris", "country": "FR", "line1": None}}
_PLAN = {"nickname": "Pro", "unit_amount": Decimal(1900), "recurring": {"interval": "month"}}

OBJECTS = (
    _object(
        "charge",
        "amount",
        needs=_PAID,
        example={
            "id": "ch_1Pgafu",
            "amount": Decimal(3980),
            "currency": "eur",
            "status": "succeeded",
            "description": "Blue mug",
            "billing_details": {**_LEE, "email": "ann@example.org"},
            "metadata": {},
        },
    ),
    _object(
        "payment_intent",
        "amount",
        needs=_PAID,
        example={
            "id": "pi_1Pgafy",
            "amount": Decimal(1099),
            "amount_received": Decimal(1099),
            "currency": "jpy",
            "status": "succeeded",
            "client_secret": "pi_1Pgafy_secret_example",
            "shipping": _LEE,
        },
    ),
    _object(
        "invoice",
        "total",
        needs=("total", "currency"),
        example={
            "id": "in_1Pgc6t",
            "total": Decimal(12345),
            "currency": "kwd",
            "status": "paid",
            "customer_name": "Ann Lee",
            "lines": {"data": [{"description": "Blue mug", "quantity": Decimal(2)}]},
        },
    ),
    _object(
        "subscription",
        f"{_ITEM}.price.unit_amount",
        needs=("items.data",),
        example={
            "id": "sub_1Pgc6r",
            "currency": "usd",
            "status": "active",
            "items": {"data": [{"id": "si_QXhV", "quantity": Decimal(3), "price": _PLAN}]},
        },
    ),
    _object(
        "customer",
        needs=(),
        example={"id": "cus_QXg1o8", **_LEE, "email": "ann@example.org", "currency": None},
    ),
    _object(
        "checkout.session",
        "amount_total",
        needs=("payment_status",),
        example={
            "id": "cs_live_a1",
            "amount_total": Decimal(3980),
            "currency": "eur",
            "payment_status": "paid",
            "customer_details": {**_LEE, "email": "ann@example.org"},
        },
    ),
)


def _of_event(payload: Payload) -> Fields:
    """Return what the object in an event's envelope shows, besides the event's own type."""
    held = at(payload, "data.object")
    inner: Payload = held if isinstance(held, dict) else {}
    known = next((shape for shape in OBJECTS if shape.tells(inner)), None)
    read = known.fields if known else _fields("amount")
    return {**read(inner), "event_type": text(payload, "type")}


EVENT = Shape(
    kind="event",
    tells=partial(_is, "event"),
    fields=_of_event,
    needs=("id", "created", "type", "data.object"),
    moments=("created",),
    example={
        "object": "event",
        "livemode": True,
        "id": "evt_1Pgc76",
        "type": "charge.succeeded",
        "created": Decimal(1770109201),
        "data": {"object": OBJECTS[0].example},
    },
)

PROVIDER = Provider("stripe", (EVENT, *OBJECTS), ("id", "object"))
