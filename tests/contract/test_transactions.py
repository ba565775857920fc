"""Writes and reads that span both tables."""

from decimal import Decimal

import pytest

from shared.model.errors import ConditionFailed, Refused
from shared.model.key import Key
from shared.model.writes import (
    Action,
    Check,
    Delete,
    Equals,
    Exists,
    Missing,
    Put,
    Side,
    Update,
)
from tests.contract.engines import Engine, source_item

A, B, C = (Key(name, "PROFILE") for name in "abc")
ONE = Key(Decimal(1))


def test_transaction_writes_both_tables(engine: Engine) -> None:
    tables = engine.tables
    tables.write(Put(Side.SOURCE, source_item("b")))
    tables.write(Put(Side.SOURCE, source_item("c", v=Decimal(1))))
    actions: list[Action] = [
        Put(Side.SOURCE, source_item("a", name="x"), Missing("PK")),
        Put(Side.TARGET, {"id": Decimal(1), "name": "x"}),
        Delete(Side.SOURCE, B, Exists("PK")),
        Check(Side.SOURCE, C, Equals("v", Decimal(1))),
    ]
    tables.write_together(actions, engine.token())
    assert tables.get_together(
        [(Side.SOURCE, A), (Side.TARGET, ONE), (Side.SOURCE, B), (Side.SOURCE, C)]
    ) == [
        source_item("a", name="x"),
        {"id": Decimal(1), "name": "x"},
        None,
        source_item("c", v=Decimal(1)),
    ]


def test_transaction_with_an_update_of_one_and_a_put_of_the_other(engine: Engine) -> None:
    engine.tables.write_together(
        [
            Update(Side.SOURCE, A, assign={"name": "x"}, increment="v", condition=Missing("PK")),
            Update(Side.TARGET, ONE, assign={"name": "x"}, default={"made": True}),
        ],
        engine.token(),
    )
    assert engine.tables.get(Side.SOURCE, A) == source_item("a", name="x", v=Decimal(1))
    assert engine.tables.get(Side.TARGET, ONE) == {"id": Decimal(1), "name": "x", "made": True}


def test_transaction_when_conditions_fail_changes_nothing_and_names_them(engine: Engine) -> None:
    engine.tables.write(Put(Side.SOURCE, source_item("c")))
    actions: list[Action] = [
        Put(Side.SOURCE, source_item("a"), Missing("PK")),
        Update(Side.TARGET, ONE, assign={"n": True}, condition=Exists("id")),
        Delete(Side.SOURCE, B),
        Check(Side.SOURCE, C, Missing("PK")),
    ]
    with pytest.raises(ConditionFailed) as caught:
        engine.tables.write_together(actions, engine.token())
    assert caught.value.failed == (1, 3)
    assert engine.tables.get(Side.SOURCE, A) is None
    assert engine.tables.get(Side.TARGET, ONE) is None


def test_same_token_again_takes_effect_once(engine: Engine) -> None:
    actions = [Update(Side.SOURCE, A, increment="v")]
    engine.tables.write_together(actions, engine.token())
    engine.tables.write_together(actions, engine.token())
    engine.tables.write_together(actions, engine.token("another"))
    assert engine.tables.get(Side.SOURCE, A) == source_item("a", v=Decimal(2))


def test_same_token_again_succeeds_although_its_condition_no_longer_holds(engine: Engine) -> None:
    actions = [Put(Side.SOURCE, source_item("a"), Missing("PK"))]
    engine.tables.write_together(actions, engine.token())
    engine.tables.write_together(actions, engine.token())
    with pytest.raises(ConditionFailed):
        engine.tables.write_together(actions, engine.token("another"))


def test_token_with_other_actions_is_refused(engine: Engine) -> None:
    engine.tables.write_together([Put(Side.SOURCE, source_item("a"))], engine.token())
    with pytest.raises(Refused):
        engine.tables.write_together([Put(Side.SOURCE, source_item("b"))], engine.token())
    assert engine.tables.get(Side.SOURCE, B) is None


def test_token_of_a_cancelled_transaction_may_be_used_again(engine: Engine) -> None:
    actions = [Update(Side.SOURCE, A, assign={"x": True}, condition=Exists("PK"))]
    with pytest.raises(ConditionFailed):
        engine.tables.write_together(actions, engine.token())
    engine.tables.write(Put(Side.SOURCE, source_item("a")))
    engine.tables.write_together(actions, engine.token())
    assert engine.tables.get(Side.SOURCE, A) == source_item("a", x=True)


def test_transaction_that_dynamodb_never_takes_is_refused_whole(engine: Engine) -> None:
    good = Put(Side.SOURCE, source_item("b"))
    many = [Put(Side.TARGET, {"id": Decimal(n)}) for n in range(101)]
    refused: dict[str, list[Action]] = {
        "twice": [good, Put(Side.SOURCE, source_item("a")), Delete(Side.SOURCE, A)],
        "ill-typed": [good, Put(Side.SOURCE, source_item("a", team="t", rank="x"))],
        "too-many": list(many),
        "too-large": [good, Put(Side.SOURCE, source_item("a", body="x" * 500_000))],
    }
    for token, actions in refused.items():
        with pytest.raises(Refused):
            engine.tables.write_together(actions, engine.token(token))
    assert engine.tables.get(Side.SOURCE, B) is None


def test_transaction_of_a_hundred_is_taken(engine: Engine) -> None:
    engine.tables.write_together(
        [Put(Side.TARGET, {"id": Decimal(n)}) for n in range(100)], engine.token()
    )
    keys = [(Side.TARGET, Key(Decimal(n))) for n in range(100)]
    assert all(engine.tables.get_together(keys))
    with pytest.raises(Refused):
        engine.tables.get_together([*keys, (Side.SOURCE, A)])


def test_get_many_keeps_order_and_takes_repeats_and_more_than_a_batch(engine: Engine) -> None:
    for at in range(0, 250, 50):
        engine.tables.insert_absent(Side.TARGET, [{"id": Decimal(n)} for n in range(at, at + 50)])
    wanted = [249, 7, 7, 1000, *range(230)]
    found = engine.tables.get_many(Side.TARGET, [Key(Decimal(n)) for n in wanted])
    assert found == [{"id": Decimal(n)} if n < 250 else None for n in wanted]


def test_get_many_of_nothing_is_nothing(engine: Engine) -> None:
    assert engine.tables.get_many(Side.SOURCE, []) == []
