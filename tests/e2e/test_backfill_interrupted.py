"""Backfills whose workers are killed, that are stopped, or paused: nothing lost, nothing twice."""

import os
import signal
from typing import Any

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

COUNT = 120
RECORDS = generate(3, COUNT)
IMAGES = {str(item["PK"]): MIGRATION.up(item) for item in RECORDS}
WORKER = "cutover-personnel-backfill-segment"
SLOWLY = {"batch_size": 5, "total_segments": 4, "max_wcu": 120}
"""Pages of five and a rate at which workers spend their time between a page's write and its
checkpoint: there they are killed."""
OUTCOMES = ("written", "already_present", "skipped", "ambiguous", "failed", "excluded")


@pytest.fixture(scope="module")
def dual_writing(cloud: Cloud) -> Cloud:
    cloud.put(cloud.v1, RECORDS)
    output = cloud.run("migrate", approve="auto", until="DUAL_WRITE")
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "DUAL_WRITE")
    at_once = cloud.run("backfill")  # it waits until the move has settled
    assert (at_once["status"], at_once["written"]) == ("SUCCEEDED", len(RECORDS))
    return cloud


@pytest.fixture
def begun(dual_writing: Cloud) -> tuple[str, str]:
    """Begin a slow backfill of an empty v2; return its execution and run once it is mid-way."""
    dual_writing.empty(dual_writing.v2)
    known = {run["run_id"] for run in dual_writing.ledger("RUN") if run.get("kind")}
    execution = dual_writing.begin("backfill", **SLOWLY)
    eventually(lambda: len(dual_writing.items(dual_writing.v2)) > COUNT // 6)
    runs = dual_writing.ledger("RUN")
    (run_id,) = {run["run_id"] for run in runs if run.get("kind") == "backfill"} - known
    return execution, str(run_id)


def test_backfill_when_its_workers_are_killed_once_goes_on_by_itself(
    dual_writing: Cloud, begun: tuple[str, str]
) -> None:
    assert _kill_workers(dual_writing)
    ended = dual_writing.end(begun[0])
    assert ended.status == "SUCCEEDED", ended
    _assert_complete(dual_writing, ended.output, begun[1])


def test_backfill_when_its_workers_keep_dying_fails_and_is_resumed(
    dual_writing: Cloud, begun: tuple[str, str]
) -> None:
    def failed() -> bool:
        _kill_workers(dual_writing)
        return _status(dual_writing, begun[0]) != "RUNNING"

    eventually(failed)
    ended = dual_writing.end(begun[0])
    assert (ended.status, ended.error) == ("FAILED", "WorkerFailed")
    assert ended.cause["run_id"] == begun[1]
    assert "resume_run_id" in ended.cause["mend"]
    assert len(dual_writing.items(dual_writing.v2)) < COUNT
    _assert_complete(dual_writing, _resume(dual_writing, begun[1]), begun[1])


def test_backfill_when_its_execution_is_stopped_is_resumed(
    dual_writing: Cloud, begun: tuple[str, str]
) -> None:
    dual_writing.client("stepfunctions").stop_execution(executionArn=begun[0])
    assert dual_writing.end(begun[0]).status == "ABORTED"
    _assert_complete(dual_writing, _resume(dual_writing, begun[1]), begun[1])


def test_backfill_when_paused_holds_and_is_resumed(
    dual_writing: Cloud, begun: tuple[str, str]
) -> None:
    dual_writing.client("dynamodb").update_item(
        TableName=dual_writing.outputs["LedgerTableName"],
        Key={"PK": {"S": f"RUN#personnel#{begun[1]}"}, "SK": {"S": "RUN"}},
        UpdateExpression="SET pause = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )
    paused = dual_writing.end(begun[0]).output
    assert (paused["status"], paused["run_id"]) == ("HELD", begun[1])
    assert paused["scanned"] == sum(paused[name] for name in OUTCOMES) < COUNT
    assert len(dual_writing.items(dual_writing.v2)) < COUNT
    _assert_complete(dual_writing, _resume(dual_writing, begun[1]), begun[1])


def test_backfill_when_resumed_after_its_end_changes_nothing(dual_writing: Cloud) -> None:
    done = dual_writing.run("backfill")
    again = _resume(dual_writing, done["run_id"])
    assert again == done


def _resume(cloud: Cloud, run_id: str) -> dict[str, Any]:
    return cloud.run("backfill", resume_run_id=run_id)


def _kill_workers(cloud: Cloud) -> int:
    pids = cloud.workers(WORKER)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return len(pids)


def _status(cloud: Cloud, execution: str) -> str:
    found = cloud.client("stepfunctions").describe_execution(executionArn=execution)
    return str(found["status"])


def _assert_complete(cloud: Cloud, output: dict[str, Any], run_id: str) -> None:
    assert (output["status"], output["run_id"]) == ("SUCCEEDED", run_id)
    assert output["scanned"] == COUNT == sum(output[name] for name in OUTCOMES)
    assert output["written"] + output["already_present"] == COUNT
    assert cloud.items(cloud.v2) == IMAGES
