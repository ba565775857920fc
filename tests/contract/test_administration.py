"""Closing, describing and deleting tables."""

from decimal import Decimal

import pytest

from shared.model.errors import Refused, TableGone
from shared.model.key import Key
from shared.model.writes import Check, Delete, Exists, Put, Side, Update
from shared.ports import RECOVERY, STREAM, IndexDescription
from tests.contract.engines import Engine, source_item

A = Key("a", "PROFILE")


def test_denied_table_refuses_every_write_and_is_still_read(engine: Engine) -> None:
    engine.tables.write(Put(Side.SOURCE, source_item("a")))
    assert not engine.administration.writes_denied(Side.SOURCE)
    engine.administration.deny_writes(Side.SOURCE)
    engine.administration.deny_writes(Side.SOURCE)
    assert engine.administration.writes_denied(Side.SOURCE)
    for write in (
        Put(Side.SOURCE, source_item("b")),
        Update(Side.SOURCE, A, assign={"x": True}),
        Delete(Side.SOURCE, A),
    ):
        with pytest.raises(Refused):
            engine.tables.write(write)
    with pytest.raises(Refused):
        engine.tables.write_together(
            [Put(Side.TARGET, {"id": Decimal(1)}), Delete(Side.SOURCE, A)], engine.token()
        )
    assert engine.tables.get(Side.SOURCE, A) == source_item("a")
    assert engine.tables.get(Side.TARGET, Key(Decimal(1))) is None


def test_denied_table_may_still_be_checked_in_a_transaction(engine: Engine) -> None:
    engine.tables.write(Put(Side.SOURCE, source_item("a")))
    engine.administration.deny_writes(Side.SOURCE)
    engine.tables.write_together(
        [Put(Side.TARGET, {"id": Decimal(1)}), Check(Side.SOURCE, A, Exists("PK"))], engine.token()
    )
    assert engine.tables.get(Side.TARGET, Key(Decimal(1))) == {"id": Decimal(1)}


def test_allowed_again_takes_writes(engine: Engine) -> None:
    engine.administration.deny_writes(Side.SOURCE)
    engine.administration.allow_writes(Side.SOURCE)
    engine.administration.allow_writes(Side.SOURCE)
    assert not engine.administration.writes_denied(Side.SOURCE)
    engine.tables.write(Put(Side.SOURCE, source_item("a")))


def test_description_tells_keys_indexes_and_state(engine: Engine) -> None:
    source = engine.tables.describe(Side.SOURCE)
    declared = engine.migration
    assert (source.status, source.keys) == ("ACTIVE", declared.source.keys)
    by_team = declared.source.index("by-team").keys
    assert source.indexes == {"by-team": IndexDescription("ACTIVE", by_team, whole=True)}
    assert source.stream
    assert source.point_in_time_recovery
    assert source.replicas == ()
    assert source.arn.endswith(engine.migration.source.name)
    target = engine.tables.describe(Side.TARGET)
    assert target.keys == declared.target.keys
    assert target.table_id != source.table_id


def test_delete_of_the_right_id_deletes(engine: Engine) -> None:
    engine.tables.write(Put(Side.SOURCE, source_item("a")))
    engine.administration.delete_table(Side.SOURCE, engine.tables.describe(Side.SOURCE).table_id)
    for gone in (
        lambda: engine.tables.describe(Side.SOURCE),
        lambda: engine.tables.get(Side.SOURCE, A),
        lambda: engine.tables.get_many(Side.SOURCE, [A]),
        lambda: engine.tables.write(Put(Side.SOURCE, source_item("a"))),
        lambda: engine.tables.insert_absent(Side.SOURCE, [source_item("a")]),
        lambda: engine.tables.scan(Side.SOURCE, 0, 1, None, 10, strong=True),
        lambda: engine.administration.deny_writes(Side.SOURCE),
    ):
        with pytest.raises(TableGone):
            gone()


def test_delete_again_is_no_error(engine: Engine) -> None:
    table_id = engine.tables.describe(Side.SOURCE).table_id
    engine.administration.delete_table(Side.SOURCE, table_id)
    engine.administration.delete_table(Side.SOURCE, table_id)
    with pytest.raises(TableGone):
        engine.tables.describe(Side.SOURCE)


def test_delete_of_a_table_made_again_deletes_nothing(engine: Engine) -> None:
    before = engine.tables.describe(Side.SOURCE).table_id
    engine.hand.recreate(Side.SOURCE)
    engine.tables.write(Put(Side.SOURCE, source_item("new")))
    with pytest.raises(TableGone):
        engine.administration.delete_table(Side.SOURCE, before)
    assert engine.tables.get(Side.SOURCE, Key("new", "PROFILE")) == source_item("new")
    assert engine.tables.describe(Side.SOURCE).table_id != before


def test_protect_when_all_is_on_changes_nothing(engine: Engine) -> None:
    engine.administration.protect(Side.SOURCE, stream=True)
    assert engine.administration.protect(Side.SOURCE, stream=True) == ()
    described = engine.tables.describe(Side.SOURCE)
    assert described.stream
    assert described.point_in_time_recovery


def test_protect_when_recovery_and_stream_are_off_switches_both_on(engine: Engine) -> None:
    engine.hand.lay_bare(Side.SOURCE)
    assert not engine.tables.describe(Side.SOURCE).stream
    assert not engine.tables.describe(Side.SOURCE).point_in_time_recovery
    assert set(engine.administration.protect(Side.SOURCE, stream=True)) == {RECOVERY, STREAM}
    assert engine.tables.describe(Side.SOURCE).stream
    assert engine.tables.describe(Side.SOURCE).point_in_time_recovery


def test_protect_when_nobody_watches_the_stream_leaves_it_off(engine: Engine) -> None:
    engine.hand.lay_bare(Side.SOURCE)
    assert engine.administration.protect(Side.SOURCE, stream=False) == (RECOVERY,)
    assert not engine.tables.describe(Side.SOURCE).stream
    assert engine.tables.describe(Side.SOURCE).point_in_time_recovery
