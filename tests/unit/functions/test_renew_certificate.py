"""The renewal's function over a world in RAM: what an event of the schedule starts."""

import json

import pytest

from functions.renew_certificate import handler as renew_certificate
from shared import bootstrap
from shared.model.phases import Phase
from shared.model.runs import RunKind
from tests.unit.engine.conductor import legacy, stage
from tests.unit.functions.invocation import Context

TICK = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-11-21T04:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/renew"],
    "detail": {},
}
"""A scheduled event as EventBridge's guide shows it ("Creating a rule that runs on a schedule")."""


@pytest.fixture
def conductor(deployed_world, monkeypatch):
    staged = stage(legacy("a"), phase=Phase.READ_V2)
    monkeypatch.setattr(bootstrap, "world", lambda _environ: staged.world)
    return staged


def tick(**changes):
    return json.loads(json.dumps(renew_certificate.handler({**TICK, **changes}, Context())))


def test_a_tick_when_nothing_is_due_starts_nothing(conductor):
    assert tick() == {"started": False}
    assert conductor.parts.executions.started == {}


def test_a_tick_when_delivered_twice_starts_one_validation_that_repairs_nothing(conductor):
    conductor.pass_time(conductor.world.environment.certificate_age / 2)
    assert tick() == tick() == {"started": True}
    assert conductor.parts.executions.started == {
        TICK["id"]: (RunKind.VALIDATE, {"migration": "personnel", "repair": False})
    }


def test_a_tick_when_the_next_one_comes_is_started_under_its_own_name(conductor):
    conductor.pass_time(conductor.world.environment.certificate_age / 2)
    tick()
    tick(id="another")
    assert set(conductor.parts.executions.started) == {TICK["id"], "another"}
