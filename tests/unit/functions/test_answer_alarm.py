"""The alarm's function over a world in RAM: what an event of CloudWatch's leads to."""

import json

import pytest

from functions.answer_alarm import handler as answer_alarm
from shared import bootstrap
from shared.model.errors import InvalidInput, Throttled
from shared.model.phases import Phase
from shared.model.runs import RunKind
from tests.unit.engine.conductor import legacy, stage
from tests.unit.functions.invocation import Context

EVENT = {
    "version": "0",
    "id": "2dde0eb1-528b-d2d5-9ca6-6d590caf2329",
    "detail-type": "CloudWatch Alarm State Change",
    "source": "aws.cloudwatch",
    "account": "123456789012",
    "time": "2026-11-21T04:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:cutover-personnel-watch"],
    "detail": {
        "alarmName": "cutover-personnel-watch",
        "configuration": {"alarmRule": 'ALARM("cutover-personnel-errors")'},
        "previousState": {"value": "OK", "reason": "", "timestamp": "2026-11-21T03:00:00.000+0000"},
        "state": {
            "value": "ALARM",
            "reason": "arn:…:alarm:cutover-personnel-errors transitioned to ALARM",
            "reasonData": "{}",
            "timestamp": "2026-11-21T04:00:00.123+0000",
        },
    },
}
"""An event as CloudWatch's guide shows it ("Alarm events and EventBridge", composite alarm)."""


@pytest.fixture
def conductor(deployed_world, monkeypatch):
    staged = stage(legacy("a"), phase=Phase.READ_N)
    monkeypatch.setattr(bootstrap, "world", lambda _environ: staged.world)
    return staged


def call(**changes):
    detail = {**EVENT["detail"], **changes}
    event = {**EVENT, "detail": detail}
    return json.loads(json.dumps(answer_alarm.handler(event, Context())))


def test_an_alarm_when_it_goes_off_starts_readers_home_under_the_events_own_id(conductor):
    assert call() == {"answer": "rollback"}
    assert conductor.parts.executions.started == {
        f"alarm-{EVENT['id']}": (
            RunKind.ROLLBACK,
            {
                "migration": "personnel",
                "to_phase": "SHADOW_READ",
                "reason": "cutover-personnel-watch went off",
            },
        )
    }
    hold = conductor.state.hold
    assert hold.since == pytest.approx(1795233600.123)
    assert "transitioned to ALARM" in hold.reason


def test_an_alarm_when_told_twice_starts_one(conductor):
    assert (call(), call()) == ({"answer": "rollback"}, {"answer": "nothing"})
    assert len(conductor.parts.executions.started) == 1


def test_an_alarm_when_it_clears_changes_nothing(conductor):
    before = conductor.state
    assert call(state={**EVENT["detail"]["state"], "value": "OK"}) == {"answer": "nothing"}
    assert conductor.state == before


def test_an_alarm_when_it_is_anothers_is_refused(conductor):
    with pytest.raises(InvalidInput):
        call(alarmName="cutover-other-watch")


def test_an_alarm_when_nobody_can_be_told_is_logged_and_answered(
    conductor, monkeypatch, capsys, caplog
):
    def refuse(subject, body):
        raise Throttled("Rate exceeded")

    monkeypatch.setattr(conductor.parts.notifications, "publish", refuse)
    assert call() == {"answer": "rollback"}
    assert "could not notify" in caplog.text
    assert '"NotificationsFailed":[1.0]' in capsys.readouterr().out
