"""How a workflow ends that met an error: its runs closed, its cause in the outside form."""

import json
from typing import Any

import pytest

from shared.engine.failures import record_failure
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, stage

FIELDS = {"message", "field", "run_id", "mend", "report"}


def dual() -> Conductor:
    conductor = stage(phase=Phase.DUAL_WRITE)
    conductor.load(Side.SOURCE, *[legacy(f"E{at}") for at in range(5)])
    return conductor


def lambda_cause(**told: Any) -> str:
    """Return a cause as Step Functions hands over what a function raised."""
    return json.dumps({"errorMessage": json.dumps(told), "errorType": "X", "stackTrace": []})


@pytest.mark.parametrize(
    ("error", "outside"),
    [
        ("InvalidInput", "InvalidInput"),
        ("AlreadyRunning", "AlreadyRunning"),
        ("GuardRefused", "GuardRefused"),
        ("WorkerFailed", "WorkerFailed"),
        ("TableGone", "WorkerFailed"),
        ("Refused", "WorkerFailed"),
        ("States.Timeout", "WorkerFailed"),
        ("Lambda.Unknown", "WorkerFailed"),
        ("KeyError", "WorkerFailed"),
    ],
)
def test_an_error_when_the_run_is_unknown_expects_its_outside_name_and_a_full_cause(
    error: str, outside: str
) -> None:
    ended = record_failure(dual().world, [], error, lambda_cause(message="m", field="f", mend="x"))
    assert (ended.ended, ended.error, ended.summary) == ("failed", outside, None)
    assert json.loads(ended.cause) == {
        "message": "m",
        "field": "f",
        "run_id": None,
        "mend": "x",
        "report": None,
    }


@pytest.mark.parametrize(
    "cause",
    ["", "plain text", "[1, 2]", "7", '{"errorMessage": "text"}', '{"errorMessage": "{broken"}',
     '{"errorMessage": 7}', '{"errorMessage": null}', '{"errorMessage": "[1]"}', "null"],
)  # fmt: skip
def test_a_cause_when_not_of_ours_expects_the_outside_form_all_the_same(cause: str) -> None:
    conductor = dual()
    started = conductor.begin(RunKind.BACKFILL)
    ended = record_failure(conductor.world, [started.run_id], "States.TaskFailed", cause)
    told = json.loads(ended.cause)
    assert set(told) == FIELDS
    assert told["run_id"] == started.run_id
    assert started.run_id in told["mend"]
    assert told["report"]


def test_a_job_when_failed_expects_counts_report_and_lock_given_back() -> None:
    conductor = dual()
    started = conductor.begin(RunKind.BACKFILL, total_segments=1, batch_size=2)
    run = conductor.world.ledger.load(started.run_id)
    assert run is not None
    conductor.work(started)
    ended = conductor.fail(run, "WorkerFailed", lambda_cause(message="lost"))
    assert ended.error == "WorkerFailed"
    stored = conductor.world.ledger.load(started.run_id)
    assert stored is not None
    assert (stored.status, stored.counts.written) == (RunStatus.FAILED, 5)
    assert conductor.world.ledger.holder("personnel", "work") is None
    assert conductor.state.working is None
    assert conductor.state.work_stop.seen == conductor.parts.clock.wall()
    report = conductor.world.archive.load(stored.report or "")
    assert report["status"] == "FAILED"
    assert "lost" in report["facts"]["cause"]


def test_a_failed_run_when_resumed_expects_it_to_be_concluded() -> None:
    conductor = dual()
    started = conductor.begin(RunKind.BACKFILL)
    conductor.work(started)
    run = conductor.world.ledger.load(started.run_id)
    assert run is not None
    conductor.fail(run, "WorkerFailed", "the report could not be stored")
    again = conductor.backfill(resume_run_id=started.run_id)
    assert (again.status, again.counts.scanned) == (RunStatus.SUCCEEDED, 5)
    assert conductor.state.backfilled == started.run_id


def test_a_journey_when_its_job_fails_expects_both_closed_and_the_journeys_cause() -> None:
    conductor = dual()
    journey = conductor.begin_journey(RunKind.MIGRATE)
    job = conductor.begin(RunKind.BACKFILL, journey.run_id)
    ended = record_failure(
        conductor.world, [journey.run_id, job.run_id], "WorkerFailed", lambda_cause(message="m")
    )
    assert json.loads(ended.cause)["run_id"] == journey.run_id
    for run_id in (journey.run_id, job.run_id):
        run = conductor.world.ledger.load(run_id)
        assert run is not None
        assert run.status is RunStatus.FAILED
    for lock in ("journey", "work"):
        assert conductor.world.ledger.holder("personnel", lock) is None
    conductor.parts.executions.under_way.clear()
    assert conductor.migrate(approve="auto").status is RunStatus.SUCCEEDED


def test_a_superseded_workflow_when_closed_expects_its_summary_and_no_error() -> None:
    conductor = dual()
    journey = conductor.begin_journey(RunKind.MIGRATE)
    ended = record_failure(conductor.world, [journey.run_id], "Superseded", lambda_cause())
    assert (ended.ended, ended.error, ended.cause) == ("superseded", "", "")
    assert ended.summary is not None
    assert (ended.summary["run_id"], ended.summary["status"]) == (journey.run_id, "SUPERSEDED")


def test_a_start_when_superseded_before_it_had_a_run_expects_a_refused_guard() -> None:
    ended = record_failure(dual().world, [], "Superseded", lambda_cause(message="too slow"))
    assert (ended.ended, ended.error) == ("failed", "GuardRefused")


def test_an_ended_run_when_its_workflow_fails_later_expects_it_left_as_it_ended() -> None:
    conductor = dual()
    run = conductor.backfill()
    conductor.fail(run, "WorkerFailed", lambda_cause(message="late"))
    assert conductor.world.ledger.load(run.run_id) == run
    assert conductor.stored(Side.TARGET, key("E1")) is not None
