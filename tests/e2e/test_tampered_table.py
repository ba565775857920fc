"""v1 dropped and made again under its name in the midst of a migration: everything stops."""

from typing import Any

import pytest

from migrations.personnel.sample import generate
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.restoring import rebuild

pytestmark = pytest.mark.e2e

TOLD = "another one than the migration began with"


@pytest.fixture(scope="module")
def tampered(cloud: Cloud, described: dict[str, Any]) -> Cloud:
    cloud.put(cloud.v1, generate(8, 20))
    output = cloud.run("migrate", approve="auto", until="DUAL_WRITE")
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "DUAL_WRITE")
    assert cloud.call("GET", "/employees/S8-00003", cloud.token()).status == 200
    rebuild(cloud, described)
    cloud.put(cloud.v1, generate(8, 20))
    return cloud


@pytest.mark.parametrize("machine", ["migrate", "backfill", "validate", "rollback"])
def test_machine_when_v1_is_another_table_stops_and_says_so(tampered: Cloud, machine: str) -> None:
    before = tampered.control()
    ended = tampered.end(tampered.begin(machine))
    assert (ended.status, ended.error) == ("FAILED", "WorkerFailed")
    assert TOLD in ended.cause["message"]
    assert "restore the table" in ended.cause["mend"]
    assert tampered.phase() == before["phase"]
    assert not tampered.items(tampered.v2)


def test_api_when_v1_is_another_table_refuses_every_call(tampered: Cloud) -> None:
    """Instances are warm: they knew the first v1, and look again now and then."""
    token = tampered.token()
    path = "/employees/S8-00003"
    eventually(lambda: tampered.call("GET", path, token).status == 503)
    before = tampered.items(tampered.v1)
    for answer in (
        tampered.call("GET", path, token),
        tampered.call("POST", "/employees", token, {"full_name": "Too Late"}),
        tampered.call("PATCH", path, token, {"full_name": "Too Late"}),
        tampered.call("DELETE", path, token),
    ):
        assert (answer.status, answer.body["code"]) == (503, "table_gone")
        assert TOLD in str(answer.body["message"])
    assert tampered.items(tampered.v1) == before
    assert not tampered.items(tampered.v2)
