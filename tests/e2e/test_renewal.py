"""The renewal of the certificate over the deployed cloud: the rule's function, called as it is."""

import json
import uuid
from typing import Any

import pytest

from migrations.personnel.sample import generate
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

FUNCTION = "cutover-personnel-renew-certificate"


@pytest.fixture(scope="module")
def reading(cloud: Cloud) -> Cloud:
    """Return the cloud in READ_N, with a fresh certificate and nobody at work."""
    cloud.put(cloud.v1, generate(21, 20))
    output = cloud.run("migrate", approve="auto", until="READ_N", ramp=[100])
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_N")
    return cloud


def tick(cloud: Cloud, identity: str) -> dict[str, Any]:
    """Call the function with an event of its rule."""
    event = {"id": identity, "source": "aws.events", "detail-type": "Scheduled Event"}
    answer = cloud.client("lambda").invoke(FunctionName=FUNCTION, Payload=json.dumps(event))
    assert "FunctionError" not in answer
    return dict(json.load(answer["Payload"]))


def certificate(cloud: Cloud) -> Any:
    return cloud.control().get("certificate")


def test_the_rule_when_deployed_is_scheduled_and_calls_the_function(reading: Cloud) -> None:
    from local import lifecycle

    schedules = lifecycle.status(reading.places).schedules
    assert [each.schedule for each in schedules if each.rule.endswith(FUNCTION)] == [
        "rate(2 minutes)"
    ]
    [target] = reading.client("events").list_targets_by_rule(Rule=FUNCTION)["Targets"]
    assert target["Arn"].endswith(f":function:{FUNCTION}")


def test_a_tick_when_the_certificate_is_young_starts_nothing(reading: Cloud) -> None:
    assert certificate(reading)
    assert tick(reading, str(uuid.uuid4())) == {"started": False}


def test_a_tick_when_the_certificate_is_void_has_it_granted_anew(reading: Cloud) -> None:
    table = reading.outputs["ControlTableName"]
    reading.client("dynamodb").update_item(
        TableName=table,
        Key={"migration": {"S": "personnel"}},
        UpdateExpression="REMOVE certificate",
    )
    assert not certificate(reading)
    identity = str(uuid.uuid4())
    assert tick(reading, identity) == {"started": True}
    execution = eventually(lambda: _named(reading, identity))
    ended = reading.end(execution)
    assert (ended.status, ended.output["status"]) == ("SUCCEEDED", "SUCCEEDED")
    assert ended.output["repaired"] == 0
    assert certificate(reading)["run_id"] == ended.output["run_id"]
    assert tick(reading, str(uuid.uuid4())) == {"started": False}


def _named(cloud: Cloud, name: str) -> str | None:
    machine = cloud.outputs["ValidateStateMachineArn"]
    pages = cloud.client("stepfunctions").get_paginator("list_executions")
    listed = (
        each for page in pages.paginate(stateMachineArn=machine) for each in page["executions"]
    )
    return next((str(each["executionArn"]) for each in listed if each["name"] == name), None)
