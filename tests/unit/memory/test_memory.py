"""The memory world beyond the contract: its clock, its tokens' age, its exports' time."""

import pytest

from shared.memory.clock import MemoryClock, MemoryIds
from shared.memory.exports import MemoryExports
from shared.memory.tables import TOKEN_SECONDS
from shared.memory.world import memory_parts, memory_world
from shared.model.environment import LOCAL
from shared.model.errors import ConditionFailed, Refused
from shared.model.key import Key
from shared.model.writes import Missing, Put, Side
from shared.ports import ExportStatus
from tests.contract.engines import example_migration, source_item


def test_token_is_forgotten_after_ten_minutes() -> None:
    parts = memory_parts(example_migration())
    actions = [Put(Side.SOURCE, source_item("a"), Missing("PK"))]
    parts.tables.write_together(actions, "token")
    parts.clock.advance(TOKEN_SECONDS - 1)
    parts.tables.write_together(actions, "token")
    parts.clock.advance(1)
    with pytest.raises(ConditionFailed):
        parts.tables.write_together(actions, "token")


def test_export_takes_its_time_and_may_fail() -> None:
    parts = memory_parts(example_migration())
    exports = MemoryExports(parts.store, parts.clock, seconds=30)
    arn = exports.start(Side.SOURCE, "x", "token")
    assert exports.status(arn) == (ExportStatus.IN_PROGRESS, "")
    with pytest.raises(Refused):
        exports.verify(arn)
    parts.clock.advance(30)
    assert exports.status(arn) == (ExportStatus.COMPLETED, "")
    exports.exports[arn].failure = "bucket gone"
    assert exports.status(arn) == (ExportStatus.FAILED, "bucket gone")


def test_export_holds_what_was_there_when_it_began() -> None:
    parts = memory_parts(example_migration())
    parts.store.load(Side.SOURCE, source_item("a"))
    arn = parts.exports.start(Side.SOURCE, "x", "token")
    parts.store.load(Side.SOURCE, source_item("b"))
    assert parts.exports.verify(arn).items == 1


def test_clock_freezes_jumps_and_sleeps() -> None:
    clock = MemoryClock(now=100.0)
    clock.sleep(1)
    clock.freeze(10)
    assert (clock.wall(), clock.monotonic()) == (111.0, 1.0)
    clock.set(50.0)
    assert (clock.wall(), clock.monotonic()) == (50.0, 1.0)


def test_ids_count_up_from_their_seed() -> None:
    ids = MemoryIds("w")
    assert [ids.new(), ids.new()] == ["w-000001", "w-000002"]


def test_worlds_of_the_same_parts_see_each_other() -> None:
    parts = memory_parts(example_migration())
    one, two = parts.world(LOCAL), parts.world(LOCAL, "other")
    one.tables.write(Put(Side.SOURCE, source_item("a")))
    assert two.tables.get(Side.SOURCE, Key("a", "PROFILE")) == source_item("a")
    assert (one.digest, two.digest) == ("test", "other")
    fresh = memory_world(parts.migration, LOCAL)
    assert fresh.tables.get(Side.SOURCE, Key("a", "PROFILE")) is None
