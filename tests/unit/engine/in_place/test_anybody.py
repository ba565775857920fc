"""Writers beside the wrapper: an upgrade and a restore hold to every attribute that was read."""

from shared.model.runs import FindingKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.in_place.racing import (
    ANYBODY,
    MANY,
    assert_counts,
    once,
    restored,
    shapes,
    upgraded,
    upgrading,
)
from tests.unit.engine.in_place.stage import key, note


def test_a_rogue_change_of_an_attribute_is_upgraded_and_not_overwritten() -> None:
    conductor = upgrading(note("a"), migration=ANYBODY)
    act = once("write", lambda: conductor.load(Side.SOURCE, note("a", "three rogue words")))
    assert_counts(conductor.watched(before=act).backfill(total_segments=1), written=1)
    assert (conductor.stored(Side.SOURCE, key("a")) or {})["body"] == "three rogue words"


def test_a_rogue_attribute_that_is_added_meanwhile_survives() -> None:
    conductor = upgrading(note("a"), migration=ANYBODY)
    act = once("write", lambda: conductor.load(Side.SOURCE, note("a", tag="rogue")))
    assert_counts(conductor.watched(before=act).backfill(total_segments=1), written=1)
    stored = conductor.stored(Side.SOURCE, key("a")) or {}
    assert (stored["tag"], stored["body"]) == ("rogue", "one two")


def test_a_rogue_attribute_that_the_upgrade_would_add_is_not_overwritten() -> None:
    conductor = upgrading(note("a"), migration=ANYBODY)
    theirs = {**note("a"), "body": "rogue"}
    act = once("write", lambda: conductor.load(Side.SOURCE, theirs))
    assert_counts(conductor.watched(before=act).backfill(total_segments=1), already_present=1)
    assert conductor.stored(Side.SOURCE, key("a")) == theirs


def test_a_rogue_change_since_the_upgrade_is_not_overwritten_by_a_restore() -> None:
    conductor = upgraded(note("a"), migration=ANYBODY)
    stored = conductor.stored(Side.SOURCE, key("a")) or {}
    rogue = {**stored, "body": "rogue"}
    run = restored(
        conductor.watched(before=once("write", lambda: conductor.load(Side.SOURCE, rogue)))
    )
    assert run.counts.mismatched == 1
    assert conductor.stored(Side.SOURCE, key("a")) == rogue


def test_a_record_of_more_attributes_than_a_condition_compares_is_found_by_the_dry_run() -> None:
    large = note("a", **MANY)
    conductor = upgrading(large, note("b"), migration=ANYBODY)
    for run in (conductor.dry_run(), conductor.backfill()):
        assert run.status is RunStatus.HELD
        [found] = conductor.findings(run)
        assert (found.kind, "153 attributes" in found.reason) == (FindingKind.REJECTED, True)
    assert shapes(conductor) == "on"
    assert_counts(upgrading(large).backfill(), written=1)  # only behind the wrapper


def test_a_record_of_as_many_attributes_as_a_condition_compares_goes_there_and_back() -> None:
    fits = dict(list(MANY.items())[:143])  # with text, body and words it is 146
    conductor = upgraded(note("a", **fits), migration=ANYBODY)
    assert shapes(conductor) == "n"
    assert_counts(restored(conductor), written=1)
    assert conductor.stored(Side.SOURCE, key("a")) == note("a", **fits)
