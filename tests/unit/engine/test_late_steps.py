"""Steps that come when their run has ended: they neither revive it nor add to it."""

from collections.abc import Callable

import pytest

from shared.engine.failures import record_failure
from shared.engine.journey import finish_journey
from shared.engine.runs import finish_run
from shared.model.errors import AlreadyRunning, Superseded, Throttled
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from tests.unit.engine.conductor import Conductor, legacy, stage


def once(name: str, act: Callable[[], object]) -> Callable[[str], None]:
    """Return what acts just before the first call of a port's method."""
    done: list[str] = []

    def before(called: str) -> None:
        if called == name and not done:
            done.append(called)
            act()

    return before


def stored(conductor: Conductor, run_id: str) -> Run:
    run = conductor.world.ledger.load(run_id)
    assert run is not None
    return run


def test_a_journeys_last_step_when_it_was_overtaken_leaves_it_superseded() -> None:
    conductor = stage(legacy("A"), phase=Phase.VALIDATE)
    migrate = conductor.begin_journey(RunKind.MIGRATE)
    roll_back = once("release", lambda: conductor.rollback(to_phase="OFF"))
    raced = conductor.watched(before=roll_back, port="ledger")
    with pytest.raises(Superseded):
        finish_journey(raced.world, migrate.run_id)
    assert stored(conductor, migrate.run_id).status is RunStatus.SUPERSEDED


def test_a_failure_when_somebody_ended_the_run_first_tells_how() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL)
    conductor.work(started)
    finish = once("release", lambda: conductor.finish(started))
    raced = conductor.watched(before=finish, port="ledger")
    ended = record_failure(raced.world, [started.run_id], "Superseded", "late")
    assert (ended.summary or {})["status"] == "SUCCEEDED"
    assert stored(conductor, started.run_id).status is RunStatus.SUCCEEDED


def test_a_start_when_the_dead_holder_of_its_lock_ends_by_itself_just_then_begins() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    dead = conductor.begin(RunKind.BACKFILL)
    run = stored(conductor, dead.run_id)
    conductor.end_execution(run)
    fail = once("release", lambda: conductor.fail(run, "WorkerFailed", "late"))
    started = conductor.watched(before=fail, port="ledger").begin(RunKind.BACKFILL)
    assert stored(conductor, dead.run_id).status is RunStatus.FAILED
    assert conductor.world.ledger.holder(run.migration, "work") == started.run_id


def test_a_start_when_the_dead_holder_of_its_lock_is_resumed_just_then_is_refused() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    dead = conductor.begin(RunKind.BACKFILL)
    conductor.end_execution(stored(conductor, dead.run_id))
    resume = once("release", lambda: conductor.begin(RunKind.BACKFILL, resume_run_id=dead.run_id))
    with pytest.raises(AlreadyRunning):
        conductor.watched(before=resume, port="ledger").begin(RunKind.BACKFILL)
    assert stored(conductor, dead.run_id).attempt == 2
    assert conductor.world.ledger.holder("personnel", "work") == dead.run_id


def test_a_run_when_not_even_its_failure_can_be_recorded_locks_nobody_out() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL)
    conductor.work(started)
    run = stored(conductor, started.run_id)

    def no_archive(_name: str) -> None:
        raise Throttled("S3 does not answer")

    broken = conductor.watched(before=no_archive, port="archive")
    with pytest.raises(Throttled):
        finish_run(broken.world, started.run_id)
    with pytest.raises(Throttled):
        broken.fail(run, "WorkerFailed", "S3 does not answer")
    conductor.end_execution(run)
    assert conductor.backfill().status is RunStatus.SUCCEEDED
    assert stored(conductor, started.run_id).status is RunStatus.ABORTED


def test_a_backfill_when_it_ends_after_the_migration_was_off_is_no_proof_of_the_next_try() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL)
    conductor.work(started)
    conductor.go_to(Phase.OFF)
    state = conductor.state
    assert (state.working, state.work_stop.at >= state.since) == (None, True)
    conductor.go_to(Phase.DUAL_WRITE)
    finish_run(conductor.world, started.run_id)
    assert conductor.state.backfilled is None


def test_a_backfill_when_its_last_step_is_repeated_after_a_crash_stays_proof() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL)
    conductor.work(started)

    def crash() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish_run(
            conductor.watched(before=once("release", crash), port="ledger").world, started.run_id
        )
    assert conductor.finish(started).status is RunStatus.SUCCEEDED
    assert conductor.state.backfilled == started.run_id
