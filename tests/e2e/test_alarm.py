"""v2 breaks while all reads are on it: readers come home by themselves, and nobody goes on."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demo.outage import ENOUGH, Outage, break_v2
from local.toolkit import environment
from migrations.personnel.sample import generate
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

WATCH = "cutover-personnel-watch"


@pytest.fixture(scope="module")
def told(cloud: Cloud) -> str:
    """Return the queue of somebody who has subscribed to the notifications."""
    sqs, topic = cloud.client("sqs"), cloud.outputs["NotificationsTopicArn"]
    queue = str(sqs.create_queue(QueueName="somebody")["QueueUrl"])
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = found["Attributes"]["QueueArn"]
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue


@pytest.fixture(scope="module")
def reading(cloud: Cloud, told: str) -> Cloud:
    """Return the cloud with all reads on v2 and every alarm quiet."""
    cloud.put(cloud.v1, generate(31, 20))
    output = cloud.run("migrate", approve="auto", until="READ_N", ramp=[100])
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_N")
    eventually(lambda: state(cloud) != "ALARM")
    return cloud


@pytest.fixture(scope="module")
def outage(reading: Cloud) -> Outage:
    """Break v2 until readers are home, and read on for a while with v2 still broken."""
    ids = [path.partition("#")[2] for path in reading.items(reading.v1)]
    return break_v2(reading, [f"/employees/{each}" for each in ids])


def state(cloud: Cloud) -> str:
    """Return the state of the alarm that watches personnel."""
    found = cloud.client("cloudwatch").describe_alarms(
        AlarmNames=[WATCH], AlarmTypes=["CompositeAlarm"]
    )
    return str(found["CompositeAlarms"][0]["StateValue"])


def rollbacks(cloud: Cloud) -> list[dict[str, Any]]:
    """Return the executions of the rollback machine that an alarm started."""
    machine = cloud.outputs["RollbackStateMachineArn"]
    listed = cloud.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return [each for each in listed if each["name"].startswith("alarm-")]


def cutover(cloud: Cloud, *words: str) -> dict[str, Any]:
    """Type a command as an operator."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("cutover")), *words, "--json"],
        env={**os.environ, **environment(cloud.port)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_readers_when_v2_breaks_come_home_while_it_is_still_broken(
    reading: Cloud, outage: Outage
) -> None:
    assert 0 < outage.failed <= outage.reads
    assert 0 < outage.alarm < outage.move < outage.last
    assert len(outage.after) >= ENOUGH
    assert {each.status for each in outage.after} == {200}
    control = reading.control()
    assert (control["phase"], control["percent"]) == ("SHADOW_READ", 0)


def test_the_rollback_when_the_alarm_went_off_is_one_and_has_arrived(
    reading: Cloud, outage: Outage
) -> None:
    [started] = rollbacks(reading)
    output = reading.end(started["executionArn"]).output
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "SHADOW_READ")


def test_the_log_when_readers_came_home_says_that_it_was_the_alarm(
    reading: Cloud, outage: Outage
) -> None:
    entries = cutover(reading, "log", "personnel")["entries"]
    done = [(each["action"], each["detail"]) for each in entries if WATCH in each["actor"]]
    assert ("answer alarm", "a rollback to SHADOW_READ was started") in done
    hold = cutover(reading, "status", "personnel")["hold"]
    assert (hold["alarm"], hold["phase"], hold["answer"]) == (WATCH, "READ_N", "rollback")


def test_people_when_the_alarm_went_off_are_told_what_was_done(
    reading: Cloud, outage: Outage, told: str
) -> None:
    subjects: list[str] = []

    def heard() -> bool:
        answer = reading.client("sqs").receive_message(QueueUrl=told, MaxNumberOfMessages=10)
        subjects.extend(json.loads(each["Body"])["Subject"] for each in answer.get("Messages", []))
        wanted = "cutover personnel: ALARM in READ_N: a rollback to SHADOW_READ was started"
        return wanted in subjects

    eventually(heard)


def test_the_next_advance_when_nobody_has_looked_is_held_until_somebody_has(
    reading: Cloud, outage: Outage
) -> None:
    eventually(lambda: state(reading) != "ALARM")
    held = reading.run("migrate", approve="auto", until="READ_N", ramp=[100])
    assert (held["status"], held["phase"]) == ("HELD", "SHADOW_READ")
    told = cutover(reading, "approve", "personnel", "--alarm", "--reason", "v2 was broken by us")
    assert told["hold"] is None
    output = reading.run("migrate", approve="auto", until="READ_N", ramp=[100])
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_N")
