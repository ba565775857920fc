"""The workflow's handlers over a world in RAM: what each takes and gives."""

import json

import pytest

from functions.check_preflight import handler as check_preflight
from functions.finish_journey import handler as finish_journey
from functions.finish_run import handler as finish_run
from functions.plan_step import handler as plan_step
from functions.record_failure import handler as record_failure
from functions.start_journey import handler as start_journey
from functions.start_run import handler as start_run
from shared.model import errors
from shared.model.runs import RunStatus
from tests.unit.functions.invocation import Context

pytestmark = pytest.mark.usefixtures("deployed_world")


def call(module, **event):
    answer = module.handler(event, Context())
    return json.loads(json.dumps(answer))


def dry_run(**given):
    return {
        "kind": "backfill",
        "input": {"migration": "personnel", "dry_run": True, **given},
        "execution": "execution-1",
        "parent": None,
    }


def journey():
    return {"kind": "migrate", "input": {"migration": "personnel"}, "execution": "execution-1"}


def test_start_run_when_accepted_says_where_the_segments_are(deployed_world):
    started = call(start_run, **dry_run(total_segments=3))
    uri = "memory://{bucket}/{key}".format(**started["segments"])
    listed = deployed_world.archive.load(uri)
    assert started["kind"] == "dry_run"
    assert started["skip"] is False
    assert started["begin_at"].endswith("Z")
    assert {each["run_id"] for each in listed} == {started["run_id"]}
    assert all(set(each) == {"run_id", "name", "attempt"} for each in listed)


def test_start_run_when_the_input_is_no_object_is_invalid_input():
    with pytest.raises(errors.InvalidInput):
        start_run.handler({**dry_run(), "input": [1]}, Context())


def test_finish_run_when_segments_are_unfinished_fails_with_the_run(deployed_world):
    started = call(start_run, **dry_run(total_segments=2))
    with pytest.raises(errors.WorkerFailed) as failed:
        finish_run.handler({"run_id": started["run_id"]}, Context())
    assert json.loads(str(failed.value))["run_id"] == started["run_id"]


def test_start_journey_when_it_is_no_journey_is_refused():
    with pytest.raises(errors.InvalidInput):
        start_journey.handler({**journey(), "kind": "backfill"}, Context())


def test_plan_step_when_asked_always_has_every_field():
    run_id = call(start_journey, **journey())["run_id"]
    step = call(plan_step, run_id=run_id)
    assert set(step) == {
        *("step", "reason", "kind", "to", "percent", "gate", "until", "patience", "input"),
    }
    assert step["step"] == "CHECK"
    assert step["kind"] is None


def test_plan_step_when_a_job_comes_next_names_its_kind_and_input(deployed_world):
    run_id = call(start_journey, **journey())["run_id"]
    assert call(check_preflight, run_id=run_id) == {"ok": True}
    run = deployed_world.ledger.load(run_id)
    deployed_world.ledger.save(run.with_facts(backup={"items": 0}))
    step = call(plan_step, run_id=run_id)
    assert (step["step"], step["kind"]) == ("DRY_RUN", "dry_run")
    assert step["input"]["dry_run"] is True


def test_record_failure_when_both_ids_are_one_run_closes_it_once(deployed_world):
    started = call(start_run, **dry_run())
    run_id = started["run_id"]
    ended = call(record_failure, run_id=run_id, job_id=run_id, error="Boom", cause="it broke")
    assert ended["ended"] == "failed"
    assert ended["error"] == "WorkerFailed"
    assert json.loads(ended["cause"])["run_id"] == run_id
    assert deployed_world.ledger.load(run_id).status is RunStatus.FAILED


def test_record_failure_when_no_run_has_begun_still_words_the_cause():
    ended = call(
        record_failure,
        run_id=None,
        job_id=None,
        error="InvalidInput",
        cause='{"errorMessage": "x"}',
    )
    assert (ended["ended"], ended["error"]) == ("failed", "InvalidInput")
    assert json.loads(ended["cause"])["message"] == "x"


def test_finish_journey_when_nothing_is_left_gives_the_summary():
    run_id = call(start_journey, **journey())["run_id"]
    summary = call(finish_journey, run_id=run_id)
    assert summary["run_id"] == run_id
    assert summary["status"] == "SUCCEEDED"
