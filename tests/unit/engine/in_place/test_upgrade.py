"""Backfill in place, page by page: races, lost answers, busy tables, dead workers."""

import pytest

from shared.engine.failures import record_failure
from shared.engine.runs import StartedRun
from shared.model.errors import OutcomeUnknown, Throttled, WorkerFailed
from shared.model.item import canonical
from shared.model.phases import Phase
from shared.model.runs import FindingKind, RunKind
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.racing import (
    NAMES,
    assert_counts,
    fail,
    once,
    shapes,
    upgrading,
)
from tests.unit.engine.in_place.stage import author, key, note, records, stage
from tests.unit.engine.watched import Count, Killed, Lose, forbidden

# -- somebody is faster than the backfill


def test_a_record_that_a_client_upgrades_meanwhile_keeps_the_clients_write() -> None:
    conductor = upgrading()
    service = records(conductor)
    act = once("write", lambda: service.update(key("a"), {"body": "newer"}, (), None))
    run = conductor.watched(before=act).backfill(total_segments=1)
    assert_counts(run, written=5, already_present=1)
    stored = conductor.stored(Side.SOURCE, key("a")) or {}
    assert (stored["body"], stored["_cutover_version"]) == ("newer", 1)


def test_a_record_that_a_client_changes_meanwhile_is_upgraded_with_the_change() -> None:
    """In the share of keys that is not written anew yet, a change leaves the old shape."""
    conductor = stage(note("n0"), phase=Phase.WRITE_NEW, percent=1)
    service = records(conductor)
    act = once("write", lambda: service.update(key("n0"), {"body": "newer"}, (), None))
    run = conductor.watched(before=act).backfill(total_segments=1)
    assert_counts(run, written=1)
    stored = conductor.stored(Side.SOURCE, key("n0")) or {}
    assert (stored["body"], stored["_cutover_version"]) == ("newer", 1)


def test_a_record_that_is_deleted_meanwhile_stays_deleted_and_counts_as_skipped() -> None:
    conductor = upgrading()
    act = once("write", lambda: records(conductor).delete(key("a"), None))
    run = conductor.watched(before=act).backfill(total_segments=1)
    assert_counts(run, written=5, skipped=1)
    assert conductor.stored(Side.SOURCE, key("a")) is None


def test_a_record_that_is_deleted_and_created_meanwhile_is_the_created_one() -> None:
    conductor = upgrading()

    def act() -> None:
        records(conductor).delete(key("a"), None)
        records(conductor).create({"note_id": "a", "body": "born again"}, key("a"))

    run = conductor.watched(before=once("write", act)).backfill(total_segments=1)
    assert_counts(run, written=5, already_present=1)
    assert (conductor.stored(Side.SOURCE, key("a")) or {})["body"] == "born again"


def test_a_record_that_becomes_doubtful_meanwhile_is_found_and_left_alone() -> None:
    conductor = upgrading(note("a"))
    doubtful = note("a", author="Nobody")
    stamped = {**doubtful, "_cutover_write": "theirs"}
    act = once("write", lambda: conductor.load(Side.SOURCE, stamped))
    run = conductor.watched(before=act).backfill(total_segments=1)
    assert_counts(run, ambiguous=1)
    assert [each.kind for each in conductor.findings(run)] == [FindingKind.AMBIGUOUS]
    assert conductor.stored(Side.SOURCE, key("a")) == stamped


def test_a_record_with_a_reference_is_upgraded_by_what_is_found_at_that_moment() -> None:
    conductor = upgrading(note("a", account="acme", author="Ann"))
    conductor.parts.references.items.append(author("a1", "Ann"))
    assert_counts(conductor.backfill(), written=1)
    assert (conductor.stored(Side.SOURCE, key("a")) or {})["author_id"] == "a1"


# -- a table that does not answer


@pytest.mark.parametrize("times", [1, 3, 7])
def test_answers_that_are_lost_after_the_write_count_each_record_once(times: int) -> None:
    conductor = upgrading()
    run = conductor.watched(after=Lose(times)).backfill(total_segments=1)
    assert_counts(run, written=6)
    assert shapes(conductor) == "nnnnnn"


@pytest.mark.parametrize("error", [Throttled("slow"), OutcomeUnknown("lost")])
@pytest.mark.parametrize("times", [1, 4])
def test_writes_that_fail_before_they_take_effect_are_made_again(
    error: Exception, times: int
) -> None:
    conductor = upgrading()
    run = conductor.watched(before=fail(error, times)).backfill(total_segments=1)
    assert_counts(run, written=6)
    assert shapes(conductor) == "nnnnnn"


def test_a_snapshot_that_cannot_be_stored_keeps_its_page_from_being_changed() -> None:
    conductor = upgrading()
    watched = conductor.watched(before=fail(OutcomeUnknown("lost"), 99, "store"), port="snapshots")
    with pytest.raises(WorkerFailed):
        watched.backfill(total_segments=1)
    assert shapes(conductor) == "oooooo"


def test_a_dry_run_writes_no_record_and_no_snapshot() -> None:
    conductor = upgrading()
    run = conductor.watched(before=forbidden).dry_run()
    assert_counts(run, written=6)
    assert conductor.parts.snapshots.documents == {}


# -- workers that die


def begun() -> tuple[Conductor, StartedRun]:
    """Return a backfill that has begun, and nobody works on it yet."""
    conductor = upgrading()
    return conductor, conductor.begin(RunKind.BACKFILL, total_segments=2, batch_size=2)


def kills() -> list[tuple[str, int]]:
    """Return each call of a port in which a worker of this backfill may die."""
    found = []
    for port in ("tables", "snapshots"):
        count = Count()
        conductor, started = begun()
        conductor.watched(before=count, port=port).work(started)
        found += [(port, call) for call in range(1, count.calls + 1)]
    return found


@pytest.mark.parametrize(("port", "call"), kills())
@pytest.mark.parametrize("beside", ["before", "after"])
def test_a_backfill_when_killed_at_any_call_and_resumed_expects_the_same_end_and_way_back(
    port: str, call: int, beside: str
) -> None:
    conductor, started = begun()
    with pytest.raises(Killed):
        conductor.watched(port=port, **{beside: Count(call)}).work(started)
    run = conductor.world.ledger.load(started.run_id)
    assert run is not None
    conductor.end_execution(run)
    record_failure(conductor.world, [run.run_id], "WorkerFailed", "killed")
    run = conductor.backfill(resume_run_id=run.run_id)
    assert_counts(run, written=6)
    assert shapes(conductor) == "nnnnnn"
    conductor.rollback(to_phase="OFF")
    stored = [canonical(each) for each in conductor.parts.store.items(Side.SOURCE)]
    assert sorted(stored, key=str) == sorted((canonical(note(n)) for n in NAMES), key=str)
