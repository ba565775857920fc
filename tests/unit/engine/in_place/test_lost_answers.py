"""Writes of a record in place whose answer is lost, or whose table is busy."""

from collections.abc import Callable

import pytest

from shared.model.errors import (
    LeaseLost,
    OutcomeUnknown,
    Throttled,
)
from shared.model.phases import Phase
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.racing import fail
from tests.unit.engine.in_place.stage import author, key, note, records
from tests.unit.engine.in_place.test_records import EVERY, NEW, OLD, holding, stored
from tests.unit.engine.watched import Lose

Act = Callable[[Conductor], object]
ACTS: dict[str, Act] = {
    "create": lambda c: records(c).create({"note_id": "b", "body": "two"}, key("b")),
    "update": lambda c: records(c).update(key("a"), {"body": "changed"}, (), None),
    "delete": lambda c: records(c).delete(key("a"), None),
}


@EVERY
@pytest.mark.parametrize("verb", ACTS)
def test_a_write_whose_answer_is_lost_is_done_once_and_known(phase: Phase, verb: str) -> None:
    conductor = holding(OLD, phase=phase)
    ACTS[verb](conductor.watched(after=Lose()))
    versions = [stored(conductor, name).get("_cutover_version") for name in "ab"]
    assert versions == {"create": [None, 1], "update": [1, None], "delete": [None, None]}[verb]
    assert (stored(conductor) == {}) is (verb == "delete")


def test_an_update_whose_answer_is_lost_before_somebody_writes_is_not_claimed() -> None:
    conductor = holding(OLD, phase=Phase.WRITE_NEW)
    lose = Lose()

    def after(name: str) -> None:
        try:
            lose(name)
        except OutcomeUnknown:
            records(conductor).update(key("a"), {"tag": "theirs"}, (), None)
            raise

    with pytest.raises(OutcomeUnknown):
        ACTS["update"](conductor.watched(after=after))
    assert (stored(conductor)["body"], stored(conductor)["tag"]) == ("changed", "theirs")


@pytest.mark.parametrize("verb", ["create", "delete"])
def test_a_write_that_was_lost_before_it_took_effect_is_never_claimed(verb: str) -> None:
    conductor = holding(OLD, phase=Phase.WRITE_NEW)
    with pytest.raises(OutcomeUnknown):
        ACTS[verb](conductor.watched(before=fail(OutcomeUnknown("lost"), 1)))
    assert (stored(conductor), stored(conductor, "b")) == (OLD, {})


@pytest.mark.parametrize("verb", ACTS)
def test_a_write_when_the_table_is_busy_is_tried_again_and_ends_in_time(verb: str) -> None:
    conductor = holding(OLD, phase=Phase.WRITE_NEW)
    with pytest.raises(LeaseLost):
        ACTS[verb](conductor.watched(before=fail(Throttled("slow"), 10_000)))
    assert (stored(conductor), stored(conductor, "b")) == (OLD, {})
    ACTS[verb](conductor.watched(before=fail(Throttled("slow"), 2)))
    assert (stored(conductor), stored(conductor, "b")) != (OLD, {})


def test_an_update_that_somebody_is_faster_than_is_made_on_what_is_there_then() -> None:
    conductor = holding(OLD, phase=Phase.WRITE_NEW)
    done: list[str] = []

    def before(name: str) -> None:
        if name == "write" and not done:
            done.append(name)
            conductor.backfill()

    after = records(conductor.watched(before=before)).update(key("a"), {"tag": "x"}, (), None)
    assert after.item == {**NEW, "tag": "x"}
    assert (stored(conductor)["tag"], stored(conductor)["body"]) == ("x", "one two")


def test_what_a_record_refers_to_is_looked_up_at_each_read() -> None:
    conductor = holding(note("a", account="acme", author="Ann"), phase=Phase.READ_BOTH)
    assert "author_id" not in records(conductor).get(key("a")).item
    conductor.parts.references.items.append(author("a1", "Ann"))
    assert records(conductor).get(key("a")).item["author_id"] == "a1"
