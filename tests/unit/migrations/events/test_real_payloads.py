"""Real shapes of Shopify and Stripe, which lie beside the repository and not in it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from migrations.events import transform
from migrations.events.models import Event, EventV1
from shared.model.declaration import TRANSFORM
from shared.model.item import Item, canonical, decode, encode

DATA = Path(__file__).parents[5] / "shared" / "data"
KINDS = {
    "shopify": {
        "2024-04_checkouts_1": "checkout",
        "2024-04_checkouts_2": "checkout",
        "2024-04_checkouts_3": "checkout",
        "2024-04_draft_orders_1": "draft_order",
        "2024-04_order_transactions_1": "transaction",
        "2024-04_orders_1": "order",
    },
    "stripe": {
        name: name
        for name in ("charge", "customer", "event", "invoice", "payment_intent", "subscription")
    },
}
EACH = [(provider, name) for provider, kinds in KINDS.items() for name in kinds]


def _payload(provider: str, name: str) -> dict[str, Any]:
    path = DATA / provider / f"{name}.json"
    if not path.parent.is_dir():
        pytest.skip("the folder with real payloads is not present beside the repository")
    payload: dict[str, Any] = json.loads(
        path.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal
    )
    return payload


@pytest.mark.parametrize("provider", KINDS)
def test_every_file_of_the_folder_is_tested(provider: str) -> None:
    if not (DATA / provider).is_dir():
        pytest.skip("the folder with real payloads is not present beside the repository")
    assert {path.stem for path in (DATA / provider).iterdir()} == KINDS[provider].keys()


@pytest.mark.parametrize("claims", [True, False])
@pytest.mark.parametrize(("provider", "name"), EACH)
def test_a_real_payload_moves_and_comes_back_with_and_without_a_claim(
    provider: str, name: str, claims: bool
) -> None:
    event: Item = {"event_id": name, "event_data": _payload(provider, name)}
    event |= {"provider": provider} if claims else {}
    up = transform.up(event)
    form = up[transform.CANONICAL]
    assert transform.classify(event) == TRANSFORM
    assert (form["meta.provider"], form["meta.kind"]) == (provider, KINDS[provider][name])
    assert form["meta.timestamp"] in ("2019-01-01T00:00:00Z", "2009-02-13T23:31:30Z")
    assert canonical(transform.down(up)) == canonical(event)
    assert canonical(decode(encode(up))) == canonical(up)
    assert [each.broken(up) for each in transform.INVARIANTS] == [None, None]
    EventV1.model_validate(event)
    Event.model_validate(up)


@pytest.mark.parametrize(
    ("provider", "name", "shown"),
    [
        ("stripe", "charge", {"amount": Decimal(1), "currency": "USD", "status": "succeeded"}),
        ("stripe", "charge", {"customer_name": "Jenny Rosen"}),
        ("stripe", "payment_intent", {"amount": Decimal("10.99"), "currency": "USD"}),
        ("stripe", "invoice", {"amount": Decimal(10), "status": "draft"}),
        ("stripe", "subscription", {"status": "active"}),
        ("stripe", "event", {"event_type": "plan.created", "amount": Decimal(20)}),
        ("shopify", "2024-04_orders_1", {"customer_name": "example string example string"}),
        ("shopify", "2024-04_checkouts_2", {"product_count": Decimal(12)}),
        ("shopify", "2024-04_order_transactions_1", {"order_id": "123"}),
        ("shopify", "2024-04_draft_orders_1", {"quantity": Decimal(123)}),
    ],
)
def test_a_form_shows_what_the_real_payload_says(provider: str, name: str, shown: Item) -> None:
    up = transform.up({"event_id": name, "event_data": _payload(provider, name)})
    form = up[transform.CANONICAL]
    assert {field: form[f"template.{field}"] for field in shown} == shown


@pytest.mark.parametrize(("provider", "name"), EACH)
def test_a_real_payload_under_another_providers_name_waits_for_a_person(
    provider: str, name: str
) -> None:
    other = "stripe" if provider == "shopify" else "shopify"
    event: Item = {"event_id": name, "provider": other, "event_data": _payload(provider, name)}
    verdict = transform.classify(event)
    assert (verdict.decision.value, verdict.field) == ("ambiguous", "provider")
    assert [dict(each.assign) for each in verdict.candidates] == [
        {"provider": other, "provider_confirmed": True},
        {"provider": provider},
    ]
    for candidate in verdict.candidates:
        resolved = {**event, **candidate.assign}
        assert transform.classify(resolved) == TRANSFORM
        form = transform.up(resolved)[transform.CANONICAL]
        assert form["meta.provider"] == candidate.assign["provider"]
        assert form["meta.kind"] == KINDS[provider][name]


@pytest.mark.parametrize(("provider", "name"), EACH)
def test_a_real_payload_without_any_one_part_is_never_taken_for_another_providers(
    provider: str, name: str
) -> None:
    payload = _payload(provider, name)
    for part in payload:
        rest = {each: value for each, value in payload.items() if each != part}
        event: Item = {"event_id": name, "provider": provider, "event_data": rest}
        assert transform.classify(event).decision.value in ("transform", "reject")
        assert transform.up(event)[transform.CANONICAL]["meta.provider"] == provider
