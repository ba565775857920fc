"""Where the three engines differ, each shown by what every engine does.

One more stands beside the rule that it breaks: the segments of an index's scan (test_pages.py).
All else in this folder is the same on all three.
"""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from shared.model.errors import Refused
from shared.model.item import Value
from shared.model.key import Key
from shared.model.writes import Action, Put, Side, Update
from tests.contract.engines import DYNAMODB_LOCAL, Engine, source_item

A = Key("a", "PROFILE")


def told(engine: Engine, **by_engine: Any) -> Any:
    """Return what this engine is known to do: `memory`, `moto` or `local`."""
    return by_engine["local" if engine.kind == DYNAMODB_LOCAL else engine.kind]


def test_a_page_of_large_items_ends_at_a_megabyte_but_in_memory(engine: Engine) -> None:
    """On AWS a page ends at 1 MB; DynamoDB Local gives the item that passes it as well."""
    for number in range(8):
        engine.tables.write(Put(Side.SOURCE, source_item(f"e{number}", body="x" * 300_000)))
    page = engine.tables.scan(Side.SOURCE, 0, 1, None, 100, strong=True)
    found = (len(page.items), page.cursor is not None)
    assert found == told(engine, memory=(8, False), moto=(3, True), local=(4, True))


def nested(levels: int) -> Value:
    value: Value = "x"
    for _ in range(levels):
        value = [value]
    return value


def test_the_deepest_nesting_is_one_level_less_in_dynamodb_local(engine: Engine) -> None:
    """AWS's quota is 32 levels; DynamoDB Local counts the value inside as one of them."""
    deepest = told(engine, memory=32, moto=32, local=31)
    engine.tables.write(Put(Side.SOURCE, source_item("a", v=nested(deepest))))
    with pytest.raises(Refused):
        engine.tables.write(Put(Side.SOURCE, source_item("a", v=nested(deepest + 1))))


def test_an_update_to_an_ill_typed_index_key_passes_in_dynamodb_local(engine: Engine) -> None:
    """AWS refuses it; DynamoDB Local refuses it in a put alone."""
    engine.tables.write(Put(Side.SOURCE, source_item("a", team="t", rank=Decimal(1))))
    update = Update(Side.SOURCE, A, assign={"team": Decimal(1)})
    if told(engine, memory=True, moto=True, local=False):
        with pytest.raises(Refused):
            engine.tables.write(update)
        return
    engine.tables.write(update)
    assert engine.tables.get(Side.SOURCE, A) == source_item("a", team=Decimal(1), rank=Decimal(1))


def test_one_item_read_twice_in_a_transaction_is_refused_by_dynamodb_local(engine: Engine) -> None:
    """The engine never asks so: it reads one item of each table."""
    engine.tables.write(Put(Side.SOURCE, source_item("a")))
    twice = [(Side.SOURCE, A)] * 2
    if told(engine, memory=True, moto=True, local=False):
        assert engine.tables.get_together(twice) == [source_item("a")] * 2
        return
    with pytest.raises(Refused):
        engine.tables.get_together(twice)


def test_what_an_insert_costs_in_indexes_is_not_counted_in_memory(engine: Engine) -> None:
    """On AWS each index that takes the item costs a unit of its own."""
    inserted = engine.tables.insert_absent(
        Side.SOURCE, [source_item("a", team="t", rank=Decimal(1))]
    )
    assert inserted.units == told(engine, memory=1.0, moto=2.0, local=2.0)


def test_writers_of_one_item_wait_for_each_other_and_never_conflict(engine: Engine) -> None:
    """AWS cancels transactions that meet on an item; here only asked-for faults do."""

    def write(number: int) -> None:
        actions: list[Action] = [
            Update(Side.SOURCE, A, increment="v"),
            Put(Side.TARGET, {"id": Decimal(number)}),
        ]
        engine.tables.write_together(actions, engine.token(str(number)))

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(write, range(64)))) == 64
    assert engine.tables.get(Side.SOURCE, A) == source_item("a", v=Decimal(64))
