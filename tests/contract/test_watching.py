"""Alarms, notifications, and marks on a run."""

import pytest

from shared.model.alarms import AlarmState
from shared.model.errors import StoreError
from tests.contract.engines import Engine


@pytest.mark.parametrize("state", list(AlarmState))
def test_alarm_tells_its_state_why_and_since_when(engine: Engine, state: AlarmState) -> None:
    before = engine.clock.wall()
    name = engine.migration.watch_alarm
    engine.hand.set_alarm(name, state, "errors above 5 %")
    alarm = engine.alarms.look([name])[name]
    assert (alarm.name, alarm.state, alarm.reason) == (name, state, "errors above 5 %")
    assert before - 60 <= alarm.since <= engine.clock.wall() + 60


def test_alarm_that_is_not_there_is_left_out(engine: Engine) -> None:
    assert engine.alarms.look([engine.migration.watch_alarm]) == {}


def test_notification_reaches_who_has_subscribed(engine: Engine) -> None:
    engine.hand.subscribe()
    engine.notifications.publish("cutover example: now in READ_N", "Zoë 🙂\n\nWhat to do: nothing")
    assert engine.hand.notified() == [
        ("cutover example: now in READ_N", "Zoë 🙂\n\nWhat to do: nothing")
    ]


def test_notification_to_a_topic_that_is_gone_is_an_error(engine: Engine) -> None:
    engine.hand.lose_topic()
    with pytest.raises(StoreError):
        engine.notifications.publish("cutover example: now in READ_N", "body")


def test_mark_is_the_first_of_its_name_once(engine: Engine) -> None:
    run, other = f"{engine.name}-run", f"{engine.name}-other"
    assert engine.ledger.claim(run, "tenth-1")
    assert not engine.ledger.claim(run, "tenth-1")
    assert engine.ledger.claim(run, "tenth-2")
    assert engine.ledger.claim(other, "tenth-1")
