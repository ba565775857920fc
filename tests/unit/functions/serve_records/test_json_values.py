"""Values of every type survive the way out as JSON and back in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.serve_records.json_values import read_json, write_json
from shared.model.errors import InvalidInput
from shared.model.item import Item, canonical
from tests.unit.migrations.personnel.strategies import VALUES


@given(st.dictionaries(st.text(min_size=1, max_size=9), VALUES, max_size=4))
def test_any_item_comes_back_the_same(item: Item) -> None:
    text = write_json(item)
    json.loads(text)
    assert canonical(read_json(text)) == canonical(item)


@pytest.mark.parametrize("name", ["$binary", "$set", "$map"])
def test_a_map_that_looks_special_comes_back_as_a_map(name: str) -> None:
    item = {"a": {name: "eA=="}, "b": {name: {name: ["x"]}}, "c": {name: "x", "other": "y"}}
    assert read_json(write_json(item)) == item


def test_what_no_item_can_hold_has_no_json_form() -> None:
    with pytest.raises(TypeError):
        write_json({"when": object()})


@pytest.mark.parametrize(
    ("inner", "most"),
    [("[]", 31), ("{}", 31), ('"x"', 32), ('{"$set": ["x"]}', 32), ('{"$map": {}}', 31)],
)
def test_a_body_may_nest_as_deep_as_an_item_and_no_deeper(inner: str, most: int) -> None:
    def body(levels: int) -> str:
        return '{"a": ' + "[" * levels + inner + "]" * levels + "}"

    assert set(read_json(body(most))) == {"a"}
    with pytest.raises(InvalidInput, match="nested more than 32 deep") as caught:
        read_json(body(most + 1))
    assert caught.value.field == "a"
