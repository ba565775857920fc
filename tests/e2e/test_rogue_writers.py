"""Writes that go around the wrapper: found by the streams, named, and mended by a pass."""

import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.model.environment import LOCAL
from shared.model.item import Item, encode
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.watching import watch_streams

pytestmark = pytest.mark.e2e

RECORDS = generate(11, 20)
ANSWER = "cutover-personnel-answer-alarm"


@pytest.fixture(scope="module")
def unanswered(cloud: Cloud) -> Iterator[None]:
    """Let no alarm be answered: each write past the wrapper would take readers home."""
    events = cloud.client("events")
    events.disable_rule(Name=ANSWER)
    yield
    events.enable_rule(Name=ANSWER)


@pytest.fixture(scope="module")
def proven(cloud: Cloud, unanswered: None) -> Cloud:
    """Bring a small table to VALIDATE, with a certificate."""
    watch_streams(cloud)
    cloud.put(cloud.v1, RECORDS)
    output = cloud.run("migrate", approve="auto", until="VALIDATE")
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "VALIDATE")
    return cloud


def place(number: int) -> Item:
    return {"PK": RECORDS[number]["PK"], "SK": "PROFILE"}


def name(number: int) -> str:
    """Return a record's key as reports write it."""
    return f"{RECORDS[number]['PK']}|PROFILE"


def rogue_update(cloud: Cloud, table: str, number: int, field: str, value: Any) -> None:
    """Change one attribute past the wrapper."""
    cloud.client("dynamodb").update_item(
        TableName=table,
        Key=encode(place(number)),
        UpdateExpression="SET #field = :value",
        ExpressionAttributeNames={"#field": field},
        ExpressionAttributeValues={":value": value},
    )


def certify(cloud: Cloud) -> None:
    """Have a clean pass grant a certificate, whatever happened before."""
    eventually(lambda: cloud.run("validate", repair=True) and cloud.control().get("certificate"))


def told(cloud: Cloud, key: str, actor: str = "tripwire") -> dict[str, dict[str, Any]]:
    """Return what the tripwire, or another actor, put on record about a key, by action."""
    entries = [each for each in cloud.ledger("") if each["PK"] == f"AUDIT#{cloud.migration}"]
    ours = [each for each in entries if each["actor"] == actor]
    return {str(each["action"]): each for each in ours if str(each["reason"]).startswith(key)}


def await_told(cloud: Cloud, number: int, action: str) -> dict[str, Any]:
    return dict(eventually(lambda: told(cloud, name(number)).get(action)))


def read(cloud: Cloud, number: int) -> bool:
    """Read a record as a caller of the API does."""
    path = f"/employees/{str(RECORDS[number]['PK']).removeprefix('EMPLOYEE#')}"
    return cloud.call("GET", path, cloud.token()).status == 200


def compared(cloud: Cloud) -> Item:
    """Return what shadow reads came to in the newest step that has any."""
    return max(cloud.ledger("SHADOW#"), key=lambda each: str(each["SK"]), default={})


def mend(cloud: Cloud, key: str) -> None:
    """Run the validation that names the record and makes the replica what the primary says."""
    output = cloud.run("validate", repair=True)
    assert (output["mismatched"], output["repaired"]) == (1, 1)
    [found] = cloud.document(output["report"])["findings"]
    assert (found["key"], found["repaired"]) == (key, True)


def test_v2_when_updated_past_the_wrapper_is_reported_and_mended_by_validation(
    proven: Cloud,
) -> None:
    certify(proven)
    before = proven.items(proven.v2)
    rogue_update(proven, proven.v2, 1, "hourly_rate", {"N": "9999.99"})
    entry = await_told(proven, 1, "report record")
    await_told(proven, 1, "void certificate")
    document = proven.document(str(entry["detail"]))
    assert (document["kind"], document["field"], document["repaired"]) == (
        "different",
        "hourly_rate",
        False,
    )
    assert proven.items(proven.v2) != before
    mend(proven, name(1))
    assert proven.items(proven.v2) == before


def test_v1_when_updated_past_the_wrapper_is_followed_by_v2(proven: Cloud) -> None:
    certify(proven)
    rogue_update(proven, proven.v1, 2, "full_name", {"S": "Written By Hand"})
    await_told(proven, 2, "void certificate")
    mend(proven, name(2))
    assert proven.items(proven.v2)[str(place(2)["PK"])]["full_name"] == "Written By Hand"


