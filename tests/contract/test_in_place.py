"""What a migration in place has besides: snapshots, and a table that it looks things up in."""

import gzip
import json
from decimal import Decimal

import pytest

from shared.aws.dynamodb_references import DynamoReferences
from shared.engine.in_place.shapes import LARGEST_CONDITION
from shared.model.declaration import TableDeclaration
from shared.model.errors import ConditionFailed, NotFound, Refused, TableGone
from shared.model.item import Item, json_ready, same
from shared.model.key import Key, KeySchema
from shared.model.writes import Equals, Every, Missing, Put, Side, Update
from tests.contract.engines import Engine, example_reference, source_item
from tests.contract.server_cloud import BUCKET, ServerCloud

EVERY_KIND: Item = {
    "account": "acme",
    "id": "a",
    "text": "Zoë 🙂\n",
    "number": Decimal("-12345678901234567890.123456789"),
    "binary": b"\x00\xff",
    "map": {"m": [None, True, {"deep": [Decimal(1)]}]},
    "set": frozenset({"x", "y"}),
}
PAGES = 40
"""Items of 60 KB each: more than two answers of 1 MB."""


def integration(account: str, name: str, **attributes: object) -> Item:
    return {"account": account, "id": name, **attributes}


# -- snapshots


def test_snapshot_comes_back_with_every_kind_of_value(engine: Engine) -> None:
    document = {"records": [{"before": json_ready(EVERY_KIND)}], "at": "2026-11-21T10:00:00+00:00"}
    engine.snapshots.store("run-1/source-00000-0a1b", document)
    assert engine.snapshots.load("run-1/source-00000-0a1b") == document


def test_snapshot_that_never_was_or_has_expired_is_not_found(engine: Engine) -> None:
    engine.snapshots.store("run-1/a", {"records": []})
    engine.hand.expire("run-1/a")
    for name in ("run-1/a", "run-1/never"):
        with pytest.raises(NotFound):
            engine.snapshots.load(name)


def test_snapshots_of_two_names_or_two_migrations_are_two(engine: Engine) -> None:
    engine.snapshots.store("run-1/a", {"records": ["one"]})
    engine.snapshots.store("run-1/ab", {"records": ["two"]})
    assert engine.snapshots.load("run-1/a") == {"records": ["one"]}
    assert engine.snapshots.load("run-1/ab") == {"records": ["two"]}


def test_snapshot_with_what_json_cannot_say_is_refused_before_it_is_stored(engine: Engine) -> None:
    with pytest.raises((TypeError, ValueError)):
        engine.snapshots.store("run-1/bad", {"records": [float("nan")]})
    with pytest.raises(NotFound):
        engine.snapshots.load("run-1/bad")


def test_snapshot_in_s3_is_compressed_and_says_so(cloud: ServerCloud) -> None:
    engine = cloud.engine()
    engine.snapshots.store("run-1/a", {"records": ["same again"] * 1000})
    answer = cloud.s3.get_object(Bucket=BUCKET, Key=f"snapshots/{engine.name}/run-1/a.json.gz")
    body = answer["Body"].read()
    assert answer["ContentEncoding"] == "gzip"
    assert len(body) < 1000
    assert json.loads(gzip.decompress(body)) == {"records": ["same again"] * 1000}


# -- references


def test_partition_has_its_own_items_alone_with_every_kind_of_value(engine: Engine) -> None:
    engine.hand.refer(EVERY_KIND, integration("acme", "b"), integration("acme2", "a"))
    found = sorted(engine.references.partition("acme"), key=lambda each: str(each["id"]))
    assert [each["id"] for each in found] == ["a", "b"]
    assert same(found[0], EVERY_KIND)
    assert engine.references.partition("nobody") == []


def test_partition_shows_what_was_put_just_before(engine: Engine) -> None:
    for number in range(5):
        engine.hand.refer(integration("acme", str(number)))
        assert len(engine.references.partition("acme")) == number + 1


def test_partition_of_more_than_one_page_comes_whole(engine: Engine) -> None:
    engine.hand.refer(*(integration("acme", f"{n:03}", text="x" * 60_000) for n in range(PAGES)))
    assert len(engine.references.partition("acme")) == PAGES


def test_scan_page_by_page_finds_every_item_once(engine: Engine) -> None:
    engine.hand.refer(*(integration(f"acme{n % 3}", str(n)) for n in range(10)))
    found, cursor = [], None
    while True:
        page = engine.references.scan(cursor, 3)
        assert len(page.items) <= 3
        found += [each["id"] for each in page.items]
        if page.cursor is None:
            break
        cursor = page.cursor
    assert sorted(found) == sorted(str(n) for n in range(10))


def test_keys_of_references_are_those_with_which_the_table_was_made(engine: Engine) -> None:
    declared = example_reference(engine.migration)
    assert engine.references.keys() == ("ACTIVE", declared.keys)


def test_keys_of_references_that_are_not_there_are_gone(cloud: ServerCloud) -> None:
    nowhere = TableDeclaration("never-made", KeySchema("account"))
    with pytest.raises(TableGone):
        DynamoReferences(cloud.dynamodb, nowhere).keys()


def test_references_that_are_not_declared_are_refused(cloud: ServerCloud) -> None:
    with pytest.raises(Refused):
        DynamoReferences(cloud.dynamodb, None).partition("acme")
    with pytest.raises(Refused):
        DynamoReferences(cloud.dynamodb, None).keys()


# -- the largest condition


def test_condition_of_as_many_parts_as_the_engine_asks_for_is_taken(engine: Engine) -> None:
    names = [f"a{number:03}" for number in range(LARGEST_CONDITION - 1)]
    engine.tables.write(Put(Side.SOURCE, source_item("p", **dict.fromkeys(names, "x"))))
    held = Every(tuple(Equals(name, "x") for name in names))
    whole = Every((held, Missing("added")))
    change = Update(Side.SOURCE, Key("p", "PROFILE"), {"added": "y"}, condition=whole)
    assert (engine.tables.write(change) or {})["added"] == "y"
    with pytest.raises(ConditionFailed):
        engine.tables.write(change)
