"""The keys of events and the bodies of requests."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from migrations.events import keys
from migrations.events.models import EventChange, EventCreate
from shared.model.errors import InvalidInput
from shared.model.key import Key

EVENT: dict[str, Any] = {"account_id": "acc-1", "event_data": {}}


@pytest.mark.parametrize("event_id", ["7", "a|b", "é" * 1024])
def test_key_of_an_event_is_its_id_and_reports_read_it_back(event_id: str) -> None:
    assert keys.key_of(event_id) == Key(event_id)
    assert keys.KEYS.parse(keys.KEYS.text(Key(event_id))) == Key(event_id)


@pytest.mark.parametrize("event_id", ["", "é" * 1024 + "x"])
def test_key_of_an_id_that_no_key_can_hold_is_refused(event_id: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        keys.key_of(event_id)
    assert caught.value.field == "event_id"


def test_create_keeps_the_payload_and_further_attributes_exactly() -> None:
    payload = {"amount": Decimal("1.10"), "deep": {"a": [1, None, ""]}, "raw": b"\x00"}
    body = EventCreate.model_validate({**EVENT, "event_data": payload, "campaign": "c-1"})
    assert body.event_data == payload
    assert body.model_extra == {"campaign": "c-1"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"event_data": {}}, "account_id"),
        ({"account_id": "acc-1"}, "event_data"),
        ({**EVENT, "account_id": " "}, "account_id"),
        ({**EVENT, "account_id": "x" * 501}, "account_id"),
        ({**EVENT, "event_data": None}, "event_data"),
        ({**EVENT, "event_data": "{}"}, "event_data"),
        ({**EVENT, "event_data": [{}]}, "event_data"),
        ({**EVENT, "provider": ""}, "provider"),
        ({**EVENT, "provider": Decimal(1)}, "provider"),
        ({**EVENT, "provider_confirmed": Decimal(3)}, "provider_confirmed"),
        ({**EVENT, "occurred_at": "yesterday"}, "occurred_at"),
        ({**EVENT, "created_at": Decimal(3)}, "created_at"),
        ({**EVENT, "event_id": "a/b"}, "event_id"),
        ({**EVENT, "event_id": ".."}, "event_id"),
        ({**EVENT, "canonical_event": {"meta.provider": "stripe"}}, "canonical_event"),
        ({**EVENT, "canonical_event": None}, "canonical_event"),
        ({**EVENT, "_cutover_version": Decimal(1)}, "_cutover_version"),
    ],
)
def test_create_refuses_bad_input_naming_the_field(given: dict[str, Any], field: str) -> None:
    assert _blamed(EventCreate, given) == field


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"account_id": None}, "account_id"),
        ({"account_id": "acc-2"}, "account_id"),
        ({"event_data": None}, "event_data"),
        ({"event_id": "8"}, "event_id"),
        ({"provider": ""}, "provider"),
        ({"canonical_event": {}}, "canonical_event"),
    ],
)
def test_change_refuses_what_every_event_keeps(given: dict[str, Any], field: str) -> None:
    assert _blamed(EventChange, given) == field


def test_change_tells_null_from_left_out() -> None:
    body = EventChange.model_validate({"provider": None, "note": None})
    assert body.model_fields_set == {"provider", "note"}


def _blamed(model: type[EventCreate | EventChange], given: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    (error,) = caught.value.errors()
    return str(error["loc"][0] if error["loc"] else error["ctx"]["field"])
