"""A backfill that pauses, is throttled, overtaken or dies: what is left, and how it goes on."""

from dataclasses import replace
from itertools import product

import pytest

from migrations.personnel.sample import generate
from shared.engine.runs import StartedRun, finish_run
from shared.model.errors import (
    AlreadyRunning,
    Throttled,
    WorkerFailed,
)
from shared.model.runs import Counts, Run, RunKind, RunStatus
from tests.unit.engine.backfilling import SMALL, assert_adds_up, dual, in_v2, people
from tests.unit.engine.conductor import Conductor, key, person
from tests.unit.engine.watched import Count, Killed


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
