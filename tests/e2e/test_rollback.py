"""Rollback from every phase before DECOMMISSIONED under traffic, and the end of v1 after it."""

import json
import sys
from pathlib import Path

import pytest

from local import lifecycle, toolkit
from local.places import CHECKOUT
from shared.model.phases import Phase
from tests.e2e.apart import stacks_alone
from tests.e2e.cloud import Cloud
from tests.e2e.tour import COUNT, LEGS, Tour

pytestmark = pytest.mark.e2e

DROPPED = f"""
import sys
sys.path.insert(0, {str(CHECKOUT)!r})
from dataclasses import replace
from migrations.personnel import migration
from shared.model.environment import LOCAL

dropped = (replace(LOCAL, source="deleted"),)
migration.MIGRATION = replace(migration.MIGRATION, environments=dropped)
import app
app.main()
"""
"""The app with the edit that `cutover plan` prints once v1 is deleted."""


@pytest.fixture(scope="module")
def tour(cloud: Cloud) -> Tour:
    tour = Tour(cloud)
    tour.perform()
    return tour


@pytest.mark.parametrize(("start", "end"), LEGS)
def test_rollback_when_everybody_writes_arrives_and_loses_nothing(
    tour: Tour, start: Phase, end: Phase
) -> None:
    turn = tour.turns[start]
    assert (turn.there["status"], turn.there["phase"]) == ("SUCCEEDED", start)
    assert (turn.back["status"], turn.back["phase"]) == ("SUCCEEDED", end)
    assert turn.writes_during > 0
    assert turn.read_back > COUNT
    assert turn.faults == (0, 0, 0)


def test_v1_when_archived_is_closed_for_code_outside_the_wrapper(tour: Tour) -> None:
    assert tour.refusal == "AccessDeniedException"


def test_migrate_when_at_its_end_has_verified_the_archive_and_deleted_v1(
    cloud: Cloud, tour: Tour
) -> None:
    assert (tour.end["status"], tour.end["phase"]) == ("SUCCEEDED", "DECOMMISSIONED")
    proof = cloud.document(tour.end["report"])["facts"]["archive"]
    assert proof["items"] > 0
    assert proof["files"] > 0
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    assert cloud.v1 not in tables
    assert cloud.v2 in tables


def test_api_when_v1_is_deleted_serves_on_and_has_lost_nothing(cloud: Cloud, tour: Tour) -> None:
    assert tour.faults == (0, 0, 0)
    token = cloud.token()
    made = cloud.call("POST", "/employees", token, {"full_name": "After All", "hours_week": 40})
    assert made.status == 201
    path = f"/employees/{made.body['employee_id']}"
    assert cloud.call("GET", path, token).body == made.body
    assert cloud.call("PATCH", path, token, {"status": "inactive"}).status == 200
    assert cloud.call("DELETE", path, token).status == 204
    assert cloud.call("GET", path, token).status == 404


def test_rollback_when_v1_is_deleted_is_refused(cloud: Cloud, tour: Tour) -> None:
    ended = cloud.end(cloud.begin("rollback"))
    assert (ended.status, ended.error) == ("FAILED", "GuardRefused")
    assert "restore v1 from its archive" in ended.cause["mend"]


def test_deploy_when_v1_is_deleted_and_dropped_from_the_declaration_leaves_v2_serving(
    cloud: Cloud, tour: Tour, tmp_path: Path
) -> None:
    assert tour.end["phase"] == "DECOMMISSIONED"
    before = sorted(map(str, cloud.stored(cloud.v2)))
    settings = json.loads((CHECKOUT / "cdk.json").read_text())
    dropped = tmp_path / "dropped.py"
    dropped.write_text(DROPPED)
    settings["app"] = f"{sys.executable} {dropped}"
    (tmp_path / "cdk.json").write_text(json.dumps(settings))
    own = stacks_alone("personnel")
    options = ["--method=direct", "--require-approval", "never"]
    try:
        toolkit.run(["deploy", *own, *options], cloud.port, cloud.places, app=tmp_path)
        assert _tables_of_the_data_stack(cloud) == [cloud.v2]
        assert cloud.v1 not in cloud.client("dynamodb").list_tables()["TableNames"]
        assert sorted(map(str, cloud.stored(cloud.v2))) == before
        made = cloud.call("POST", "/employees", cloud.token(), {"full_name": "Still Here"})
        assert made.status == 201
    finally:
        lifecycle.deploy(own, places=cloud.places)
    assert _tables_of_the_data_stack(cloud) == sorted([cloud.v1, cloud.v2])


def _tables_of_the_data_stack(cloud: Cloud) -> list[str]:
    listed = cloud.client("cloudformation").describe_stack_resources(
        StackName="Cutover-Personnel-Data"
    )["StackResources"]
    return sorted(
        each["PhysicalResourceId"]
        for each in listed
        if each["ResourceType"] == "AWS::DynamoDB::Table"
    )
