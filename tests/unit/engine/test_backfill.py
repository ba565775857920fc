"""Backfill and dry run: what is copied and counted, whoever writes, pauses or dies meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from migrations.personnel.sample import generate
from shared.engine.failures import record_failure
from shared.engine.runs import StartedRun, finish_run
from shared.model.environment import LOCAL
from shared.model.errors import (
    AlreadyRunning,
    GuardRefused,
    InvalidInput,
    Throttled,
    WorkerFailed,
)
from shared.model.inputs import lists_prefix
from shared.model.item import Item, canonical
from shared.model.phases import PAIRED, Phase
from shared.model.runs import Counts, FindingKind, Run, RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage
from tests.unit.engine.watched import Count, Killed, Meanwhile, forbidden

SMALL = replace(LOCAL, concurrency=2)


def assert_adds_up(counts: Counts, scanned: int) -> None:
    outcomes = (
        counts.written
        + counts.already_present
        + counts.skipped
        + counts.ambiguous
        + counts.failed
        + counts.excluded
    )
    assert (counts.scanned, outcomes) == (scanned, scanned)


def dual(*items: Item, environment: object = SMALL) -> Conductor:
    """Return a migration in DUAL_WRITE whose v1 got these items by code outside the wrapper."""
    conductor = stage(phase=Phase.DUAL_WRITE, environment=SMALL)
    conductor.load(Side.SOURCE, *items)
    return conductor


def people(count: int) -> list[Item]:
    return [legacy(f"E{at:03d}", full_name=f"N{at}") for at in range(count)]


def in_v2(conductor: Conductor) -> dict[str, object]:
    return {str(item["PK"]): canonical(item) for item in conductor.parts.store.items(Side.TARGET)}


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
    settled_at = conductor.state.settled_at(LOCAL.timing)
    assert settled_at > conductor.parts.clock.wall()
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


# -- dying and going on


def finish_after_kill(conductor: Conductor, started: StartedRun) -> Run:
    """Resume a killed run in a new execution, as an operator does."""
    dead = conductor.world.ledger.load(started.run_id)
    assert dead is not None
    conductor.end_execution(dead)
    return conductor.backfill(resume_run_id=started.run_id)


def kill_at(call: int, port: str) -> tuple[Conductor, StartedRun, bool]:
    """Begin a backfill whose worker is killed at a call of a port; tell whether it was."""
    conductor = dual(*generate(2, 17, unmovable=2))
    conductor.records().create(person("fresh"), key("fresh"))
    started = conductor.begin(RunKind.BACKFILL, total_segments=2, batch_size=4)
    try:
        conductor.watched(after=Count(call), port=port).work(started)
    except Killed:
        return conductor, started, True
    return conductor, started, False


@pytest.mark.parametrize("port", ["tables", "ledger", "control"])
def test_a_backfill_when_killed_at_any_call_and_resumed_expects_the_same_end(port: str) -> None:
    whole, started, killed = kill_at(10**9, port)
    assert not killed
    expected = whole.finish(started)
    assert_adds_up(expected.counts, 18)
    rows = in_v2(whole)
    call, killed = 0, True
    while killed:
        call += 1
        conductor, started, killed = kill_at(call, port)
        run = finish_after_kill(conductor, started)
        assert in_v2(conductor) == rows, call
        assert_adds_up(run.counts, 18)
        for name in ("scanned", "skipped", "ambiguous", "failed", "excluded"):
            assert getattr(run.counts, name) == getattr(expected.counts, name), (call, name)
        assert run.status is expected.status
        assert len(conductor.findings(run)) == 2
    assert call > 2


@pytest.mark.parametrize(
    ("port", "step"),
    [("tables", "begin"), *product(("ledger", "control", "archive"), ("begin", "finish"))],
)
def test_a_backfill_when_killed_at_any_call_of_its_ends_expects_a_new_one_to_get_through(
    port: str, step: str
) -> None:
    call, killed = 0, True
    while killed:
        call += 1
        conductor = dual(*people(3))
        dying = conductor.watched(after=Count(call), port=port)
        started = None
        try:
            if step == "begin":
                dying.begin(RunKind.BACKFILL)
                killed = False
            else:
                started = conductor.begin(RunKind.BACKFILL)
                conductor.work(started)
                dying.finish(started)
                killed = False
        except Killed:
            pass
        conductor.parts.executions.under_way.clear()
        run = conductor.backfill(**({"resume_run_id": started.run_id} if started else {}))
        assert run.status is RunStatus.SUCCEEDED, call
        assert_adds_up(run.counts, 3)
        assert conductor.state.backfilled == run.run_id
        assert conductor.state.working is None
        assert conductor.world.ledger.holder("personnel", "work") is None
    assert call > 1


def test_a_worker_when_throttled_in_mid_page_expects_what_it_wrote_to_count_as_written() -> None:
    conductor = dual(*people(60))
    calls = [0]

    def throttle(name: str) -> None:
        if name == "insert_absent":
            calls[0] += 1
            if calls[0] in (2, 5):
                raise Throttled("slower")

    run = conductor.watched(before=throttle).backfill(total_segments=1, batch_size=60)
    assert_adds_up(run.counts, 60)
    assert run.counts.written == 60


def test_a_worker_when_throttled_for_good_expects_the_run_to_fail_and_to_be_resumable() -> None:
    conductor = dual(*people(10))
    started = conductor.begin(RunKind.BACKFILL)

    def throttle(name: str) -> None:
        if name == "insert_absent":
            raise Throttled("never")

    with pytest.raises(WorkerFailed):
        conductor.watched(before=throttle).work(started)
    with pytest.raises(WorkerFailed) as failure:
        conductor.finish(started)
    assert started.run_id in (failure.value.mend or "")
    run = finish_after_kill(conductor, started)
    assert (run.status, run.counts.written) == (RunStatus.SUCCEEDED, 10)


def test_a_backfill_when_paused_and_resumed_expects_held_then_the_rest() -> None:
    conductor = dual(*people(20))
    started = conductor.begin(RunKind.BACKFILL, total_segments=1, batch_size=5)

    def pause(name: str) -> None:
        if name == "insert_absent":
            conductor.world.ledger.ask_pause(started.run_id, True)

    conductor.watched(after=pause).work(started)
    held = conductor.finish(started)
    assert (held.status, held.counts.written) == (RunStatus.HELD, 5)
    assert conductor.state.working is None
    run = conductor.backfill(resume_run_id=held.run_id)
    assert (run.status, run.attempt) == (RunStatus.SUCCEEDED, 2)
    assert_adds_up(run.counts, 20)
    assert run.counts.written == 20


def test_a_backfill_when_its_pause_is_taken_back_too_late_expects_it_to_go_on_by_itself() -> None:
    conductor = dual(*people(20))
    started = conductor.begin(RunKind.BACKFILL, total_segments=1, batch_size=5)
    ledger, asked = conductor.world.ledger, 0

    def pause(name: str) -> None:
        nonlocal asked
        if name == "insert_absent" and asked < 2:
            asked += 1
            ledger.ask_pause(started.run_id, True)

    watched = conductor.watched(after=pause)
    watched.work(started)
    assert not any(each.done for each in ledger.segments(started.run_id))
    ledger.ask_pause(started.run_id, False)
    run = finish_run(conductor.world, started.run_id)
    assert (run.status, run.taken_back) == (RunStatus.RUNNING, 1)
    assert finish_run(conductor.world, started.run_id) == run  # its answer may be lost
    watched.work(started)  # and is paused once more
    ledger.ask_pause(started.run_id, False)
    run = conductor.finish(started)
    assert (run.status, run.attempt) == (RunStatus.SUCCEEDED, 1)
    assert_adds_up(run.counts, 20)
    assert run.counts.written == 20


def test_a_backfill_when_a_round_after_a_pause_is_left_unfinished_expects_a_failure() -> None:
    conductor = dual(*people(20))
    started = conductor.begin(RunKind.BACKFILL, total_segments=2)
    conductor.world.ledger.ask_pause(started.run_id, True)
    conductor.world.ledger.ask_pause(started.run_id, False)
    run = finish_run(conductor.world, started.run_id)
    assert run.active
    with pytest.raises(WorkerFailed):
        finish_run(conductor.world, started.run_id, run.taken_back)


def test_a_run_when_resumed_after_its_end_expects_nothing_done_again() -> None:
    conductor = dual(*people(3))
    run = conductor.backfill()
    assert conductor.backfill(resume_run_id=run.run_id) == run


def test_a_run_when_resumed_while_it_is_under_way_expects_a_refusal_naming_it() -> None:
    conductor = dual(*people(3))
    started = conductor.begin(RunKind.BACKFILL)
    with pytest.raises(AlreadyRunning) as refusal:
        conductor.begin(RunKind.BACKFILL, resume_run_id=started.run_id)
    assert refusal.value.run_id == started.run_id
    conductor.work(started)
    assert conductor.finish(started).counts.written == 3


def test_a_second_start_when_one_is_under_way_expects_a_refusal_naming_the_first() -> None:
    conductor = dual(*people(3))
    started = conductor.begin(RunKind.BACKFILL)
    before = conductor.state
    for kind in (RunKind.BACKFILL, RunKind.VALIDATE):
        with pytest.raises(AlreadyRunning) as refusal:
            conductor.begin(kind)
        assert refusal.value.run_id == started.run_id
    assert conductor.state == before


def test_a_second_start_when_the_first_died_expects_its_lock_and_the_first_to_be_over() -> None:
    conductor = dual(*people(3))
    started = conductor.begin(RunKind.BACKFILL)
    part = conductor.parts.ledger.segments(started.run_id)[0]
    conductor.parts.ledger.checkpoint(replace(part, counts=Counts(scanned=2, written=1)), [])
    conductor.parts.executions.under_way.clear()
    second = conductor.backfill()
    assert second.status is RunStatus.SUCCEEDED
    first = conductor.world.ledger.load(started.run_id)
    assert first is not None
    assert first.status is RunStatus.ABORTED
    assert first.counts == Counts(scanned=2, written=1)
    conductor.work(started)
    assert conductor.parts.ledger.segments(started.run_id)[0].stopped == "superseded"


def test_a_resume_when_another_died_with_the_lock_expects_to_get_it() -> None:
    conductor = dual(*people(3))
    started = conductor.begin(RunKind.BACKFILL)
    conductor.fail(_run(conductor, started), "WorkerFailed", "lost")
    conductor.begin(RunKind.VALIDATE)
    conductor.parts.executions.under_way.clear()
    assert conductor.backfill(resume_run_id=started.run_id).counts.written == 3


def _run(conductor: Conductor, started: StartedRun) -> Run:
    run = conductor.world.ledger.load(started.run_id)
    assert run is not None
    return run


def test_a_backfill_when_the_phase_leaves_its_class_expects_superseded_and_no_proof() -> None:
    conductor = dual(*people(20))
    started = conductor.begin(RunKind.BACKFILL, total_segments=1, batch_size=5)
    moved: list[bool] = []

    def leave(name: str) -> None:
        if name == "insert_absent" and not moved:
            moved.append(True)
            conductor.rollback(to_phase="OFF")
            conductor.settle()

    conductor.watched(after=leave).work(started)
    run = conductor.finish(started)
    assert run.status is RunStatus.SUPERSEDED
    assert run.counts.scanned <= 5
    assert conductor.state.backfilled is None


def test_a_worker_when_its_attempt_is_over_expects_no_checkpoint_of_it() -> None:
    conductor = dual(*people(9))
    started = conductor.begin(RunKind.BACKFILL, total_segments=1, batch_size=3)
    resumed: list[Run] = []

    def resume(name: str) -> None:
        if name == "insert_absent" and not resumed:
            conductor.parts.executions.under_way.clear()
            resumed.append(conductor.backfill(resume_run_id=started.run_id))

    conductor.watched(after=resume).work(started)
    assert_adds_up(resumed[0].counts, 9)
    assert_adds_up(conductor.finish(started).counts, 9)


def test_a_page_when_its_operation_outlives_its_time_expects_no_write_after_it() -> None:
    conductor = dual(*people(100))
    timing = SMALL.timing
    late: list[float] = []
    began = [0.0]

    def slow(name: str) -> None:
        clock = conductor.parts.clock
        if name == "scan":
            began[0] = clock.wall()
        if name == "insert_absent":
            late.append(clock.wall() - began[0])
            clock.advance(0.4)

    conductor.watched(before=slow).backfill(total_segments=1, batch_size=100)
    assert max(late) <= timing.worker_operation - timing.request
    assert len(in_v2(conductor)) == 100


# -- the dry run


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.VALIDATE, Phase.READ_V2, Phase.WRITE_V2_ONLY])
def test_a_dry_run_when_run_expects_the_real_counts_and_no_write_to_any_table(phase: Phase) -> None:
    conductor = stage(*people(5), phase=phase)
    conductor.load(Side.SOURCE, *generate(4, 20))
    run = conductor.watched(before=forbidden).dry_run()
    assert run.kind is RunKind.DRY_RUN
    assert_adds_up(run.counts, 25)
    present = 0 if phase is Phase.OFF else 5
    assert (run.counts.already_present, run.counts.written) == (present, 25 - present)


def test_a_dry_run_when_records_cannot_move_expects_the_findings_of_the_backfill() -> None:
    items = generate(1, 40, unmovable=6)
    rehearsed = stage(*items)
    dry = rehearsed.dry_run()
    real = dual(*items)
    wet = real.backfill()
    assert dry.status is wet.status is RunStatus.HELD
    assert dry.counts == wet.counts
    told = [replace(found, run_id="") for found in rehearsed.findings(dry)]
    assert told == [replace(found, run_id="") for found in real.findings(wet)]
    assert rehearsed.state.dry_run is None


def test_a_dry_run_when_records_are_left_out_undecided_expects_no_proof() -> None:
    conductor = stage(*people(3), legacy("bad", active="yes"))
    run = conductor.dry_run(exclude=["bad"])
    assert (run.status, run.counts.excluded) == (RunStatus.SUCCEEDED, 1)
    assert conductor.state.dry_run is None
    assert conductor.dry_run(keys=["E001"]).status is RunStatus.SUCCEEDED
    assert conductor.state.dry_run is None


def test_a_source_when_it_holds_the_engines_names_in_another_form_expects_a_finding() -> None:
    conductor = stage(
        {**legacy("A"), "_cutover_version": "one"}, {**legacy("B"), "_cutover_birth": "x"}
    )
    run = conductor.dry_run()
    assert (run.status, run.counts.failed) == (RunStatus.HELD, 2)
    assert [found.field for found in conductor.findings(run)] == [
        "_cutover_version",
        "_cutover_birth",
    ]


def test_a_dry_run_when_beside_a_backfill_expects_both_to_run() -> None:
    conductor = dual(*people(3))
    started = conductor.begin(RunKind.BACKFILL)
    assert conductor.dry_run().status is RunStatus.SUCCEEDED
    conductor.work(started)
    assert conductor.finish(started).status is RunStatus.SUCCEEDED


def test_a_dry_run_when_v1_is_deleted_expects_a_refusal() -> None:
    with pytest.raises(GuardRefused):
        stage(phase=Phase.DECOMMISSIONED).dry_run()


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
