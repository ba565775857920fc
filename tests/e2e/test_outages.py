"""One part of the cloud fails at a time: what callers and operators see, and that it passes."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.model.item import Item, encode
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.faults import Faults, faulty
from tests.e2e.watching import FUNCTION, watch_streams

pytestmark = pytest.mark.e2e

COUNT = 40
RECORDS = generate(17, COUNT)
OUTCOMES = ("written", "already_present", "skipped", "ambiguous", "failed", "excluded")
PASSING = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
FINAL = ["ValidationError", "ItemCollectionSizeLimitExceeded"]
DROPPED = "no dead letter for"
"""What the local cloud says of a batch that not even its queue takes."""


@pytest.fixture(scope="module")
def proven(cloud: Cloud) -> Cloud:
    """Bring a small table to VALIDATE while S3 fails six times, which is once for good."""
    watch_streams(cloud)
    cloud.put(cloud.v1, RECORDS)
    with faulty(cloud, services=["s3"], refuse=1, times=6) as faults:
        output = cloud.run("migrate", approve="auto", until="VALIDATE")
        assert faults.happened() == {"refuse": 6}
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "VALIDATE")
    return cloud


@pytest.fixture
def path(proven: Cloud) -> Iterator[str]:
    """Make a record of the wrapper's, which the API serves at a path."""
    made = proven.call("POST", "/employees", proven.token(), {"full_name": "First"})
    assert (made.status, made.version) == (201, 1)
    yield f"/employees/{made.body['employee_id']}"
    proven.call("DELETE", f"/employees/{made.body['employee_id']}", proven.token())


def change(cloud: Cloud, path: str, name: str) -> Any:
    return cloud.call("PATCH", path, cloud.token(), {"full_name": name})


def both(cloud: Cloud, path: str) -> list[tuple[object, object]]:
    """Return name and version of a record in either table."""
    key = f"EMPLOYEE#{path.rpartition('/')[2]}"
    items = [cloud.items(table)[key] for table in (cloud.v1, cloud.v2)]
    return [(item["full_name"], item["_cutover_version"]) for item in items]


@pytest.mark.parametrize(
    "outage", [{"refuse": 1}, {"throttle": 1}, {"slow": 1, "slow_seconds": 1.5}], ids=str
)
def test_writers_when_the_control_table_fails_are_told_to_come_back_and_recover(
    proven: Cloud, path: str, outage: dict[str, float]
) -> None:
    with faulty(proven, tables=[proven.outputs["ControlTableName"]], **outage):
        refused = eventually(lambda: _unless_done(change(proven, path, "Second")))
        assert (refused.status, refused.body["code"]) == (503, "lease_lost")
        assert refused.retry_after >= 1
    before = proven.call("GET", path, proven.token()).version
    changed = change(proven, path, "Third")
    assert (changed.status, changed.version) == (200, before + 1)
    assert both(proven, path) == [("Third", before + 1)] * 2


def _unless_done(answer: Any) -> Any:
    """Return an answer that is none of success: a lease that still holds answers so."""
    return None if answer.status == 200 else answer


@pytest.mark.parametrize("reason", [*PASSING, "ConditionalCheckFailed"])
def test_a_write_when_its_transaction_is_cancelled_for_what_passes_is_done_once(
    proven: Cloud, path: str, reason: str
) -> None:
    with faulty(proven, tables=[proven.v1, proven.v2], cancel=1, reason=reason, times=2) as faults:
        changed = change(proven, path, "Second")
        assert faults.happened() == {"cancel": 2}
    assert (changed.status, changed.version) == (200, 2)
    assert both(proven, path) == [("Second", 2)] * 2


@pytest.mark.parametrize("reason", FINAL)
def test_a_write_when_its_transaction_can_never_be_done_fails_and_changes_nothing(
    proven: Cloud, path: str, reason: str
) -> None:
    with faulty(proven, tables=[proven.v1, proven.v2], cancel=1, reason=reason, times=1):
        failed = change(proven, path, "Second")
    assert (failed.status, failed.body["code"]) == (500, "internal")
    assert both(proven, path) == [("First", 1)] * 2
    assert change(proven, path, "Third").version == 2


