"""Shopify's webhooks: orders, checkouts, draft orders and transactions of orders."""

from decimal import Decimal

from migrations.events.provider import Provider, Shape, has
from migrations.events.reading import (
    Fields,
    Payload,
    count,
    currency,
    joined,
    label,
    number,
    text,
)

_SOLD = ("id", "created_at", "currency", "total_price", "line_items")
_ANN = {"id": Decimal(207), "first_name": "Ann", "last_name": "Lee", "email": "ann@example.org"}
_PARIS = {"name": "Ann Lee", "city": "Paris", "country": "France", "zip": "75011"}
_MUG = {"id": Decimal(866), "title": "Blue mug", "quantity": Decimal(2), "price": "19.90"}


def _sale(payload: Payload) -> Fields:
    return {
        "order_number": label(payload, "name", "order_number"),
        "customer_name": _customer(payload),
        "city": text(payload, "shipping_address.city", "billing_address.city"),
        "country": text(payload, "shipping_address.country", "billing_address.country"),
        "product_name": text(payload, "line_items.0.title", "line_items.0.name"),
        "quantity": number(payload, "line_items.0.quantity"),
        "product_count": count(payload, "line_items"),
        "amount": number(payload, "current_total_price", "total_price"),
        "currency": currency(payload, "currency"),
        "status": text(payload, "financial_status", "status"),
    }


def _customer(payload: Payload) -> str | None:
    named = joined(payload, "customer.first_name", "customer.last_name")
    return named or text(payload, "billing_address.name", "shipping_address.name")


def _payment(payload: Payload) -> Fields:
    return {
        "order_id": label(payload, "order_id"),
        "amount": number(payload, "amount"),
        "currency": currency(payload, "currency"),
        "status": text(payload, "status"),
        "payment_kind": text(payload, "kind"),
        "payment_method": text(payload, "gateway"),
    }


ORDER = Shape(
    kind="order",
    tells=has("financial_status", "order_number"),
    fields=_sale,
    needs=_SOLD,
    moments=("processed_at", "created_at"),
    example={
        "id": Decimal(820982911946154508),
        "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
        "name": "#1001",
        "order_number": Decimal(1001),
        "created_at": "2026-02-03T10:15:00-05:00",
        "processed_at": "2026-02-03T10:14:58-05:00",
        "currency": "EUR",
        "total_price": "39.80",
        "current_total_price": "39.80",
        "financial_status": "paid",
        "fulfillment_status": None,
        "email": "ann@example.org",
        "customer": _ANN,
        "shipping_address": _PARIS,
        "line_items": [_MUG],
        "note_attributes": [],
    },
)

CHECKOUT = Shape(
    kind="checkout",
    tells=has("abandoned_checkout_url", "customer_locale"),
    fields=_sale,
    needs=_SOLD,
    moments=("completed_at", "created_at"),
    example={
        "id": Decimal(981820079255243537),
        "token": "123123123",
        "abandoned_checkout_url": "https://shop.example.org/recover/123123123",
        "created_at": "2026-02-03T09:00:00Z",
        "completed_at": None,
        "customer_locale": "fr",
        "currency": "EUR",
        "total_price": "19.90",
        "customer": _ANN,
        "billing_address": _PARIS,
        "line_items": [_MUG],
    },
)

DRAFT_ORDER = Shape(
    kind="draft_order",
    tells=has("invoice_url", "invoice_sent_at"),
    fields=_sale,
    needs=_SOLD,
    moments=("completed_at", "created_at"),
    example={
        "id": Decimal(890612572),
        "name": "#D12",
        "status": "invoice_sent",
        "invoice_url": "https://shop.example.org/invoices/ba8dcf6c",
        "invoice_sent_at": "2026-02-03T09:30:00Z",
        "created_at": "2026-02-03T09:00:00Z",
        "currency": "EUR",
        "total_price": "19.90",
        "customer": _ANN,
        "line_items": [_MUG],
    },
)

TRANSACTION = Shape(
    kind="transaction",
    tells=has("kind", "gateway", "parent_id"),
    fields=_payment,
    needs=("id", "order_id", "amount", "currency", "created_at"),
    moments=("processed_at", "created_at"),
    example={
        "id": Decimal(120560818172775265),
        "order_id": Decimal(820982911946154508),
        "parent_id": None,
        "kind": "sale",
        "gateway": "visa",
        "status": "success",
        "amount": "39.80",
        "currency": "EUR",
        "created_at": "2026-02-03T10:14:59Z",
        "receipt": {"paid": True},
    },
)

PROVIDER = Provider("shopify", (ORDER, CHECKOUT, DRAFT_ORDER, TRANSACTION), ("id", "created_at"))
