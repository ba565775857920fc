"""A replica that is broken, in either mode: what its writers notice, what is shown, how it heals.

What each write takes is measured and printed, and never asserted: it says something about the
machine. `pytest -s tests/e2e/test_availability_first.py` shows the figures.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.places import CHECKOUT
from local.toolkit import environment
from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.model.item import Item
from shared.settings import sync_queue
from tests.e2e.apart import deployed_apart
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.faults import faulty

pytestmark = pytest.mark.e2e

RECORDS = generate(41, 12)
PATHS = [f"/employees/{str(item['PK']).partition('#')[2]}" for item in RECORDS]
BROKEN = {
    "throttles": {"throttle": 1},
    "does not answer": {"slow": 1, "slow_seconds": 2.0},
}
STAMPS = MIGRATION.stamps
ROUNDS = 3
GIVEN_UP = f"{sync_queue('personnel')}-failed"
ALARM = "cutover-personnel-dead-letters-sync"
RECEIPTS = 2


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Deploy the mode, and let v2 follow v1's writes."""
    folder = tmp_path_factory.mktemp("following")
    with deployed_apart(folder, "availability_first") as cloud:
        cloud.put(cloud.v1, RECORDS)
        moved(cloud, "DUAL_AF")
        write_all(cloud)  # the first ones pay for the start
        yield cloud


def moved(cloud: Cloud, until: str) -> dict[str, Any]:
    """Migrate until a phase, where v2 has at once all that v1 has."""
    output = cloud.run("migrate", approve="auto", until=until, ramp=[100])
    assert (output["status"], output["phase"]) == ("SUCCEEDED", until)
    return output


def write_all(cloud: Cloud) -> list[tuple[int, float]]:
    """Update every record, and return the status and the milliseconds of each."""
    token, answers = cloud.token(), []
    for path in PATHS:
        began = time.monotonic()
        answer = cloud.call("PATCH", path, token, {"full_name": f"At {began}"})
        answers.append((answer.status, (time.monotonic() - began) * 1000))
    return answers


def measured(cloud: Cloud, what: str, rounds: int = ROUNDS) -> list[int]:
    """Update every record a few times; print how long it took, and return the statuses."""
    answers = [each for _ in range(rounds) for each in write_all(cloud)]
    times = sorted(took for _, took in answers)
    failed = sum(status != 200 for status, _ in answers)
    p95 = statistics.quantiles(times, n=20)[-1]
    say(
        f"{what}: {len(times)} writes, {failed} failed, p50 {statistics.median(times):.0f} ms,"
        f" p95 {p95:.0f} ms, slowest {times[-1]:.0f} ms"
    )
    return [status for status, _ in answers]


def say(line: str) -> None:
    """Print a figure, for people."""
    sys.stdout.write(f"\n{line}")


def differing(cloud: Cloud) -> set[str]:
    """Return the keys of records that are not the same in both tables."""
    sources, targets = cloud.items(cloud.v1), cloud.items(cloud.v2)
    return {
        key
        for key in sources | targets
        if key not in sources or key not in targets or not alike(sources[key], targets[key])
    }


def alike(source: Item, target: Item) -> bool:
    """Tell whether v2's record is what v1's becomes, in the same version."""
    made = MIGRATION.up(STAMPS.strip(source))
    return made == STAMPS.strip(target) and source.get(STAMPS.version) == target[STAMPS.version]


def waiting(cloud: Cloud, queue: str = sync_queue("personnel")) -> int:
    """Return how many messages are in a queue, received or not; of the syncs unless named."""
    client = cloud.client("sqs")
    url = client.get_queue_url(QueueName=queue)["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def told(cloud: Cloud, metric: str) -> float:
    """Return the sum of a metric, as CloudWatch has it."""
    now = datetime.now(UTC)
    dimensions = {"service": "cutover-personnel", "migration": "personnel"}
    answer = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="Cutover",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=86400,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


@contextmanager
def giving_up_soon(cloud: Cloud) -> Iterator[str]:
    """Have syncs given up after a few tries and not after an hour; yields their ARN from then."""
    client = cloud.client("sqs")
    url = client.get_queue_url(QueueName=sync_queue("personnel"))["QueueUrl"]
    names = ["VisibilityTimeout", "RedrivePolicy"]
    before = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    policy = {**json.loads(before["RedrivePolicy"]), "maxReceiveCount": RECEIPTS}
    soon = {"VisibilityTimeout": "4", "RedrivePolicy": json.dumps(policy)}
    client.set_queue_attributes(QueueUrl=url, Attributes=soon)
    try:
        yield str(policy["deadLetterTargetArn"])
    finally:
        client.set_queue_attributes(QueueUrl=url, Attributes=before)


def alarm(cloud: Cloud) -> str:
    """Return the state of the alarm of syncs that were given up."""
    [found] = cloud.client("cloudwatch").describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]
    return str(found["StateValue"])


def status(cloud: Cloud, *options: str) -> str:
    """Return what `cutover status` prints."""
    return printed(cloud, "status", *options)


