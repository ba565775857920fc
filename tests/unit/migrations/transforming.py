"""A migration's functions for any kind of migration, and records that nobody foresaw."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from shared.model.declaration import Example, Migration, TableToTable, Verdict
from shared.model.in_place import InPlace
from shared.model.item import Item, Value

STRANGE: tuple[Value, ...] = (
    None,
    "",
    "∅ strange",
    "x" * 3000,
    True,
    Decimal(0),
    Decimal("-1.5E+30"),
    b"\x00\xff",
    frozenset({"x"}),
    frozenset({Decimal(1)}),
    frozenset({b"\x01"}),
    [],
    ["", None, [{"deep": []}]],
    {},
    {"": "", "nested": {"nested": [None]}},
)
"""One or more values of every type of DynamoDB (AWS API reference, AttributeValue)."""


def up(migration: Migration, record: Item, example: Example) -> Item:
    """Return the new form of an old record, looked up in what the example finds."""
    if isinstance(migration, InPlace):
        return migration.up(record, example.found)
    assert isinstance(migration, TableToTable)
    return migration.up(record)


def down(migration: Migration, record: Item) -> Item:
    """Return the old form of a new record."""
    assert isinstance(migration, InPlace | TableToTable)
    return migration.down(record)


def classify(migration: Migration, record: Item, example: Example) -> Verdict:
    """Return the verdict on an old record, looked up in what the example finds."""
    if isinstance(migration, InPlace):
        return migration.classify(record, example.found)
    assert isinstance(migration, TableToTable)
    return migration.classify(record)


def spoiled(record: Item, keys: Sequence[str]) -> Iterator[Item]:
    """Yield a record with each attribute but its keys left out, and as every strange value."""
    for name in record:
        if name in keys:
            continue
        yield {each: value for each, value in record.items() if each != name}
        for value in STRANGE:
            yield {**record, name: value}
