"""Runs that rest and go on."""

import pytest

from shared.model.phases import Phase
from shared.model.runs import RunKind
from tests.unit.cli.rehearsal import Operator, operator
from tests.unit.engine.conductor import legacy


def dual(*names: str) -> Operator:
    return operator(*(legacy(name) for name in names or ("a", "b")), phase=Phase.DUAL_WRITE)


def test_pause_when_a_backfill_runs_expects_its_workers_asked_and_the_log_to_say_who() -> None:
    op = dual()
    started = op.conductor.begin(RunKind.BACKFILL)
    told = op.json("pause", "personnel", "--reason", "a sale is on")
    assert told["paused"] == [started.run_id]
    run = op.conductor.world.ledger.load(started.run_id)
    assert run is not None
    assert run.pause
    assert "pause backfill" in op.type("log", "personnel").stdout


def test_pause_when_nothing_runs_expects_exit_1() -> None:
    assert dual().json("pause", "personnel", exits=1)["error"]["code"] == "not_found"


def test_resume_when_the_paused_run_still_works_expects_the_pause_taken_back() -> None:
    op = dual()
    started = op.conductor.begin(RunKind.BACKFILL)
    op.json("pause", "personnel")
    assert op.json("resume", "personnel")["run_id"] == started.run_id
    run = op.conductor.world.ledger.load(started.run_id)
    assert run is not None
    assert not run.pause
    assert op.workflows.inputs == []


def test_resume_when_a_backfill_was_paused_to_its_end_expects_the_same_run_finished() -> None:
    op = dual()
    started = op.conductor.begin(RunKind.BACKFILL)
    op.json("pause", "personnel")
    op.conductor.work(started)
    assert op.conductor.finish(started).status == "HELD"
    told = op.json("resume", "personnel", "--watch")
    assert (told["run_id"], told["status"]) == (started.run_id, "SUCCEEDED")
    assert (told["scanned"], told["written"]) == (2, 2)
    assert op.workflows.inputs[0][1]["resume_run_id"] == started.run_id


def test_resume_when_a_dry_run_died_expects_it_told_apart_from_a_backfill() -> None:
    op = dual()
    started = op.conductor.begin(RunKind.BACKFILL, dry_run=True)
    run = op.conductor.world.ledger.load(started.run_id)
    assert run is not None
    op.conductor.end_execution(run)
    told = op.json("resume", "personnel", started.run_id[:9], "--watch")
    assert told["run_id"] == started.run_id
    assert op.workflows.inputs[0][1]["dry_run"] is True


def test_resume_when_a_validation_was_paused_expects_a_new_whole_pass() -> None:
    op = dual()
    op.conductor.backfill()
    started = op.conductor.begin(RunKind.VALIDATE, repair=True)
    op.json("pause", "personnel")
    op.conductor.work(started)
    op.conductor.finish(started)
    told = op.json("resume", "personnel", "--watch")
    assert told["run_id"] != started.run_id
    assert (told["status"], op.workflows.inputs[0][1]["repair"]) == ("SUCCEEDED", True)


def test_resume_when_it_names_a_journey_nothing_or_too_much_expects_exit_2() -> None:
    op = operator(legacy("a"), phase=Phase.VALIDATE)
    journey = next(
        run.run_id
        for run in op.conductor.world.ledger.runs("personnel", 9)
        if run.kind is RunKind.MIGRATE
    )
    error = op.json("resume", "personnel", journey, exits=2)["error"]
    assert "cutover start personnel" in error["mend"]
    assert "no run" in op.json("resume", "personnel", "zz", exits=2)["error"]["message"]
    assert "runs begin with" in op.json("resume", "personnel", "id", exits=2)["error"]["message"]


def test_throttle_when_a_backfill_runs_expects_the_rate_changed_and_the_log_to_say_who() -> None:
    op = dual()
    started = op.conductor.begin(RunKind.BACKFILL, max_wcu=50)
    told = op.json("throttle", "personnel", "--max-wcu", "2.5", "--reason", "it is noon")
    assert told == {
        "migration": "personnel",
        "run_id": started.run_id,
        "max_wcu": 2.5,
        "before": 50.0,
    }
    run = op.conductor.world.ledger.load(started.run_id)
    assert run is not None
    assert run.rate == 2.5
    log = op.json("log", "personnel")["entries"]
    assert ("throttle backfill", "it is noon") in [(e["action"], e["reason"]) for e in log]
    assert "held to 2" in op.type("status", "personnel").stdout


def test_throttle_when_only_a_dry_run_or_nothing_runs_expects_exit_1() -> None:
    op = dual()
    assert op.json("throttle", "personnel", "--max-wcu", "5", exits=1)["error"]["mend"]
    op.conductor.begin(RunKind.BACKFILL, dry_run=True)
    error = op.json("throttle", "personnel", "--max-wcu", "5", exits=1)["error"]
    assert error["code"] == "not_found"


@pytest.mark.parametrize("rate", ["0", "-5", "fast", "1e99", "nan"])
def test_throttle_when_the_rate_is_none_expects_exit_2_and_nothing_changed(rate: str) -> None:
    op = dual()
    started = op.conductor.begin(RunKind.BACKFILL)
    assert op.type("throttle", "personnel", "--max-wcu", rate).exit_code == 2
    run = op.conductor.world.ledger.load(started.run_id)
    assert run is not None
    assert run.rate is None


def test_resume_when_nothing_rests_expects_exit_1() -> None:
    assert dual().json("resume", "personnel", exits=1)["error"]["code"] == "not_found"
