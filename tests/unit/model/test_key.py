"""Keys and the text by which people name them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.errors import InvalidInput
from shared.model.key import Key, KeySchema
from tests.unit.model.values import NUMBERS, TEXTS

ODD_TEXTS = st.text("ab|\\#", min_size=1, max_size=5)
KINDS = {
    "S": TEXTS.filter(bool) | ODD_TEXTS,
    "N": NUMBERS,
    "B": st.binary(min_size=1, max_size=12),
}
SCHEMAS = st.builds(
    KeySchema,
    st.just("PK"),
    st.sampled_from((None, "SK")),
    st.sampled_from(("S", "N", "B")),
    st.sampled_from(("S", "N", "B")),
)


@st.composite
def schema_and_key(draw: st.DrawFn) -> tuple[KeySchema, Key]:
    schema = draw(SCHEMAS)
    partition = draw(KINDS[schema.partition_type])
    if schema.sort is None:
        return schema, Key(partition)
    sort = draw(KINDS[schema.sort_type])
    return schema, Key(partition, sort)


@given(schema_and_key())
def test_parse_of_text_is_the_same_key(given_key: tuple[KeySchema, Key]) -> None:
    schema, key = given_key
    assert schema.parse(schema.text(key)) == key


def test_keys_that_differ_have_different_texts() -> None:
    schema = KeySchema("PK", "SK")
    assert schema.text(Key("a|b", "c")) != schema.text(Key("a", "b|c"))


def test_number_keys_that_are_equal_have_one_text() -> None:
    schema = KeySchema("PK", partition_type="N")
    assert schema.text(Key(Decimal("1E+2"))) == schema.text(Key(Decimal("100")))


@given(schema_and_key())
def test_key_of_attributes_is_the_same_key(given_key: tuple[KeySchema, Key]) -> None:
    schema, key = given_key
    assert schema.key_of({**schema.attributes(key), "other": "x"}) == key


@pytest.mark.parametrize(
    "item",
    [
        {"PK": "a"},
        {"PK": "", "SK": Decimal(1)},
        {"PK": "a", "SK": "1"},
        {"PK": None, "SK": Decimal(1)},
        {"PK": b"a", "SK": Decimal(1)},
        {"PK": "a", "SK": True},
    ],
    ids=repr,
)
def test_key_of_an_item_without_a_proper_key_is_invalid(item: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        KeySchema("PK", "SK", sort_type="N").key_of(item)
    assert caught.value.field in ("PK", "SK")


@pytest.mark.parametrize("text", ["", "a", "|1", "a|", "a|x", "a|NaN", "a|1\\"])
def test_text_that_names_no_key_is_invalid(text: str) -> None:
    with pytest.raises(InvalidInput):
        KeySchema("PK", "SK", sort_type="N").parse(text)


def test_names_and_types_are_partition_first() -> None:
    assert KeySchema("PK", "SK", "S", "B").names == ("PK", "SK")
    assert KeySchema("PK", "SK", "S", "B").types == {"PK": "S", "SK": "B"}
    assert KeySchema("id", partition_type="N").types == {"id": "N"}


@pytest.mark.parametrize(("name", "room"), [("PK", 2048), ("SK", 1024)])
def test_a_key_attribute_when_it_is_longer_than_dynamodb_takes_is_refused(
    name: str, room: int
) -> None:
    keys = KeySchema("PK", "SK")
    keys.check(name, "ä" * (room // 2))
    with pytest.raises(InvalidInput, match=f"at most {room}"):
        keys.check(name, "ä" * (room // 2) + "x")