def test_a_write_when_its_answer_is_lost_is_done_once(proven: Cloud, path: str) -> None:
    with faulty(proven, tables=[proven.v1, proven.v2], lose=1, times=3) as faults:
        changed = change(proven, path, "Second")
        assert faults.happened() == {"lose": 3}
    assert (changed.status, changed.version) == (200, 2)
    assert both(proven, path) == [("Second", 2)] * 2


def test_a_write_when_its_answer_is_later_than_its_time_says_so_and_stands(
    proven: Cloud, path: str
) -> None:
    assert change(proven, path, "Second").status == 200
    with faulty(proven, tables=[proven.v1, proven.v2], hang=1, times=3, slow_seconds=1.5):
        doubtful = change(proven, path, "Third")
    assert (doubtful.status, doubtful.retry_after) == (503, 1)
    names = both(proven, path)
    assert names in ([("Second", 2)] * 2, [("Third", 3)] * 2)
    assert change(proven, path, "Fourth").version == names[0][1] + 1


def test_a_backfill_when_its_checkpoints_are_lost_counts_every_record_once(proven: Cloud) -> None:
    proven.empty(proven.v2)
    execution = proven.begin("backfill", batch_size=2, total_segments=2, max_wcu=60)
    eventually(lambda: len(proven.items(proven.v2)) > COUNT // 8)
    with faulty(proven, tables=[proven.outputs["LedgerTableName"]], throttle=0.3, lose=0.3) as out:
        eventually(lambda: least(out) > 2 or status(proven, execution) != "RUNNING")
        assert least(out) > 0
    ended = proven.end(execution)
    output = ended.output
    if ended.status == "FAILED":
        assert ended.error == "WorkerFailed"
        output = proven.run("backfill", resume_run_id=ended.cause["run_id"])
    _assert_complete(proven, output)


def test_a_backfill_when_its_workers_answers_are_lost_counts_every_record_once(
    proven: Cloud,
) -> None:
    proven.empty(proven.v2)
    worker = "cutover-personnel-backfill-segment"
    with faulty(proven, functions=[worker], time_out=1, times=2) as faults:
        output = proven.run("backfill", total_segments=2)
        assert faults.happened() == {"time_out": 2}
    _assert_complete(proven, output)


def least(faults: Faults) -> int:
    """Return how often the rarer of the ledger's faults has happened."""
    happened = faults.happened()
    return min(happened.get(kind, 0) for kind in ("throttle", "lose"))


def status(cloud: Cloud, execution: str) -> str:
    found = cloud.client("stepfunctions").describe_execution(executionArn=execution)
    return str(found["status"])


def _assert_complete(cloud: Cloud, output: dict[str, Any]) -> None:
    stored = cloud.items(cloud.v1)
    assert (output["status"], output["scanned"]) == ("SUCCEEDED", len(stored))
    assert sum(output[name] for name in OUTCOMES) == len(stored)
    assert output["written"] + output["already_present"] == len(stored)
    assert cloud.items(cloud.v2) == {key: _image(item) for key, item in stored.items()}


def _image(item: Item) -> Item:
    stamps = MIGRATION.stamps
    return {**MIGRATION.up(stamps.strip(item)), **stamps.write_out(stamps.read(item))}


def test_a_rogue_write_when_neither_tripwire_nor_its_queue_can_be_reached_is_found_by_validation(
    proven: Cloud,
) -> None:
    certify(proven)
    control = proven.outputs["ControlTableName"]
    log = proven.places.logs / "server.log"
    before = log.read_text().count(DROPPED)
    place = {"PK": RECORDS[1]["PK"], "SK": "PROFILE"}
    tries(proven, 0)
    try:
        with faulty(proven, tables=[control], services=["sqs"], refuse=1):
            rename_past_the_wrapper(proven, place)
            eventually(lambda: log.read_text().count(DROPPED) > before)
    finally:
        tries(proven, 10)
    assert proven.control().get("certificate")  # nobody has seen it
    looked = proven.run("validate")
    assert looked["status"] == "HELD"
    findings = proven.document(looked["report"])["findings"]
    [found] = [each for each in findings if each["kind"] != "duplicate"]
    assert (found["key"], found["field"]) == (f"{place['PK']}|PROFILE", "full_name")
    assert not proven.control().get("certificate")


def tries(cloud: Cloud, retries: int) -> None:
    """Say how often the tripwire's batches are tried again."""
    client = cloud.client("lambda")
    for mapping in client.list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=mapping["UUID"], MaximumRetryAttempts=retries)


