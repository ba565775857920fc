"""Numbers: one spelling, as an independent reading of AWS's rules spells it."""

from __future__ import annotations

from decimal import Context, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.dynamodb import numbers
from local.dynamodb.refusals import Invalid

DIGITS = st.text("0123456789", min_size=1, max_size=38)


@given(
    st.sampled_from(["", "-", "+"]), DIGITS, st.integers(0, 20), st.integers(-90, 80),
    st.sampled_from(["", "0", "000"]),
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_any_spelling_of_a_number_becomes_the_same_plain_one(sign, digits, point, exponent, pad):
    text = f"{sign}{pad}{digits[:point]}.{digits[point:]}e{exponent}"
    value = Decimal(text.replace(".e", ".0e").replace("-.", "-0.").replace("+.", "+0."))
    if text.lstrip("+-").startswith(".e"):
        return
    spelled = numbers.normalise(text)
    assert Decimal(spelled) == value
    assert numbers.normalise(spelled) == spelled
    assert "e" not in spelled.lower()
    assert spelled == "0" or not spelled.lstrip("-").startswith("00")
    assert "." not in spelled or spelled[-1] not in "0."
    assert not spelled.startswith("-0") or spelled.startswith("-0.")


@given(st.integers(-(10**30), 10**30), st.integers(-(10**30), 10**30), st.integers(0, 7))
@settings(max_examples=100, deadline=None)
def test_sums_are_exact(left, right, scale):
    one, two = (Decimal(n).scaleb(-scale, Context(prec=60)) for n in (left, right))
    a, b = numbers.plain(one), numbers.plain(two)
    exact = Context(prec=80)
    assert Decimal(numbers.add(a, b)) == exact.add(one, two)
    assert Decimal(numbers.subtract(a, b)) == exact.subtract(one, two)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("1.0", "1"), ("1E+2", "100"), ("007", "7"), ("-0", "0"), ("-0.0e5", "0"), (".5", "0.5"),
        ("5.", "5"), ("+3", "3"), ("1e-3", "0.001"), ("9" * 38, "9" * 38),
        ("1" + "0" * 125, "1" + "0" * 125), ("1E-130", "0." + "0" * 129 + "1"),
    ],
)  # fmt: skip
def test_number_is_stored_in_its_plain_spelling(dynamodb, table, text, spelled):
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "n": {"N": text}})
    assert dynamodb.get_item(TableName=table, Key={"pk": {"S": "a"}})["Item"]["n"] == {"N": spelled}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1" * 39, "more than 38 significant digits"),
        ("1E126", "overflow"),
        ("-1E126", "overflow"),
        ("1E-131", "underflow"),
        ("", "cannot be converted to a numeric value"),
        ("1 ", "cannot be converted to a numeric value"),
        ("NaN", "cannot be converted to a numeric value"),
        ("Infinity", "cannot be converted to a numeric value"),
        ("1_000", "cannot be converted to a numeric value"),
        ("١", "cannot be converted to a numeric value"),
    ],
)
def test_number_out_of_bounds_is_refused(dynamodb, table, refused, text, message):
    item = {"pk": {"S": "a"}, "m": {"M": {"n": {"N": text}}}}
    answer = refused("ValidationException", dynamodb.put_item, TableName=table, Item=item)
    assert message in answer["Error"]["Message"]


def test_sum_beyond_38_digits_is_refused():
    with pytest.raises(Invalid):
        numbers.add("1E125".replace("1E125", "1" + "0" * 125), "1")


@pytest.mark.parametrize(
    ("number", "size"), [("0", 1), ("7", 2), ("-7", 3), ("1234", 3), ("100", 2), ("0.001", 2)]
)
def test_size_counts_two_digits_to_a_byte(number, size):
    assert numbers.size(number) == size
