"""v2 breaks while all reads are on it: readers come home by themselves, and nobody goes on."""

import json
from typing import Any

import pytest

from demo.outage import ENOUGH, Outage, break_v2
from migrations.personnel.sample import generate
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.terminal import Terminal, Typed

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
def shell(reading: Cloud) -> Terminal:
    """Return an operator's shell."""
    return Terminal(reading)


@pytest.fixture(scope="module")
def outage(reading: Cloud) -> Outage:
    """Break v2 until readers are home, and read on for a while with v2 still broken."""
    return break_v2(reading, paths(reading))


@pytest.fixture(scope="module")
def overtaken(reading: Cloud, shell: Terminal) -> Typed:
    """Ramp up by the command alone, break v2 while it is watched, and return what it said."""
    back = shell.json("rollback", "personnel", "--to", "SHADOW_READ", "--watch")
    assert (back["status"], back["phase"]) == ("SUCCEEDED", "SHADOW_READ")
    ramp = ("--ramp", "100", "--approve", "manual", "--until", "READ_V2", "--watch")
    watched = shell.begin("start", "personnel", *ramp)
    eventually(lambda: reading.ledger("WAITER#READ_N"))
    shell.json("approve", "personnel", "READ_N", "--reason", "shadow reads are equal")
    eventually(lambda: reading.ledger("WAITER#READ_V2"))
    eventually(lambda: state(reading) != "ALARM")
    broken = break_v2(reading, paths(reading))
    assert {each.status for each in broken.after} == {200}
    return watched.end()


def paths(cloud: Cloud) -> list[str]:
    """Return where the API shows each record."""
    ids = [path.partition("#")[2] for path in cloud.items(cloud.v1)]
    return [f"/employees/{each}" for each in ids]


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
    shell: Terminal, outage: Outage
) -> None:
    entries = shell.json("log", "personnel")["entries"]
    done = [(each["action"], each["detail"]) for each in entries if WATCH in each["actor"]]
    assert ("answer alarm", "a rollback to SHADOW_READ was started") in done
    hold = shell.json("status", "personnel")["hold"]
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
    reading: Cloud, shell: Terminal, outage: Outage
) -> None:
    eventually(lambda: state(reading) != "ALARM")
    held = reading.run("migrate", approve="auto", until="READ_N", ramp=[100])
    assert (held["status"], held["phase"]) == ("HELD", "SHADOW_READ")
    told = shell.json("approve", "personnel", "--alarm", "--reason", "v2 was broken by us")
    assert told["hold"] is None
    output = reading.run("migrate", approve="auto", until="READ_N", ramp=[100])
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_N")


def test_a_watched_ramp_when_v2_breaks_says_what_overtook_it_and_what_to_do(
    reading: Cloud, overtaken: Typed
) -> None:
    assert overtaken.code == 3
    said = " ".join(overtaken.out.split())
    assert f"which alarm {WATCH} asked for" in said
    assert "now in SHADOW_READ" in said
    assert "cutover approve personnel --alarm --reason" in said
    assert reading.phase() == "SHADOW_READ"


def test_a_start_when_typed_after_an_alarm_is_held_until_somebody_has_looked(
    reading: Cloud, shell: Terminal, overtaken: Typed
) -> None:
    eventually(lambda: state(reading) != "ALARM")
    again = ("start", "personnel", "--ramp", "100", "--approve", "auto", "--until", "READ_N")
    held = shell.json(*again, "--watch", exits=1)
    assert (held["status"], held["phase"]) == ("HELD", "SHADOW_READ")
    assert shell.type("approve", "personnel", "--alarm", "--reason", " ").code != 0
    shell.json("approve", "personnel", "--alarm", "--reason", "v2 was broken by us again")
    done = shell.json(*again, "--watch")
    assert (done["status"], done["phase"]) == ("SUCCEEDED", "READ_N")
