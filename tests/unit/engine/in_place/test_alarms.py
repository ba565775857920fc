"""An alarm in place: writers go back to the old shape, records too, and nobody goes forward."""

import pytest

from shared.engine.alarm_answer import Answer, acknowledge, answer_alarm
from shared.engine.cutover import move_by_hand
from shared.model.alarms import AlarmEvent
from shared.model.errors import GuardRefused
from shared.model.item import canonical
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.stage import key, note, records, stage

ALARM = "cutover-notes-watch"
NAMES = ("a", "b", "c")


def staged(phase: Phase, percent: int = 100) -> Conductor:
    return stage(*[note(name) for name in NAMES], phase=phase, percent=percent)


def event(conductor: Conductor, name: str = "1") -> AlarmEvent:
    return AlarmEvent(f"event-{name}", ALARM, conductor.parts.clock.wall(), "Threshold crossed")


def play(conductor: Conductor) -> Run:
    """Run the one rollback that was started to its end, as its state machine would."""
    [(kind, given)] = conductor.parts.executions.started.values()
    assert kind is RunKind.ROLLBACK
    fields = {name: value for name, value in given.items() if name != "migration"}
    return conductor.journey(kind, **fields)


def told(conductor: Conductor) -> str:
    return " ".join(part for news in conductor.parts.notifications.published for part in news)


@pytest.mark.parametrize(
    ("phase", "percent"),
    [
        (Phase.WRITE_NEW, 1),
        (Phase.WRITE_NEW, 50),
        (Phase.WRITE_NEW, 100),
        (Phase.VALIDATE, 100),
    ],
)
def test_an_alarm_when_writes_are_watched_expects_every_record_old_again_and_a_hold(
    phase: Phase, percent: int
) -> None:
    conductor = staged(phase, percent)
    assert answer_alarm(conductor.world, event(conductor)) is Answer.ROLLBACK
    assert answer_alarm(conductor.world, event(conductor)) is Answer.NOTHING
    run = play(conductor)
    assert (run.status, conductor.phase) == (RunStatus.SUCCEEDED, Phase.READ_BOTH)
    for name in NAMES:
        assert canonical(conductor.stored(Side.SOURCE, key(name)) or {}) == canonical(note(name))
    assert conductor.state.hold is not None


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.READ_BOTH, Phase.DONE])
def test_an_alarm_when_no_write_is_watched_expects_word_and_nothing_else(phase: Phase) -> None:
    conductor = staged(phase)
    before = conductor.phase
    assert answer_alarm(conductor.world, event(conductor)) is Answer.NOTICE
    assert not conductor.parts.executions.started
    assert (conductor.phase, conductor.state.hold) == (before, None)
    assert f"no alarm moves writers in {phase}" in told(conductor)


def test_an_alarm_when_records_were_written_since_expects_them_reported_and_writers_home() -> None:
    conductor = staged(Phase.WRITE_NEW)
    records(conductor).update(key("b"), {"body": "written since"}, (), None)
    answer_alarm(conductor.world, event(conductor))
    run = play(conductor)
    assert (run.status, conductor.phase) == (RunStatus.HELD, Phase.READ_BOTH)
    assert (conductor.stored(Side.SOURCE, key("b")) or {})["body"] == "written since"
    assert "text" in (conductor.stored(Side.SOURCE, key("a")) or {})


def test_the_way_forward_when_an_alarm_took_writers_home_expects_a_person_first() -> None:
    conductor = staged(Phase.WRITE_NEW)
    answer_alarm(conductor.world, event(conductor))
    play(conductor)
    conductor.pass_time(7200.0)
    with pytest.raises(GuardRefused) as refused:
        move_by_hand(conductor.world, Phase.WRITE_NEW, 1, actor="ann", reason="again")
    assert "acknowledged" in refused.value.missing
    acknowledge(conductor.world, actor="ann", reason="a bad deploy, taken back")
    assert conductor.state.hold is None


def test_people_when_an_alarm_took_writers_home_are_told_of_writers_and_no_reader() -> None:
    conductor = staged(Phase.WRITE_NEW)
    answer_alarm(conductor.world, event(conductor))
    assert "Watch writers come home" in told(conductor)
    assert "reader" not in told(conductor)


def test_people_when_records_were_written_since_are_told_what_came_back_and_what_did_not() -> None:
    conductor = staged(Phase.VALIDATE)
    records(conductor).update(key("a"), {"body": "newer words"}, (), None)
    conductor.rollback(to_phase="READ_BOTH")
    subject, body = conductor.parts.notifications.published[-1]
    assert subject == "cutover notes: rollback is HELD: a person must act"
    assert "2 restored" in body
    assert "1 in conflict" in body
    assert "cutover rollback notes --to OFF" in body
    assert "v1" not in body
    assert "v2" not in body


def test_people_when_records_are_in_doubt_are_shown_the_review_queue() -> None:
    conductor = stage(note("a", author="Ann", account="acme"))
    conductor.dry_run()
    subject, body = conductor.parts.notifications.published[-1]
    assert subject == "cutover notes: dry_run is HELD: a person must act"
    assert "cutover review notes" in body


def test_people_when_a_migration_in_place_goes_its_way_hear_of_its_own_phases_and_shares() -> None:
    conductor = stage(*[note(name) for name in NAMES])
    conductor.migrate(approve="auto", ramp=[10, 100])
    subjects = [subject for subject, _ in conductor.parts.notifications.published]
    for wanted in (
        "now in READ_BOTH, 0 per cent of writes in the new shape",
        "now in WRITE_NEW, 10 per cent of writes in the new shape",
        "now in DONE, 100 per cent of writes in the new shape",
        "migrate ended: SUCCEEDED",
    ):
        assert f"cutover notes: {wanted}" in subjects
    bodies = " ".join(body for _, body in conductor.parts.notifications.published)
    assert " v1" not in bodies
    assert " v2" not in bodies
