"""One write at a time: conditions, results and refusals."""

from decimal import Decimal

import pytest

from shared.model.errors import ConditionFailed, Refused
from shared.model.item import ITEM_LIMIT_BYTES, Value
from shared.model.key import Key
from shared.model.writes import (
    AtMost,
    Check,
    Condition,
    Delete,
    Either,
    Equals,
    Every,
    Exists,
    Missing,
    Put,
    Side,
    Update,
)
from tests.contract.engines import Engine, source_item

A = Key("a", "PROFILE")
RICH = {
    "text": "Zoë 🙂",
    "empty": "",
    "number": Decimal("12345678901234567890123456789012345678"),
    "small": Decimal("0.1"),
    "yes": True,
    "nothing": None,
    "raw": b"\x00\xff",
    "list": [Decimal(1), "two", [b"3"]],
    "map": {"in": {"deep": frozenset({"a", "b"})}, "odd name #:.": "x"},
    "numbers": frozenset({Decimal(1), Decimal("2.5")}),
    "raws": frozenset({b"a", b"b"}),
}


def test_put_of_every_type_comes_back_exactly(engine: Engine) -> None:
    item = source_item("a", **RICH)
    assert engine.tables.write(Put(Side.SOURCE, item)) == item
    assert engine.tables.get(Side.SOURCE, A) == item


def test_get_when_absent_is_none(engine: Engine) -> None:
    assert engine.tables.get(Side.SOURCE, A) is None


def test_numbers_come_back_in_normal_form(engine: Engine) -> None:
    engine.tables.write(Put(Side.SOURCE, source_item("a", n=Decimal("1.500"))))
    stored = engine.tables.get(Side.SOURCE, A)
    assert stored is not None
    assert str(stored["n"]) == "1.5"


def test_key_of_another_spelling_names_the_same_item(engine: Engine) -> None:
    engine.tables.write(Put(Side.TARGET, {"id": Decimal("10")}))
    assert engine.tables.get(Side.TARGET, Key(Decimal("1E+1"))) == {"id": Decimal(10)}


def test_what_was_returned_can_change_without_changing_what_is_stored(engine: Engine) -> None:
    item = source_item("a", tags=["x"])
    engine.tables.write(Put(Side.SOURCE, item))
    item["tags"].append("y")
    seen = engine.tables.get(Side.SOURCE, A)
    assert seen is not None
    seen["tags"].append("z")
    assert engine.tables.get(Side.SOURCE, A) == source_item("a", tags=["x"])


STORED = source_item("a", v=Decimal(3), b="birth", yes=True)
HOLDING: dict[str, Condition] = {
    "exists": Exists("v"),
    "missing": Missing("w"),
    "equals number": Equals("v", Decimal("3.0")),
    "equals text": Equals("b", "birth"),
    "equals bool": Equals("yes", True),
    "at most, equal": AtMost("v", 3),
    "at most, below": AtMost("v", 4),
    "every": Every((Exists("v"), Equals("b", "birth"))),
    "either, first": Either((Exists("v"), Missing("v"))),
    "either, last": Either((Missing("v"), Every((Exists("v"), AtMost("v", 9))))),
}
FAILING: dict[str, Condition] = {
    "exists": Exists("w"),
    "missing": Missing("v"),
    "equals": Equals("v", Decimal(4)),
    "equals absent": Equals("w", Decimal(3)),
    "equals another type": Equals("yes", Decimal(1)),
    "at most": AtMost("v", 2),
    "at most of absent": AtMost("w", 9),
    "at most of text": AtMost("b", 9),
    "every": Every((Exists("v"), Exists("w"))),
    "either": Either((Exists("w"), Missing("v"))),
}


@pytest.mark.parametrize("condition", HOLDING.values(), ids=HOLDING)
def test_write_when_its_condition_holds_takes_effect(engine: Engine, condition: Condition) -> None:
    engine.tables.write(Put(Side.SOURCE, STORED))
    new = engine.tables.write(Update(Side.SOURCE, A, assign={"seen": True}, condition=condition))
    assert new == {**STORED, "seen": True}


@pytest.mark.parametrize("condition", FAILING.values(), ids=FAILING)
def test_write_when_its_condition_fails_changes_nothing(
    engine: Engine, condition: Condition
) -> None:
    engine.tables.write(Put(Side.SOURCE, STORED))
    writes = (
        Put(Side.SOURCE, source_item("a"), condition),
        Update(Side.SOURCE, A, assign={"seen": True}, condition=condition),
        Delete(Side.SOURCE, A, condition),
    )
    for write in writes:
        with pytest.raises(ConditionFailed) as caught:
            engine.tables.write(write)
        assert caught.value.failed == (0,)
    assert engine.tables.get(Side.SOURCE, A) == STORED