def printed(cloud: Cloud, verb: str, *options: str) -> str:
    """Return what a command about the migration prints."""
    command = [sys.executable, "-c", "from cli.main import main; main()", verb, "personnel"]
    done = subprocess.run(
        [*command, *options],
        env=os.environ | environment(cloud.port),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def drained(cloud: Cloud) -> bool:
    return waiting(cloud) == 0 and not differing(cloud)


def test_writers_of_v1_when_v2_is_broken_notice_nothing_and_v2_follows_once_it_is_well(
    following: Cloud,
) -> None:
    assert set(measured(following, "availability first, v2 is well")) == {200}
    for what, fault in BROKEN.items():
        before = told(following, "SyncsQueued")
        with faulty(following, tables=[following.v2], **fault):
            assert set(measured(following, f"availability first, v2 {what}")) == {200}
            assert waiting(following) > 0
            shown = status(following)
        assert "lag" in shown
        assert "0 records lag" not in shown
        eventually(lambda queued=before: told(following, "SyncsQueued") > queued)
    eventually(lambda: drained(following))
    assert told(following, "ReplicasSynced") > 0
    assert told(following, "SyncsLost") == 0
    assert json.loads(status(following, "--json"))["lagging"] == 0


def test_records_when_made_and_removed_while_v2_is_broken_follow_as_well(following: Cloud) -> None:
    token = following.token()
    with faulty(following, tables=[following.v2], throttle=1):
        for name in ("LASTS", "GOES"):
            body = {"employee_id": name, "full_name": name}
            assert following.call("POST", "/employees", token, body).status == 201
        assert following.call("DELETE", "/employees/GOES", token).status == 204
    eventually(lambda: drained(following))
    assert "EMPLOYEE#LASTS" in following.items(following.v2)
    assert "EMPLOYEE#GOES" not in following.items(following.v2)


def test_a_write_when_neither_v2_nor_the_queue_can_be_reached_stands_and_is_counted_as_lost(
    following: Cloud,
) -> None:
    lost = told(following, "SyncsLost")
    with faulty(following, tables=[following.v2], services=["sqs"], refuse=1):
        answer = following.call("PATCH", PATHS[1], following.token(), {"full_name": "Alone"})
    assert answer.status == 200
    assert waiting(following) == 0
    assert differing(following) == {str(RECORDS[1]["PK"])}  # which nobody will ever sync
    eventually(lambda: told(following, "SyncsLost") == lost + 1)
    answer = following.call("PATCH", PATHS[1], following.token(), {"full_name": "Followed"})
    assert answer.status == 200
    eventually(lambda: drained(following))  # the next write of the record brings all of it


def test_the_alarm_of_syncs_that_were_given_up_goes_off_and_ends_with_their_queue(
    following: Cloud,
) -> None:
    failed = told(following, "ReplicasNotSynced")
    with giving_up_soon(following) as letters:
        eventually(lambda: alarm(following) == "OK")
        with faulty(following, tables=[following.v2], throttle=1):
            answer = following.call("PATCH", PATHS[0], following.token(), {"full_name": "Late"})
            assert answer.status == 200
            eventually(lambda: waiting(following, GIVEN_UP) == 1)
        assert waiting(following) == 0  # so the empty queue tells nothing about the replica
        assert differing(following) == {str(RECORDS[0]["PK"])}
        eventually(lambda: told(following, "ReplicasNotSynced") - failed == RECEIPTS)
        eventually(lambda: alarm(following) == "ALARM")
        shown = json.loads(printed(following, "doctor", "--json"))["diagnoses"]
        assert [each["disease"] for each in shown if GIVEN_UP in str(each)] == ["dead_letters"]
        following.client("sqs").start_message_move_task(SourceArn=letters)
        eventually(lambda: drained(following))
    eventually(lambda: alarm(following) == "OK")
    assert waiting(following, GIVEN_UP) == 0


def test_both_tables_when_kept_in_lock_step_agree_and_there_a_broken_v2_fails_writes(
    following: Cloud,
) -> None:
    output = moved(following, "VALIDATE")
    assert (output["mismatched"], output["repaired"]) == (0, 0)
    assert set(measured(following, "transactional, v2 is well")) == {200}
    with faulty(following, tables=[following.v2], throttle=1):
        token = following.token()
        refused = following.call("PATCH", PATHS[0], token, {"full_name": "Nobody"})
    say(f"transactional, v2 throttles: a write answers {refused.status}")
    assert refused.status == 503
    assert differing(following) == set()


def test_writers_of_v2_when_v1_is_broken_after_the_switch_notice_nothing(
    following: Cloud,
) -> None:
    moved(following, "V2_AF")
    with faulty(following, tables=[following.v1], throttle=1):
        assert set(measured(following, "availability first, v1 throttles", rounds=1)) == {200}
        assert waiting(following) > 0
    eventually(lambda: waiting(following) == 0)
    names = [
        {key: item["full_name"] for key, item in following.items(table).items()}
        for table in (following.v1, following.v2)
    ]
    assert names[0] == names[1]
    moved(following, "WRITE_V2_ONLY")
