"""Inserts that never overwrite: the backfill's write."""

from decimal import Decimal

import pytest

from shared.model.errors import Refused
from shared.model.item import Item
from shared.model.key import Key
from shared.model.writes import Put, Side
from shared.ports import Insert
from tests.contract.engines import Engine, source_item
from tests.contract.test_single_writes import RICH


def results(engine: Engine, items: list[Item]) -> list[Insert]:
    return [each.result for each in engine.tables.insert_absent(Side.SOURCE, items).outcomes]


def test_insert_writes_where_absent_and_leaves_what_is_there(engine: Engine) -> None:
    engine.tables.write(Put(Side.SOURCE, source_item("b", mine=True)))
    items = [source_item(name, **RICH) for name in "abc"]
    assert results(engine, items) == [Insert.WRITTEN, Insert.PRESENT, Insert.WRITTEN]
    keys = [Key(name, "PROFILE") for name in "abc"]
    assert engine.tables.get_many(Side.SOURCE, keys) == [
        items[0],
        source_item("b", mine=True),
        items[2],
    ]


def test_insert_again_finds_all_present(engine: Engine) -> None:
    items = [source_item(str(n)) for n in range(60)]
    assert set(results(engine, items)) == {Insert.WRITTEN}
    assert set(results(engine, items)) == {Insert.PRESENT}


def test_insert_of_one_key_twice_keeps_the_first(engine: Engine) -> None:
    items = [source_item("a", n=Decimal(1)), source_item("a", n=Decimal(2))]
    assert results(engine, items) == [Insert.WRITTEN, Insert.PRESENT]
    assert engine.tables.get(Side.SOURCE, Key("a", "PROFILE")) == items[0]


def test_insert_takes_names_and_sizes_that_a_statement_cannot_hold(engine: Engine) -> None:
    items = [
        source_item("a", **{"it's": "quoted", 'a "b"': True, "ü": None, "with space": "x"}),
        source_item("b", **{f"attribute-{n:04d}": "x" for n in range(900)}),
        source_item("c", long="x" * 300_000),
        source_item("d"),
    ]
    assert results(engine, items) == [Insert.WRITTEN] * 4
    assert results(engine, items) == [Insert.PRESENT] * 4
    keys = [Key(name, "PROFILE") for name in "abcd"]
    assert engine.tables.get_many(Side.SOURCE, keys) == items


def test_insert_refuses_bad_items_with_a_reason_and_writes_the_others(engine: Engine) -> None:
    items = [
        source_item("a"),
        source_item("b", team="t", rank="not a number"),
        source_item("c", body="x" * 500_000),
        {"PK": "d"},
        source_item("e", n=1.5),
        source_item("f"),
    ]
    outcomes = engine.tables.insert_absent(Side.SOURCE, items).outcomes
    assert [each.result for each in outcomes] == [
        Insert.WRITTEN,
        Insert.REFUSED,
        Insert.REFUSED,
        Insert.REFUSED,
        Insert.REFUSED,
        Insert.WRITTEN,
    ]
    assert all(each.reason for each in outcomes if each.result is Insert.REFUSED)


def test_insert_counts_write_units(engine: Engine) -> None:
    result = engine.tables.insert_absent(
        Side.SOURCE, [source_item("a"), source_item("b", body="x" * 2000)]
    )
    assert result.units == 3.0


def test_insert_of_nothing_is_nothing(engine: Engine) -> None:
    result = engine.tables.insert_absent(Side.SOURCE, [])
    assert (result.outcomes, result.units) == ([], 0)


def test_insert_when_writes_are_denied_raises(engine: Engine) -> None:
    engine.administration.deny_writes(Side.SOURCE)
    with pytest.raises(Refused):
        engine.tables.insert_absent(Side.SOURCE, [source_item("a")])