def certify(cloud: Cloud) -> None:
    """Have a clean pass grant a certificate, unless there is one."""

    def certificate() -> Any:
        return cloud.control().get("certificate")

    eventually(lambda: certificate() or (cloud.run("validate", repair=True) and certificate()))


def test_a_rogue_write_when_the_tripwire_times_out_and_is_called_twice_is_told_once(
    proven: Cloud,
) -> None:
    certify(proven)
    place = {"PK": RECORDS[2]["PK"], "SK": "PROFILE"}
    with faulty(proven, functions=[FUNCTION], twice=1, time_out=1, times=4) as faults:
        rename_past_the_wrapper(proven, place)
        eventually(lambda: faults.happened() == {"twice": 2, "time_out": 2})
    told = [each["action"] for each in eventually(lambda: about(proven, f"{place['PK']}|PROFILE"))]
    assert sorted(told) == ["report record", "void certificate"]
    assert not proven.control().get("certificate")
    output = proven.run("validate", repair=True)
    assert (output["status"], output["repaired"]) == ("SUCCEEDED", 1)
    assert len(about(proven, f"{place['PK']}|PROFILE")) == len(told)


def rename_past_the_wrapper(cloud: Cloud, place: Item) -> None:
    cloud.client("dynamodb").update_item(
        TableName=cloud.v2,
        Key=encode(place),
        UpdateExpression="SET full_name = :name",
        ExpressionAttributeValues={":name": {"S": "Mallory"}},
    )


def about(cloud: Cloud, key: str) -> list[dict[str, Any]]:
    """Return what the tripwire put on record about a key."""
    ours = [each for each in cloud.ledger("") if each.get("actor") == "tripwire"]
    return [each for each in ours if str(each.get("reason")).startswith(key)]


def test_a_journey_when_the_control_table_fails_now_and_then_arrives_with_every_record(
    proven: Cloud,
) -> None:
    wanted = {**dict.fromkeys(("throttle", "lose", "slow"), 0.1), "slow_seconds": 0.3}
    with faulty(proven, tables=[proven.outputs["ControlTableName"]], seed=5, **wanted) as faults:
        for until in ("SHADOW_READ", "READ_N"):
            output = proven.run("migrate", approve="auto", until=until, ramp=[50])
            assert (output["status"], output["phase"]) == ("SUCCEEDED", until)
        back = proven.run("rollback", to_phase="VALIDATE", reason="the test's turn")
        assert (back["status"], back["phase"]) == ("SUCCEEDED", "VALIDATE")
        happened = faults.happened()
    assert all(happened[kind] for kind in ("throttle", "lose", "slow")), happened
    audit = [each for each in proven.ledger("") if str(each.get("action")).startswith("move to")]
    epochs = [each["epoch"] for each in audit]
    assert len(set(epochs)) == len(epochs) > 0  # no move was made twice
    stored = proven.items(proven.v1)
    assert proven.items(proven.v2) == {key: _image(item) for key, item in stored.items()}


def test_the_tripwire_when_it_sees_writes_too_late_voids_the_certificate_once(
    proven: Cloud,
) -> None:
    certify(proven)
    old = {
        "eventSourceARN": f"arn:aws:dynamodb:us-east-1:123456789012:table/{proven.v1}/stream/x",
        "dynamodb": {
            "Keys": encode({"PK": RECORDS[0]["PK"], "SK": "PROFILE"}),
            "SequenceNumber": "1",
            "ApproximateCreationDateTime": time.time() - 3600,
        },
    }
    for _ in range(3):
        answer = proven.client("lambda").invoke(
            FunctionName=FUNCTION, Payload=json.dumps({"Records": [old]})
        )
        assert json.load(answer["Payload"]) == {"batchItemFailures": []}
    assert not proven.control().get("certificate")
    assert proven.run("validate")["status"] == "SUCCEEDED"
    assert not proven.control().get("certificate")  # while the streams lag
    told = [each for each in proven.ledger("") if "s late" in str(each.get("reason"))]
    assert [each["action"] for each in told] == ["void certificate"]
