"""Scans by segment and queries by index, page by page."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import pytest

from shared.model.errors import InvalidInput, Refused
from shared.model.item import Item
from shared.model.writes import Delete, Put, Side
from tests.contract.engines import DYNAMODB_LOCAL, Engine, source_item


def pages(engine: Engine, segment: int, total: int, limit: int) -> Iterator[list[Item]]:
    cursor = None
    while True:
        page = engine.tables.scan(Side.SOURCE, segment, total, cursor, limit, strong=True)
        assert len(page.items) <= limit
        yield page.items
        cursor = page.cursor
        if cursor is None:
            return


def query(engine: Engine, *values: object, limit: int = 100) -> list[Item]:
    found: list[Item] = []
    cursor = None
    while True:
        page = engine.tables.query(Side.SOURCE, "by-team", values, cursor, limit)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("total", [1, 4, 7])
def test_segments_are_complete_and_disjoint(engine: Engine, total: int) -> None:
    names = sorted(f"e{n}" for n in range(100))
    engine.tables.insert_absent(Side.SOURCE, [source_item(name) for name in names])
    seen = [
        item["PK"]
        for segment in range(total)
        for page in pages(engine, segment, total, limit=6)
        for item in page
    ]
    assert sorted(seen) == names


def test_scan_goes_on_from_a_cursor_whose_item_was_deleted_meanwhile(engine: Engine) -> None:
    engine.tables.insert_absent(Side.SOURCE, [source_item(f"e{n}") for n in range(20)])
    first = engine.tables.scan(Side.SOURCE, 0, 1, None, 10, strong=True)
    rest = engine.tables.scan(Side.SOURCE, 0, 1, first.cursor, 100, strong=True)
    schema = engine.migration.source.keys
    for item in first.items:
        engine.tables.write(Delete(Side.SOURCE, schema.key_of(item)))
    again = engine.tables.scan(Side.SOURCE, 0, 1, first.cursor, 100, strong=True)
    assert [item["PK"] for item in again.items] == [item["PK"] for item in rest.items]
    assert len(rest.items) == 10


def test_scan_of_an_empty_table_ends_at_once(engine: Engine) -> None:
    assert list(pages(engine, 0, 1, limit=10)) == [[]]


def test_scan_of_a_segment_or_limit_that_cannot_be_is_refused(engine: Engine) -> None:
    for segment, total, limit in ((1, 1, 10), (-1, 1, 10), (0, 0, 10), (0, 1, 0)):
        with pytest.raises(Refused):
            engine.tables.scan(Side.SOURCE, segment, total, None, limit, strong=True)


def ranked(name: str, rank: int, team: str = "red") -> Item:
    return source_item(name, team=team, rank=Decimal(rank), body={"n": Decimal(rank)})


@pytest.fixture
def teams(engine: Engine) -> None:
    items = [ranked(f"e{n:02d}", rank=(n * 7) % 30 - 5) for n in range(30)]
    items += [ranked("other", 3, team="blue")]
    items += [source_item("no-rank", team="red"), source_item("no-team", rank=Decimal(1))]
    for item in items:
        engine.tables.write(Put(Side.SOURCE, item))


@pytest.mark.usefixtures("teams")
def test_query_returns_entries_ordered_by_sort_key_without_sparse_ones(engine: Engine) -> None:
    found = query(engine, "red")
    assert [int(item["rank"]) for item in found] == list(range(-5, 25))
    assert found[0]["body"] == {"n": Decimal(-5)}


@pytest.mark.usefixtures("teams")
def test_query_in_pages_gives_the_same(engine: Engine) -> None:
    assert query(engine, "red", limit=7) == query(engine, "red")


@pytest.mark.usefixtures("teams")
def test_query_with_both_values_finds_the_one(engine: Engine) -> None:
    assert query(engine, "red", Decimal(3)) == [ranked("e14", 3)]
    assert query(engine, "red", Decimal(99)) == []
    assert query(engine, "green") == []


def test_query_of_equal_sort_keys_in_pages_loses_and_repeats_none(engine: Engine) -> None:
    for n in range(20):
        engine.tables.write(Put(Side.SOURCE, ranked(f"e{n:02d}", 1)))
    found = [item["PK"] for item in query(engine, "red", limit=3)]
    assert sorted(found) == [f"e{n:02d}" for n in range(20)]


@pytest.mark.usefixtures("teams")
def test_query_of_what_is_no_key_of_the_index_is_refused(engine: Engine) -> None:
    for values in ((), ("",), (Decimal(1),), ("red", "text"), ("red", Decimal(1), "third")):
        with pytest.raises(Refused):
            engine.tables.query(Side.SOURCE, "by-team", values, None, 10)


def test_query_of_an_index_that_is_not_declared_is_invalid(engine: Engine) -> None:
    with pytest.raises(InvalidInput):
        engine.tables.query(Side.SOURCE, "nope", ("x",), None, 10)


@pytest.mark.parametrize("total", [1, 3])
@pytest.mark.usefixtures("teams")
def test_scan_index_yields_each_entry_once_with_its_keys(engine: Engine, total: int) -> None:
    entries: list[Item] = []
    for segment in range(total):
        cursor: Item | None = None
        while True:
            page = engine.tables.scan_index(Side.SOURCE, "by-team", segment, total, cursor, 4)
            entries += page.items
            cursor = page.cursor
            if cursor is None:
                break
    assert len(entries) == 31
    assert len({str(sorted(entry.items())) for entry in entries}) == 31
    teams = [entry["team"] for entry in entries]
    changes = len([1 for left, right in pairwise(teams) if left != right])
    if engine.kind == DYNAMODB_LOCAL and total > 1:
        # Known difference: it deals the entries of one partition value out to several segments.
        assert changes > len(set(teams)) - 1
    else:
        assert changes == len(set(teams)) - 1
