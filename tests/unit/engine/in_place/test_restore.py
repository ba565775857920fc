"""Restore, record by record: lost answers, racing clients, what was changed since."""

import pytest

from shared.engine.in_place.restore import CHANGED
from shared.model.errors import OutcomeUnknown, Throttled
from shared.model.runs import FindingKind
from shared.model.writes import Side
from tests.unit.engine.in_place.racing import (
    assert_counts,
    fail,
    once,
    restored,
    shapes,
    upgraded,
)
from tests.unit.engine.in_place.stage import key, note, records
from tests.unit.engine.watched import Lose


@pytest.mark.parametrize("times", [1, 3])
def test_a_restore_whose_answers_are_lost_counts_each_record_once(times: int) -> None:
    conductor = upgraded()
    assert_counts(restored(conductor.watched(after=Lose(times))), written=6)
    assert shapes(conductor) == "oooooo"


@pytest.mark.parametrize("error", [Throttled("slow"), OutcomeUnknown("lost")])
def test_a_restore_whose_writes_fail_makes_them_again(error: Exception) -> None:
    conductor = upgraded(note("a"))
    run = restored(conductor.watched(before=fail(error, 2)))
    assert (run.counts.written, shapes(conductor)) == (1, "o")


def test_a_record_that_a_client_changes_during_a_restore_is_a_conflict_and_not_overwritten() -> (
    None
):
    conductor = upgraded()
    service = records(conductor)
    act = once("write", lambda: service.update(key("a"), {"body": "newer"}, (), None))
    run = restored(conductor.watched(before=act))
    assert_counts(run, written=5, mismatched=1)
    assert [(each.key, each.kind) for each in conductor.findings(run)] == [
        ("a", FindingKind.CONFLICT)
    ]
    assert (conductor.stored(Side.SOURCE, key("a")) or {})["body"] == "newer"


def test_a_record_that_is_deleted_during_a_restore_stays_deleted() -> None:
    conductor = upgraded()
    act = once("write", lambda: records(conductor).delete(key("a"), None))
    assert_counts(restored(conductor.watched(before=act)), written=5, skipped=1)
    assert conductor.stored(Side.SOURCE, key("a")) is None


@pytest.mark.parametrize(("lower", "repaired", "left"), [(False, 0, "nnnnnn"), (True, 6, "oooooo")])
def test_a_restore_when_the_snapshots_are_gone_reports_and_lowers_only_on_the_way_to_off(
    lower: bool, repaired: int, left: str
) -> None:
    conductor = upgraded()
    conductor.parts.snapshots.documents.clear()
    run = restored(conductor, lower=lower)
    assert (run.counts.mismatched, run.counts.repaired) == (6, repaired)
    assert {each.reason for each in conductor.findings(run)} == {"its snapshot is gone"}
    assert shapes(conductor) == left


def test_a_record_that_somebody_changed_past_the_wrapper_is_a_conflict_though_it_is_marked() -> (
    None
):
    conductor = upgraded()
    stored = conductor.stored(Side.SOURCE, key("a")) or {}
    rogue = {**stored, "body": "rogue"}
    conductor.load(Side.SOURCE, rogue)
    run = restored(conductor)
    [found] = conductor.findings(run)
    assert (found.kind, "past the wrapper" in found.reason) == (FindingKind.CONFLICT, True)
    assert conductor.stored(Side.SOURCE, key("a")) == rogue


def test_a_record_whose_stamp_is_broken_since_is_a_conflict() -> None:
    conductor = upgraded()
    stored = conductor.stored(Side.SOURCE, key("a")) or {}
    broken = {**stored, "_cutover_version": "one"}
    conductor.load(Side.SOURCE, broken)
    run = restored(conductor, lower=True)
    assert [each.key for each in conductor.findings(run)] == ["a"]
    assert conductor.stored(Side.SOURCE, key("a")) == broken


@pytest.mark.parametrize(
    "name", ["", "x" * 2000, "../other/run", "run/../../other", "run/a b", "é/a"]
)
def test_a_mark_past_the_wrapper_that_names_no_snapshot_is_a_conflict_and_asked_of_no_store(
    name: str,
) -> None:
    conductor = upgraded(note("a"))
    rogue = {**(conductor.stored(Side.SOURCE, key("a")) or {}), "_cutover_write": f"upgrade|{name}"}
    conductor.load(Side.SOURCE, rogue)
    conductor.parts.snapshots.documents[name] = {"records": "not ours"}
    run = restored(conductor)
    assert [each.reason for each in conductor.findings(run)] == [CHANGED]
    assert conductor.stored(Side.SOURCE, key("a")) == rogue


def test_a_mark_that_names_the_snapshot_of_another_record_restores_nothing() -> None:
    conductor = upgraded(note("a"), note("b"))
    a, b = (conductor.stored(Side.SOURCE, key(name)) or {} for name in "ab")
    rogue = {**b, "note_id": "c"}
    conductor.load(
        Side.SOURCE, rogue, {**a, "body": "rogue", "_cutover_write": b["_cutover_write"]}
    )
    run = restored(conductor)
    assert [each.key for each in conductor.findings(run)] == ["a", "c"]
    assert conductor.stored(Side.SOURCE, key("c")) == rogue
    assert (conductor.stored(Side.SOURCE, key("a")) or {})["body"] == "rogue"
