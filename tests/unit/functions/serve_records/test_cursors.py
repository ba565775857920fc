"""A cursor is read only as it was signed, with the same secret."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.serve_records.cursors import Cursors
from shared.model.errors import InvalidInput

PLACE = {"table": "target", "start": {"PK": {"S": "EMPLOYEE#é"}}, "n": 3}


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_a_cursor_comes_back_as_it_was(place: dict[str, object]) -> None:
    cursors = Cursors(lambda: "secret")
    text = cursors.sign(place)
    assert cursors.read(text) == place
    assert text.isascii()
    assert not set(text) & set("+/=&?#%")


@given(st.data())
def test_a_cursor_with_one_bit_changed_is_refused(data: st.DataObject) -> None:
    cursors = Cursors(lambda: "secret")
    text = cursors.sign(PLACE)
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(InvalidInput) as caught:
        cursors.read(base64.urlsafe_b64encode(raw).decode())
    assert caught.value.field == "cursor"


def test_a_cursor_of_another_secret_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Cursors(lambda: "another").read(Cursors(lambda: "secret").sign(PLACE))


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Cursors(lambda: "secret").read(text)