def test_update_sets_defaults_removes_and_counts(engine: Engine) -> None:
    engine.tables.write(Put(Side.SOURCE, source_item("a", old="x", kept="k", n=Decimal(4))))
    update = Update(
        Side.SOURCE,
        A,
        assign={"new": "y", "kept2": None},
        default={"kept": "other", "fresh": "f"},
        remove=("old", "never-there"),
        increment="n",
    )
    expected = source_item("a", kept="k", kept2=None, new="y", fresh="f", n=Decimal(5))
    assert engine.tables.write(update) == expected
    assert engine.tables.get(Side.SOURCE, A) == expected


def test_update_of_an_absent_item_makes_it_and_counts_from_zero(engine: Engine) -> None:
    assert engine.tables.write(Update(Side.SOURCE, A, increment="n")) == source_item(
        "a", n=Decimal(1)
    )


def test_update_of_reserved_and_odd_names_works(engine: Engine) -> None:
    update = Update(Side.SOURCE, A, assign={"name": "n", "a.b": "dot", "with space": "s"})
    assert engine.tables.write(update) == source_item(
        "a", **{"name": "n", "a.b": "dot", "with space": "s"}
    )


def test_delete_returns_what_was_there_once(engine: Engine) -> None:
    engine.tables.write(Put(Side.SOURCE, source_item("a", v=Decimal(1))))
    assert engine.tables.write(Delete(Side.SOURCE, A)) == source_item("a", v=Decimal(1))
    assert engine.tables.write(Delete(Side.SOURCE, A)) is None


REFUSED = {
    "key missing": {"PK": "a"},
    "key empty": {"PK": "a", "SK": ""},
    "key ill-typed": {"PK": "a", "SK": Decimal(1)},
    "index key ill-typed": source_item("a", team="t", rank="first"),
    "index key empty": source_item("a", team="", rank=Decimal(1)),
    "index key null": source_item("a", team=None, rank=Decimal(1)),
    "index key of half a sparse entry": source_item("a", team=Decimal(1)),
    "too large": source_item("a", body="x" * ITEM_LIMIT_BYTES),
    "empty set": source_item("a", tags=frozenset()),
    "39 digits": source_item("a", n=Decimal("1" * 39)),
    "no such type": source_item("a", n=1.5),
}


@pytest.mark.parametrize("item", REFUSED.values(), ids=REFUSED)
def test_put_of_what_dynamodb_never_takes_is_refused(engine: Engine, item: dict) -> None:
    with pytest.raises(Refused):
        engine.tables.write(Put(Side.SOURCE, item))
    assert engine.tables.get(Side.SOURCE, A) is None


def test_put_of_the_largest_item_is_taken(engine: Engine) -> None:
    item = source_item("a", body="")
    spare = ITEM_LIMIT_BYTES - sum(len(name) + len(value) for name, value in item.items())
    engine.tables.write(Put(Side.SOURCE, {**item, "body": "x" * spare}))
    with pytest.raises(Refused):
        engine.tables.write(Put(Side.SOURCE, {**item, "body": "x" * (spare + 1)}))


def test_update_that_would_break_the_item_is_refused(engine: Engine) -> None:
    engine.tables.write(Put(Side.SOURCE, source_item("a", text="t")))
    for update in (
        Update(Side.SOURCE, A, assign={"SK": "other"}),
        Update(Side.SOURCE, A, assign={"team": ""}),
        Update(Side.SOURCE, A, assign={"text": "x"}, remove=("text",)),
        Update(Side.SOURCE, A, increment="text"),
        Update(Side.SOURCE, A, assign={"body": "x" * ITEM_LIMIT_BYTES}),
    ):
        with pytest.raises(Refused):
            engine.tables.write(update)
    assert engine.tables.get(Side.SOURCE, A) == source_item("a", text="t")


def test_check_alone_is_refused(engine: Engine) -> None:
    with pytest.raises(Refused):
        engine.tables.write(Check(Side.SOURCE, A, Exists("PK")))


@pytest.mark.parametrize(
    "attributes",
    [
        {"PK": "k" * 2049},
        {"PK": "ä" * 1025},
        {"SK": "s" * 1025},
        {"team": "t" * 2049, "rank": Decimal(1)},
    ],
    ids=["partition", "partition in bytes", "sort", "index"],
)
def test_put_of_a_key_that_is_too_long_is_refused(
    engine: Engine, attributes: dict[str, Value]
) -> None:
    with pytest.raises(Refused):
        engine.tables.write(Put(Side.SOURCE, {**source_item("a"), **attributes}))


def test_put_of_a_key_of_the_greatest_length_is_stored(engine: Engine) -> None:
    item = {"PK": "k" * 2048, "SK": "s" * 1024, "team": "t" * 2048, "rank": Decimal(1)}
    engine.tables.write(Put(Side.SOURCE, item))
    assert engine.tables.get(Side.SOURCE, Key("k" * 2048, "s" * 1024)) == item
