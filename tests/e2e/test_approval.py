"""A migrate that a person must approve: it waits, it is woken, and only what was asked counts."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from local.toolkit import environment
from migrations.personnel.sample import generate
from shared import bootstrap
from shared.engine.cutover import approve
from shared.engine.world import World
from shared.model.control import AuditEntry
from shared.model.environment import LOCAL
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.item import encode_value
from shared.model.phases import Phase
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

ASKED = {"approve": "manual", "ramp": [100]}


@pytest.fixture(scope="module")
def shadowing(cloud: Cloud) -> Cloud:
    cloud.put(cloud.v1, generate(7, 20))
    output = cloud.run("migrate", **ASKED, until="SHADOW_READ")
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "SHADOW_READ")
    return cloud


@pytest.fixture(scope="module")
def operator(shadowing: Cloud) -> Iterator[World]:
    """Return the world of an operator whose environment names the local cloud."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(shadowing.port).items():
            patch.setenv(name, value)
        world = bootstrap.operator_world("personnel", LOCAL.account, LOCAL.region)
        yield world


def test_approve_when_the_gate_is_not_next_is_refused(shadowing: Cloud, operator: World) -> None:
    with pytest.raises(InvalidInput, match="no move from SHADOW_READ to READ_V2"):
        _approve(operator, Phase.READ_V2)
    with pytest.raises(InvalidInput, match="needs no approval"):
        _approve(operator, Phase.VALIDATE)
    assert not shadowing.ledger("APPROVAL")


def test_migrate_when_manual_waits_until_a_person_approves_each_gate(
    shadowing: Cloud, operator: World
) -> None:
    _approve(operator, Phase.READ_N)
    _make_expired(shadowing, Phase.READ_N)
    migrate = shadowing.begin("migrate", **ASKED, until="READ_V2")
    _await_waiter(shadowing, Phase.READ_N)
    assert (_status(shadowing, migrate), shadowing.phase()) == ("RUNNING", "SHADOW_READ")

    _approve(operator, Phase.READ_N)
    _await_waiter(shadowing, Phase.READ_V2)
    assert (_status(shadowing, migrate), shadowing.phase()) == ("RUNNING", "READ_N")

    _approve(operator, Phase.READ_V2)
    output = shadowing.end(migrate).output
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_V2")


def test_rollback_when_a_migrate_runs_supersedes_it(shadowing: Cloud, operator: World) -> None:
    assert shadowing.phase() == "READ_V2"
    migrate = shadowing.begin("migrate", approve="auto", until="WRITE_V2_ONLY")
    (lock,) = eventually(lambda: shadowing.ledger("LOCK#journey"))
    back = shadowing.run("rollback", reason="changed our minds")
    assert (back["status"], back["phase"]) == ("SUCCEEDED", "OFF")
    ended = shadowing.end(migrate)
    assert ended.status == "SUCCEEDED", ended
    assert (ended.output["status"], ended.output["run_id"]) == ("SUPERSEDED", lock["run_id"])
    assert shadowing.phase() == "OFF"


def test_approval_when_by_who_asked_is_refused_and_the_journey_waits_for_another(
    shadowing: Cloud, operator: World
) -> None:
    strict = replace(operator, environment=replace(operator.environment, approves_alone=False))
    assert shadowing.run("migrate", **ASKED, until="SHADOW_READ")["phase"] == "SHADOW_READ"
    before = shadowing.ledger("WAITER#READ_N")
    migrate = _asked_by("Ada", shadowing, strict)
    eventually(lambda: shadowing.ledger("WAITER#READ_N") != before)
    with pytest.raises(GuardRefused, match="was asked for by Ada"):
        approve(strict, Phase.READ_N, approver="Ada", reason="mine")
    assert (_status(shadowing, migrate), shadowing.phase()) == ("RUNNING", "SHADOW_READ")
    approve(strict, Phase.READ_N, approver="Bob", reason="looked at it")
    output = shadowing.end(migrate).output
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_N")


def _asked_by(who: str, cloud: Cloud, world: World) -> str:
    """Start a migrate as the command does, which first leaves word of who asks."""
    name, machine = world.ids.new(), cloud.outputs["MigrateStateMachineArn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    now = world.clock.wall()
    world.ledger.record(AuditEntry("personnel", now, 0, "ask for migrate", who, "", execution))
    given = {"migration": "personnel", **ASKED, "until": "READ_N"}
    cloud.client("stepfunctions").start_execution(
        stateMachineArn=machine, name=name, input=json.dumps(given)
    )
    return execution


def _approve(world: World, gate: Phase) -> None:
    approve(world, gate, approver="a person", reason="looked at it")


def _make_expired(cloud: Cloud, gate: Phase) -> None:
    """Make an approval older than it may be."""
    (stored,) = cloud.ledger(f"APPROVAL#{gate}")
    cloud.client("dynamodb").update_item(
        TableName=cloud.outputs["LedgerTableName"],
        Key={name: encode_value(stored[name]) for name in ("PK", "SK")},
        UpdateExpression="SET #at = #at - :age",
        ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={":age": {"N": str(LOCAL.approval_age + 1)}},
    )


def _await_waiter(cloud: Cloud, gate: Phase) -> None:
    eventually(lambda: cloud.ledger(f"WAITER#{gate}"))


def _status(cloud: Cloud, execution: str) -> str:
    found = cloud.client("stepfunctions").describe_execution(executionArn=execution)
    return str(found["status"])
