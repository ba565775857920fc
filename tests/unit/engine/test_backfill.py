"""Backfill: what is copied and counted, whoever writes meanwhile, and what may be asked."""

from collections.abc import Iterator

import pytest

from migrations.personnel.sample import generate
from shared.engine.failures import record_failure
from shared.model.environment import LOCAL
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.inputs import lists_prefix
from shared.model.item import Item, canonical
from shared.model.phases import PAIRED, Phase
from shared.model.runs import FindingKind, RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.backfilling import assert_adds_up, dual, in_v2, people
from tests.unit.engine.conductor import Conductor, key, legacy, stage
from tests.unit.engine.watched import Meanwhile

# -- what is copied


def test_a_backfill_when_v2_is_empty_expects_every_image_and_its_stamp() -> None:
    conductor = dual(*people(30), {**legacy("S", role="admin"), "_cutover_version": 4})
    run = conductor.backfill(batch_size=7)
    assert run.status is RunStatus.SUCCEEDED
    assert_adds_up(run.counts, 31)
    assert run.counts.written == 31
    migration = conductor.world.migration
    assert in_v2(conductor) == {
        str(item["PK"]): canonical(
            {**migration.up(migration.stamps.strip(item)), **_stamp_of(conductor, item)}
        )
        for item in conductor.parts.store.items(Side.SOURCE)
    }
    assert conductor.state.backfilled == run.run_id


def _stamp_of(conductor: Conductor, item: Item) -> Item:
    names = conductor.world.migration.stamps.all
    return {name: item[name] for name in names if name in item}


def test_a_backfill_when_v2_has_a_newer_row_expects_it_untouched() -> None:
    conductor = dual(*people(3))
    conductor.records().update(key("E001"), {"full_name": "Newer"}, (), None)
    before = conductor.stored(Side.TARGET, key("E001"))
    run = conductor.backfill()
    assert (run.counts.written, run.counts.already_present) == (2, 1)
    assert conductor.stored(Side.TARGET, key("E001")) == before


def test_a_backfill_when_a_record_is_written_between_read_and_copy_expects_the_newer_row() -> None:
    conductor = dual(*people(6))
    records = conductor.records()
    turns: Iterator[int] = iter(range(6))

    def act() -> None:
        at = next(turns, None)
        if at is not None:
            records.update(key(f"E{at:03d}"), {"full_name": f"New {at}"}, (), None)

    meanwhile = Meanwhile(act)
    watched = conductor.watched(
        before=lambda name: meanwhile(name) if name == "insert_absent" else None
    )
    run = watched.backfill(total_segments=1, batch_size=1)
    assert_adds_up(run.counts, 6)
    for at in range(6):
        row = conductor.stored(Side.TARGET, key(f"E{at:03d}"))
        assert row is not None
        assert row["full_name"] in (f"New {at}", f"N{at}")
        source = conductor.stored(Side.SOURCE, key(f"E{at:03d}"))
        if source is not None and "_cutover_version" in source:
            assert row["full_name"] == f"New {at}"


def test_a_record_when_deleted_before_its_copy_expects_validation_to_clear_the_zombie() -> None:
    conductor = dual(*people(1))
    records = conductor.records()
    gone: list[bool] = []

    def delete(name: str) -> None:
        if name == "insert_absent" and not gone:
            gone.append(True)
            records.delete(key("E000"), None)

    conductor.watched(before=delete).backfill()
    assert conductor.stored(Side.TARGET, key("E000")) is not None
    run = conductor.validate(repair=True)
    assert (run.counts.mismatched, run.counts.repaired) == (1, 1)
    assert [found.kind for found in conductor.findings(run)] == [FindingKind.ORPHAN]
    assert conductor.stored(Side.TARGET, key("E000")) is None


def test_records_that_cannot_move_when_copied_expect_their_reasons_and_held() -> None:
    conductor = dual(*generate(1, 40, unmovable=6))
    run = conductor.backfill()
    assert run.status is RunStatus.HELD
    assert_adds_up(run.counts, 40)
    found = conductor.findings(run)
    assert len(found) == run.counts.ambiguous + run.counts.failed == 6
    assert all(each.record is not None and each.reason for each in found)
    assert {each.kind for each in found} >= {
        FindingKind.AMBIGUOUS,
        FindingKind.REJECTED,
        FindingKind.TOO_LARGE,
    }
    assert conductor.state.backfilled is None


# -- what is asked


def test_a_backfill_when_given_keys_expects_those_alone_and_no_proof() -> None:
    conductor = dual(*people(10))
    run = conductor.backfill(keys=["E001", "EMPLOYEE#E002", "EMPLOYEE#E003|PROFILE"], batch_size=1)
    assert_adds_up(run.counts, 3)
    assert set(in_v2(conductor)) == {"EMPLOYEE#E001", "EMPLOYEE#E002", "EMPLOYEE#E003"}
    assert conductor.state.backfilled is None


