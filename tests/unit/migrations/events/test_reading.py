"""Single values of a payload: what fits is read exactly, and what does not is absent."""

from decimal import Decimal

import pytest
from hypothesis import given

from migrations.events import reading
from shared.model.item import Item, Value
from tests.unit.model.values import VALUES

PAYLOAD: Item = {"a": {"b": [{"c": "deep"}], "blank": "  "}, "a.b": "dotted", "n": Decimal(7)}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b.0.c", "deep"),
        ("a.b.1.c", None),
        ("a.b.-1.c", None),
        ("a.b.c", None),
        ("n.x", None),
        ("", None),
        ("a..b", None),
    ],
)
def test_at_follows_a_path_as_far_as_it_leads(path: str, value: Value) -> None:
    assert reading.at(PAYLOAD, path) == value


def test_text_skips_what_is_blank_or_no_text() -> None:
    assert reading.text(PAYLOAD, "a.blank", "n", "a.b.0.c") == "deep"
    assert reading.text(PAYLOAD, "a.blank") is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (Decimal("1.50"), Decimal("1.5")),
        (3, Decimal(3)),
        ("19.90", Decimal("19.9")),
        ("-4", Decimal(-4)),
        (True, None),
        ("", None),
        ("1,5", None),
        (" 1", None),
        ("1e9", None),
        ("NaN", None),
        ("١٢", None),
        ("9" * 25, None),
        (None, None),
    ],
)
def test_number_reads_numbers_and_plain_text(value: Value, number: Decimal | None) -> None:
    assert reading.number({"x": value}, "x") == number


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("A-1", "A-1"),
        (Decimal("1E+2"), "100"),
        (Decimal("100.0"), "100"),
        (Decimal("1.5"), None),
        (False, None),
        (" ", None),
    ],
)
def test_label_reads_text_and_whole_numbers(value: Value, label: str | None) -> None:
    assert reading.label({"x": value}, "x") == label


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-02-03T10:15:00-05:00", "2026-02-03T15:15:00Z"),
        ("2026-02-03 10:15:00.999Z", "2026-02-03T10:15:00Z"),
        ("2026-02-03T10:15:00+0130", "2026-02-03T08:45:00Z"),
        ("2026-02-03T10:15:00", "2026-02-03T10:15:00Z"),
        ("2026-02-03", "2026-02-03T00:00:00Z"),
        ("0999-02-03T00:00:00Z", "0999-02-03T00:00:00Z"),
        (Decimal(1770109200), "2026-02-03T09:00:00Z"),
        (Decimal("1770109200.9"), "2026-02-03T09:00:00Z"),
        (Decimal(1770109200500), "2026-02-03T09:00:00Z"),
        ("2026-02-30T00:00:00Z", None),
        ("2026-02-03T24:00:01Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("20260203", None),
        ("2026-W06-2", None),
        ("٢٠٢٦-02-03", None),
        (Decimal(0), None),
        (Decimal(-1), None),
        (Decimal(10**14 - 1), "5138-11-16T09:46:39Z"),
        (Decimal(10**14), None),
        (Decimal("1E+20"), None),
        (True, None),
        (None, None),
    ],
)
def test_moment_reads_times_into_one_form(value: Value, moment: str | None) -> None:
    assert reading.moment({"x": value}, "x") == moment


@pytest.mark.parametrize(
    ("value", "currency"), [("eur", "EUR"), ("euro", None), ("€", None), ("", None), (7, None)]
)
def test_currency_reads_three_letters(value: Value, currency: str | None) -> None:
    assert reading.currency({"x": value}, "x") == currency


@pytest.mark.parametrize(
    ("value", "page"),
    [
        ("https://example.org/a?mail=x", "https://example.org/a"),
        ("https://example.org/a#x?y", "https://example.org/a"),
        ("?mail=x", None),
        (3, None),
    ],
)
def test_page_leaves_out_what_a_site_knows_of_a_person(value: Value, page: str | None) -> None:
    assert reading.page({"x": value}, "x") == page


def test_joined_leaves_out_what_is_missing() -> None:
    names: Item = {"first": "Ann ", "last": "Lee", "middle": None}
    assert reading.joined(names, "first", "middle", "last") == "Ann Lee"
    assert reading.joined(names, "middle") is None


@given(VALUES)
def test_every_reading_answers_for_every_value(value: Value) -> None:
    payload = {"x": value}
    texts = (reading.text, reading.joined, reading.label, reading.currency, reading.page)
    found = [read(payload, "x") for read in (*texts, reading.moment)]
    assert all(each is None or (isinstance(each, str) and each.strip()) for each in found)
    assert isinstance(reading.number(payload, "x"), Decimal | None)
    assert isinstance(reading.count(payload, "x"), Decimal | None)