def test_v1_when_a_record_is_put_past_the_wrapper_has_it_in_v2(proven: Cloud) -> None:
    certify(proven)
    extra = {**generate(12, 1)[0], "PK": "EMPLOYEE#outsider"}
    proven.put(proven.v1, [extra])
    eventually(lambda: told(proven, "EMPLOYEE#outsider|PROFILE").get("report record"))
    mend(proven, "EMPLOYEE#outsider|PROFILE")
    assert proven.items(proven.v2)["EMPLOYEE#outsider"] == MIGRATION.up(extra)


def test_v1_when_a_record_is_deleted_past_the_wrapper_is_followed_by_v2(proven: Cloud) -> None:
    certify(proven)
    proven.client("dynamodb").delete_item(TableName=proven.v1, Key=encode(place(7)))
    entry = await_told(proven, 7, "report record")
    assert proven.document(str(entry["detail"]))["kind"] == "orphan"
    mend(proven, name(7))
    assert str(place(7)["PK"]) not in proven.items(proven.v2)


def test_v2_when_a_record_is_deleted_past_the_wrapper_gets_it_back(proven: Cloud) -> None:
    certify(proven)
    before = proven.items(proven.v2)
    proven.client("dynamodb").delete_item(TableName=proven.v2, Key=encode(place(3)))
    await_told(proven, 3, "report record")
    mend(proven, name(3))
    assert proven.items(proven.v2) == before


def test_a_record_that_cannot_move_is_left_for_a_person(proven: Cloud) -> None:
    certify(proven)
    before = proven.items(proven.v2)
    active = proven.items(proven.v1)[str(place(4)["PK"])].get("active", True)
    rogue_update(proven, proven.v1, 4, "active", {"S": "perhaps"})
    entry = await_told(proven, 4, "report record")
    document = proven.document(str(entry["detail"]))
    assert (document["kind"], document["repaired"]) == ("ambiguous", False)
    assert proven.run("validate", repair=True)["status"] == "HELD"
    assert proven.items(proven.v2) == before
    rogue_update(proven, proven.v1, 4, "active", {"BOOL": active})


def test_the_wrappers_writes_raise_no_alarm(proven: Cloud) -> None:
    certify(proven)
    token = proven.token()
    created = proven.call("POST", "/employees", token, {"full_name": "Legitimate Writer"})
    assert created.status == 201
    path = f"/employees/{created.body['employee_id']}"
    for number in range(20):
        changed = proven.call("PATCH", path, token, {"full_name": f"Writer {number}"})
        assert changed.status == 200
    key = f"EMPLOYEE#{created.body['employee_id']}|PROFILE"
    rogue_update(proven, proven.v2, 5, "hourly_rate", {"N": "1"})
    await_told(proven, 5, "report record")  # what was written before it has been seen by then
    assert told(proven, key) == {}


def test_reads_when_compared_in_shadow_read_are_equal_and_find_what_was_written_past_the_wrapper(
    proven: Cloud,
) -> None:
    output = proven.run("migrate", approve="auto", until="SHADOW_READ")
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "SHADOW_READ")
    numbers = cycle(range(8, 12))
    eventually(lambda: read(proven, next(numbers)) and compared(proven).get("equal", 0) >= 4)
    assert (compared(proven)["phase"], compared(proven)["real"]) == ("SHADOW_READ", 0)
    assert proven.control().get("certificate")
    rogue_update(proven, proven.v2, 8, "hourly_rate", {"N": "9999.99"})
    entry = eventually(
        lambda: read(proven, 8) and told(proven, name(8), "shadow read").get("report record")
    )
    assert not proven.control().get("certificate")
    document = proven.document(str(entry["detail"]))
    assert (document["key"], document["field"]) == (name(8), "hourly_rate")
    eventually(lambda: compared(proven)["real"] >= 1)
    assert compared(proven)["differing"] == {name(8)}
    mend(proven, name(8))


def test_v1_when_written_past_the_wrapper_in_read_v2_is_made_as_v2_says(proven: Cloud) -> None:
    output = proven.run("migrate", approve="auto", until="READ_V2", ramp=[100])
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_V2")
    before = proven.items(proven.v1)
    time.sleep(LOCAL.timing.settle)  # before that an alarm takes the move to READ_V2 back at once
    where = str(place(6)["PK"])
    rogue_update(proven, proven.v1, 6, "full_name", {"S": "Too Late"})
    await_told(proven, 6, "report record")

    def mended() -> bool:
        if proven.items(proven.v1)[where]["full_name"] == before[where]["full_name"]:
            return True
        # refused while the pass is under way that an alarm over records that differ starts itself
        proven.end(proven.begin("validate", repair=True))
        return False

    eventually(mended)
    assert proven.phase() == "READ_V2"
