"""Records that cannot move: the dry run holds on them, a person excludes them, and it goes on."""

import json
from typing import Any

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from tests.e2e.cloud import Cloud

pytestmark = pytest.mark.e2e

COUNT = 40
UNMOVABLE = 4
RECORDS = generate(6, COUNT, UNMOVABLE)
KEYS = MIGRATION.source.keys
HARD = [KEYS.text(KEYS.key_of(item)) for item in RECORDS[-UNMOVABLE:]]
IDS = [str(item["PK"]).removeprefix("EMPLOYEE#") for item in RECORDS[-UNMOVABLE:]]
LISTED = HARD[:2]


@pytest.fixture(scope="module")
def filled(cloud: Cloud) -> Cloud:
    cloud.put(cloud.v1, RECORDS)
    return cloud


@pytest.fixture(scope="module")
def rehearsed(filled: Cloud) -> dict[str, Any]:
    output = filled.run("backfill", dry_run=True)
    assert not filled.items(filled.v2)
    assert filled.items(filled.v1) == {str(item["PK"]): item for item in RECORDS}
    assert not filled.control()
    return output


@pytest.fixture(scope="module")
def half_decided(filled: Cloud, rehearsed: dict[str, Any]) -> dict[str, Any]:
    output = filled.run("migrate", approve="auto", until="VALIDATE", exclude=LISTED)
    assert not filled.items(filled.v2)
    return output


@pytest.fixture(scope="module")
def decided(filled: Cloud, half_decided: dict[str, Any]) -> dict[str, Any]:
    bucket = filled.outputs["ArchiveBucketName"]
    name = "inputs/personnel/exclude.json"
    filled.client("s3").put_object(Bucket=bucket, Key=name, Body=json.dumps(HARD).encode())
    uri = f"s3://{bucket}/{name}"
    return filled.run("migrate", approve="auto", until="VALIDATE", exclude=uri)


def test_dry_run_when_records_cannot_move_holds_and_writes_nothing(
    filled: Cloud, rehearsed: dict[str, Any]
) -> None:
    assert (rehearsed["status"], rehearsed["phase"]) == ("HELD", "OFF")
    assert (rehearsed["scanned"], rehearsed["written"]) == (COUNT, COUNT - UNMOVABLE)
    assert rehearsed["ambiguous"] + rehearsed["failed"] == UNMOVABLE
    findings = filled.document(rehearsed["report"])["findings"]
    assert {found["key"] for found in findings} == set(HARD)
    assert all(found["reason"] and found["record"] for found in findings)


def test_migrate_when_some_are_undecided_holds_in_off_with_nothing_moved(
    filled: Cloud, half_decided: dict[str, Any]
) -> None:
    assert (half_decided["status"], half_decided["phase"]) == ("HELD", "OFF")
    assert half_decided["excluded"] == len(LISTED)
    assert half_decided["ambiguous"] + half_decided["failed"] == UNMOVABLE - len(LISTED)


def test_migrate_when_all_are_excluded_goes_on_without_them(
    filled: Cloud, decided: dict[str, Any]
) -> None:
    assert (decided["status"], decided["phase"]) == ("SUCCEEDED", "VALIDATE")
    assert (decided["scanned"], decided["excluded"]) == (COUNT, UNMOVABLE)
    moved = {str(item["PK"]): MIGRATION.up(item) for item in RECORDS[:-UNMOVABLE]}
    assert filled.items(filled.v2) == moved
    assert filled.control()["certificate"]["excluded"] == len(HARD)


@pytest.mark.parametrize("employee_id", IDS)
def test_api_when_a_record_is_excluded_refuses_writes_and_shows_it(
    filled: Cloud, decided: dict[str, Any], employee_id: str
) -> None:
    token = filled.token()
    path = f"/employees/{employee_id}"
    body = {"employee_id": employee_id, "full_name": "Another"}
    answers = [
        filled.call("PATCH", path, token, {"phone": "1"}),
        filled.call("DELETE", path, token),
        filled.call("POST", "/employees", token, body),
    ]
    assert [each.status for each in answers] == [423, 423, 423]
    assert {str(each.body["code"]) for each in answers} == {"record_held"}
    assert filled.call("GET", path, token).status == 200


def test_excluded_records_when_all_is_done_are_in_v1_as_they_were(
    filled: Cloud, decided: dict[str, Any]
) -> None:
    assert filled.items(filled.v1) == {str(item["PK"]): item for item in RECORDS}


def test_archive_when_records_are_excluded_is_held(filled: Cloud, decided: dict[str, Any]) -> None:
    held = filled.run("migrate", approve="auto", until="ARCHIVED", ramp=[100])
    assert (held["status"], held["phase"]) == ("HELD", "WRITE_V2_ONLY")
    assert "excluded" in filled.document(held["report"])["facts"]["held"]
