"""Items and DynamoDB JSON: exact both ways, normal numbers, AWS's sizes."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from local.dynamodb import values as front
from shared.model.errors import InvalidInput
from shared.model.item import (
    Item,
    canonical,
    decode,
    decode_value,
    encode,
    encode_value,
    json_ready,
    same,
    size,
)
from tests.unit.model.values import ITEMS, NUMBERS, VALUES


@given(ITEMS)
def test_decode_of_encode_is_the_same_item(item: Item) -> None:
    assert decode(encode(item)) == item
    assert canonical(decode(encode(item))) == canonical(item)


@given(ITEMS)
def test_item_survives_a_file(item: Item) -> None:
    assert decode(json.loads(json.dumps(json_ready(item)))) == item


@given(NUMBERS)
def test_number_text_is_the_number_in_its_shortest_digits(number: Decimal) -> None:
    text = encode_value(number)["N"]
    assert Decimal(text) == number
    digits = re.fullmatch(r"-?(\d+)(?:\.(\d+))?(?:E-?\d+)?", text)
    assert digits is not None
    whole, fraction = digits[1], digits[2]
    assert whole == "0" or not whole.startswith("0")
    assert fraction is None or not fraction.endswith("0")
    assert text != "-0"


@given(NUMBERS)
def test_number_of_another_spelling_has_the_same_text(number: Decimal) -> None:
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    longer = Decimal((sign, (*digits, 0, 0), exponent - 2))
    assert encode_value(longer) == encode_value(number)


@pytest.mark.parametrize(
    ("given_text", "text"),
    [
        ("1.0", "1"),
        ("1E+2", "100"),
        ("-0.0", "0"),
        ("0012.50", "12.5"),
        ("1E-3", "0.001"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("0." + "1" * 38, "0." + "1" * 38),
    ],
)
def test_number_text_when_spelled_oddly_is_plain(given_text: str, text: str) -> None:
    assert encode_value(Decimal(given_text)) == {"N": text}


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1" * 39),
        set(),
        {"a", Decimal(1)},
        {True},
        object(),
        [{"deep": 1.5}],
    ],
    ids=lambda value: type(value).__name__,
)
def test_value_that_dynamodb_cannot_hold_is_invalid(value: Any) -> None:
    with pytest.raises(InvalidInput):
        encode({"field": value})


def test_invalid_value_is_named_by_its_attribute() -> None:
    with pytest.raises(InvalidInput) as caught:
        encode({"good": "x", "bad": {"deep": [1.5]}})
    assert caught.value.field == "bad"


def test_unknown_wire_type_is_invalid() -> None:
    with pytest.raises(InvalidInput):
        decode_value({"X": "?"})


@given(ITEMS)
def test_size_agrees_with_that_of_the_local_dynamodb(item: Item) -> None:
    """Two implementations of AWS's page, written apart, have to give the same number."""
    _, measured = front.check_item(json_ready(item))
    assert size(item) == measured


def test_size_is_that_of_the_developer_guide() -> None:
    assert size({"Author": "Eric"}) == 10
    assert size({"n": Decimal(27)}) == 3
    assert size({"n": Decimal(-27)}) == 4
    assert size({"n": Decimal("461.5")}) == 4
    assert size({"é": "🙂"}) == 6
    assert size({"l": []}) == 4
    assert size({"b": True, "x": None}) == 4


@given(VALUES, VALUES)
def test_values_are_the_same_exactly_when_their_json_is(left: Any, right: Any) -> None:
    assert same(left, left)
    assert same(left, right) == (encode_value(left) == encode_value(right))


def test_same_tells_types_apart_and_spellings_not() -> None:
    assert same(Decimal("1.0"), Decimal(1))
    assert not same(True, Decimal(1))
    assert not same("1", Decimal(1))
    assert not same(None, False)
    assert not same(b"a", "a")
    assert same({"a": [frozenset({Decimal("1.0")})]}, {"a": [frozenset({Decimal(1)})]})