def test_a_list_of_keys_when_given_by_its_address_expects_it_read_from_the_archive() -> None:
    conductor = dual(*people(10))
    uri = conductor.world.archive.store(f"{lists_prefix('personnel')}keys.json", ["E001", "E002"])
    assert conductor.backfill(keys=uri).counts.written == 2


def test_a_backfill_when_given_exclusions_expects_them_decided_for_good() -> None:
    conductor = dual(*people(4))
    run = conductor.backfill(exclude=["E001"])
    assert_adds_up(run.counts, 4)
    assert run.counts.excluded == 1
    assert conductor.stored(Side.TARGET, key("E001")) is None
    assert conductor.backfill().counts.excluded == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"keys": ["nobody"]}, "keys"),
        ({"exclude": ["nobody"]}, "exclude"),
        ({"keys": "memory://nowhere"}, "keys"),
        ({"keys": "memory://archive/inputs/personnel/absent.json"}, "keys"),
        ({"exclude": "memory://archive/inputs/learners/keys.json"}, "exclude"),
        ({"batch_size": 0}, "batch_size"),
        ({"typo": 1}, "typo"),
        ({"migration": "learners"}, "migration"),
        ({"resume_run_id": "none"}, "resume_run_id"),
        ({"max_wcu": -1}, "max_wcu"),
    ],
)
def test_a_backfill_when_its_input_is_wrong_expects_the_field_named_and_no_change(
    given: dict[str, object], field: str
) -> None:
    conductor = dual(*people(2))
    before = conductor.state
    with pytest.raises(InvalidInput) as refusal:
        conductor.begin(RunKind.BACKFILL, **given)
    assert refusal.value.field == field
    assert conductor.state == before
    assert conductor.world.ledger.holder("personnel", "work") is None


@pytest.mark.parametrize("phase", [p for p in PAIRED if p.group not in ("DUAL_AF", "DUAL")])
def test_a_backfill_when_writers_do_not_keep_both_alike_from_v1_expects_a_refusal(
    phase: Phase,
) -> None:
    conductor = stage(phase=phase)
    with pytest.raises(GuardRefused):
        conductor.backfill()


def test_a_backfill_when_dual_write_has_not_settled_expects_to_begin_once_it_has() -> None:
    conductor = stage(legacy("A"))
    conductor.migrate(until="DUAL_WRITE")
    now = conductor.parts.clock.wall()
    settled_at = conductor.state.settled_at(now, LOCAL.timing)
    assert settled_at > now
    started = conductor.begin(RunKind.BACKFILL)
    assert started.begin_at == settled_at
    conductor.work(started)
    assert conductor.finish(started).counts.written == 1
    assert conductor.parts.clock.wall() >= settled_at


@pytest.mark.parametrize("max_wcu", [5, 50])
def test_a_backfill_when_bounded_in_write_units_expects_the_time_that_they_take(
    max_wcu: int,
) -> None:
    conductor = dual(*people(100))
    started = conductor.parts.clock.wall()
    conductor.backfill(max_wcu=max_wcu, total_segments=2)
    took = conductor.parts.clock.wall() - started
    assert took >= 100 / max_wcu
    # Workers take turns here, so that the shares of both add up one after the other.
    assert took <= 2 * 100 / max_wcu + 1


def test_a_backfill_when_throttled_meanwhile_expects_the_new_rate_from_the_next_page() -> None:
    conductor = dual(*people(100))
    started = conductor.begin(RunKind.BACKFILL, max_wcu=50, total_segments=1, batch_size=50)
    clock, ledger = conductor.parts.clock, conductor.world.ledger

    def slow_down_half_way(call: str) -> None:
        (segment,) = ledger.segments(started.run_id)
        if call == "checkpoint" and segment.counts.written == 50:
            ledger.ask_rate(started.run_id, 5.0)
            slowed_at.append(clock.wall())

    slowed_at: list[float] = []
    watched = conductor.watched(after=slow_down_half_way, port="ledger")
    watched.work(started)
    assert 10 <= clock.wall() - slowed_at[0] <= 12  # the page before it is paid at the old rate
    run = conductor.finish(started)
    assert (run.counts.written, run.rate) == (100, 5.0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"exclude": ["E001"]}, "exclude"),
        ({"keys": ["E001"]}, "keys"),
        ({"max_wcu": 1.0}, "max_wcu"),
    ],
)
def test_a_run_when_resumed_with_another_input_expects_the_field_refused(
    given: dict[str, object], field: str
) -> None:
    conductor = dual(*people(3))
    started = conductor.begin(RunKind.BACKFILL, batch_size=2)
    record_failure(conductor.world, [started.run_id], "WorkerFailed", "a child died")
    with pytest.raises(InvalidInput) as refusal:
        conductor.backfill(resume_run_id=started.run_id, **given)
    assert refusal.value.field == field
    assert conductor.backfill(resume_run_id=started.run_id, batch_size=2).counts.written == 3
