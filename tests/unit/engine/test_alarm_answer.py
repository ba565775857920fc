"""The answer to an alarm: readers home, nobody forward, one effect however often it is told."""

import contextlib

import pytest

from shared.engine.alarm_answer import Answer, acknowledge, answer_alarm
from shared.engine.cutover import move_by_hand
from shared.engine.journey import plan_step
from shared.model.alarms import AlarmEvent
from shared.model.errors import GuardRefused, InvalidInput, Superseded, Throttled
from shared.model.phases import PAIRED, Phase, PhaseClass
from shared.model.runs import Run, RunKind, RunStatus
from tests.unit.engine.conductor import Conductor, legacy, stage
from tests.unit.engine.moving import set_state
from tests.unit.engine.watched import Count, Killed, Meanwhile

ALARM = "cutover-personnel-watch"
ELSEWHERE = [p for p in PAIRED if p.group not in (PhaseClass.READ_N, PhaseClass.READ_V2)]


def event(conductor: Conductor, name: str = "1", late: float = 0.0) -> AlarmEvent:
    at = conductor.parts.clock.wall() - late
    return AlarmEvent(f"event-{name}", ALARM, at, "Threshold crossed")


def staged(phase: Phase, percent: int = 100) -> Conductor:
    return stage(legacy("a"), legacy("b"), phase=phase, percent=percent)


def started(conductor: Conductor) -> list[tuple[str, RunKind]]:
    return [(name, kind) for name, (kind, _) in conductor.parts.executions.started.items()]


def play(conductor: Conductor) -> Run:
    """Run the one rollback that was started to its end, as its state machine would."""
    [(kind, given)] = conductor.parts.executions.started.values()
    fields = {name: value for name, value in given.items() if name != "migration"}
    return conductor.journey(kind, **fields)


def subjects(conductor: Conductor) -> list[str]:
    return [subject for subject, _ in conductor.parts.notifications.published]


def actions(conductor: Conductor) -> list[str]:
    listed = conductor.world.ledger.audit("personnel", 50)
    return [entry.action for entry in listed if entry.actor == f"alarm {ALARM}"]


# -- where readers are on v2


@pytest.mark.parametrize("percent", [1, 50, 100])
def test_an_alarm_when_in_read_n_expects_readers_home_without_a_certificate(percent: int) -> None:
    conductor = staged(Phase.READ_N, percent)
    conductor.pass_time(conductor.world.environment.certificate_age + 1)
    assert answer_alarm(conductor.world, event(conductor)) is Answer.ROLLBACK
    assert started(conductor) == [("alarm-event-1", RunKind.ROLLBACK)]
    run = play(conductor)
    assert (run.status, conductor.phase, conductor.state.percent) == (
        RunStatus.SUCCEEDED,
        Phase.SHADOW_READ,
        0,
    )
    assert not conductor.parts.executions.started["alarm-event-1"][1].get("keys")


def test_a_run_when_an_alarm_started_it_says_that_the_alarm_asked_for_it() -> None:
    conductor = staged(Phase.READ_N)
    answer_alarm(conductor.world, event(conductor))
    conductor.names.append("arn:x:cutover-personnel-rollback:alarm-event-1")
    assert play(conductor).facts["requester"] == f"alarm {ALARM}"


def test_an_alarm_when_in_read_v2_with_a_fresh_certificate_expects_the_rollback() -> None:
    conductor = staged(Phase.READ_V2)
    assert answer_alarm(conductor.world, event(conductor)) is Answer.ROLLBACK
    assert (play(conductor).status, conductor.phase) == (RunStatus.SUCCEEDED, Phase.SHADOW_READ)


def test_an_alarm_when_in_read_v2_without_a_certificate_expects_a_pass_and_no_claim() -> None:
    conductor = staged(Phase.READ_V2)
    conductor.pass_time(conductor.world.environment.certificate_age + 1)
    assert answer_alarm(conductor.world, event(conductor)) is Answer.VALIDATION
    given = conductor.parts.executions.started["alarm-event-1"]
    assert given == (RunKind.VALIDATE, {"migration": "personnel", "repair": True})
    assert conductor.phase is Phase.READ_V2
    subject, body = conductor.parts.notifications.published[-1]
    assert "NOT rolled back" in subject
    assert "ACT NOW: readers are still on v2" in body
    assert "was started to" not in body


def test_an_alarm_when_read_v2_has_not_settled_expects_the_way_back_without_a_proof() -> None:
    conductor = staged(Phase.READ_N)
    conductor.migrate(approve="auto", until="READ_V2")
    timing = conductor.world.environment.timing
    now = conductor.parts.clock.wall()
    assert now < conductor.state.settled_at(now, timing)
    set_state(conductor, certificate=None)
    assert answer_alarm(conductor.world, event(conductor)) is Answer.ROLLBACK
    step = plan_step(
        conductor.world, conductor.begin_journey(RunKind.ROLLBACK, to_phase="SHADOW_READ").run_id
    )
    assert (step.kind, step.to) == ("MOVE", Phase.READ_N)


def test_an_alarm_during_settle_in_read_n_expects_readers_home_at_once() -> None:
    conductor = staged(Phase.SHADOW_READ)
    conductor.migrate(approve="auto", until="READ_N", ramp=[1])
    before = conductor.parts.clock.wall()
    assert before < conductor.state.settled_at(before, conductor.world.environment.timing)
    answer_alarm(conductor.world, event(conductor))
    play(conductor)
    assert (conductor.phase, conductor.parts.clock.wall()) == (Phase.SHADOW_READ, before)


# -- where they are not


@pytest.mark.parametrize("phase", ELSEWHERE)
def test_an_alarm_when_no_reader_can_be_helped_expects_a_notice_and_nothing_else(
    phase: Phase,
) -> None:
    conductor = staged(phase)
    assert answer_alarm(conductor.world, event(conductor)) is Answer.NOTICE
    assert started(conductor) == []
    assert conductor.state.hold is None
    assert subjects(conductor)[-1].startswith(f"cutover personnel: ALARM in {phase}")
    assert actions(conductor) == ["answer alarm"]


def test_an_alarm_of_another_migration_expects_a_refusal() -> None:
    conductor = staged(Phase.READ_N)
    with pytest.raises(InvalidInput):
        answer_alarm(conductor.world, AlarmEvent("1", "cutover-other-watch", 1.0, ""))
    assert conductor.state.hold is None


# -- told twice, late, or cut off


def test_an_event_when_delivered_twice_expects_one_rollback_and_one_notice() -> None:
    conductor = staged(Phase.READ_N)
    told = event(conductor)
    answer_alarm(conductor.world, told)
    before, said = conductor.state, len(subjects(conductor))
    assert answer_alarm(conductor.world, told) is Answer.NOTHING
    assert conductor.state == before
    assert len(started(conductor)) == 1
    assert len(subjects(conductor)) == said


def test_an_event_when_delivered_again_after_the_acknowledgement_expects_nothing() -> None:
    conductor = staged(Phase.READ_N)
    told = event(conductor)
    answer_alarm(conductor.world, told)
    acknowledge(conductor.world, actor="Ada", reason="a bad deploy")
    assert answer_alarm(conductor.world, told) is Answer.NOTHING
    assert conductor.state.hold is None


def test_an_older_event_when_it_comes_after_a_newer_one_expects_nothing() -> None:
    conductor = staged(Phase.READ_N)
    older = event(conductor, "old", late=60.0)
    answer_alarm(conductor.world, event(conductor, "new"))
    assert answer_alarm(conductor.world, older) is Answer.NOTHING
    assert started(conductor) == [("alarm-event-new", RunKind.ROLLBACK)]


@pytest.mark.parametrize("port", ["control", "ledger", "executions", "notifications"])
@pytest.mark.parametrize("kill_at", range(1, 6))
def test_an_answer_when_killed_anywhere_and_tried_again_expects_one_rollback_and_a_hold(
    port: str, kill_at: int
) -> None:
    conductor = staged(Phase.READ_N)
    told = event(conductor)
    with contextlib.suppress(Killed):
        answer_alarm(conductor.watched(before=Count(kill_at), port=port).world, told)
    answer_alarm(conductor.world, told)
    assert started(conductor) == [("alarm-event-1", RunKind.ROLLBACK)]
    hold = conductor.state.hold
    assert hold is not None
    assert (hold.event, hold.answer) == ("event-1", "rollback")
    assert conductor.state.answered == told.at
    assert any("ALARM in READ_N" in each for each in subjects(conductor))


def test_a_second_try_when_readers_are_home_already_expects_the_first_decision() -> None:
    conductor = staged(Phase.READ_N)
    told = event(conductor)
    dying = conductor.watched(before=Count(1), port="notifications")
    with pytest.raises(Killed):
        answer_alarm(dying.world, told)
    play(conductor)
    assert answer_alarm(conductor.world, told) is Answer.ROLLBACK
    assert any("ALARM in READ_N" in each for each in subjects(conductor))
    assert len(started(conductor)) == 1


def test_an_alarm_when_it_flaps_expects_one_way_home_and_the_newest_to_be_acknowledged() -> None:
    conductor = staged(Phase.READ_N)
    answer_alarm(conductor.world, event(conductor, "1"))
    run = conductor.begin_journey(RunKind.ROLLBACK, to_phase="SHADOW_READ")
    conductor.pass_time(1.0)
    answer_alarm(conductor.world, event(conductor, "2"))
    assert started(conductor) == [("alarm-event-1", RunKind.ROLLBACK)]
    assert conductor.go_on(run).status is RunStatus.SUCCEEDED
    conductor.pass_time(1.0)
    assert answer_alarm(conductor.world, event(conductor, "3")) is Answer.NOTICE
    hold = conductor.state.hold
    assert hold is not None
    assert hold.event == "event-2"


# -- beside others


def test_an_alarm_when_a_migrate_is_under_way_expects_it_overtaken() -> None:
    conductor = staged(Phase.READ_N)
    migrate = conductor.begin_journey(RunKind.MIGRATE, approve="auto", until="WRITE_V2_ONLY")
    answer_alarm(conductor.world, event(conductor))
    assert play(conductor).status is RunStatus.SUCCEEDED
    with pytest.raises(Superseded):
        plan_step(conductor.world, migrate.run_id)
    assert conductor.phase is Phase.SHADOW_READ


def test_a_migrate_when_an_alarm_has_called_a_person_expects_held() -> None:
    conductor = staged(Phase.READ_V2)
    conductor.pass_time(conductor.world.environment.certificate_age + 1)
    migrate = conductor.begin_journey(RunKind.MIGRATE, approve="auto", until="WRITE_V2_ONLY")
    assert answer_alarm(conductor.world, event(conductor)) is Answer.VALIDATION
    run = conductor.go_on(migrate)
    assert (run.status, conductor.phase) == (RunStatus.HELD, Phase.READ_V2)
    assert "--alarm" in run.facts["held"]


@pytest.mark.parametrize("goal", ["SHADOW_READ", "OFF"])
def test_an_alarm_when_a_rollback_goes_home_already_expects_none_started(goal: str) -> None:
    conductor = staged(Phase.READ_V2)
    run = conductor.begin_journey(RunKind.ROLLBACK, to_phase=goal)
    answer_alarm(conductor.world, event(conductor))
    assert started(conductor) == []
    assert run.run_id in subjects(conductor)[-1] + conductor.parts.notifications.published[-1][1]
    assert conductor.go_on(run).status is RunStatus.SUCCEEDED
    assert conductor.phase is Phase(goal)


def test_an_alarm_when_a_rollback_would_stop_with_readers_on_v2_expects_it_overtaken() -> None:
    conductor = staged(Phase.READ_V2)
    near = conductor.begin_journey(RunKind.ROLLBACK, to_phase="READ_N")
    answer_alarm(conductor.world, event(conductor))
    assert play(conductor).status is RunStatus.SUCCEEDED
    assert conductor.phase is Phase.SHADOW_READ
    ended = conductor.world.ledger.load(near.run_id)
    assert ended is not None
    assert ended.status is RunStatus.SUPERSEDED
    with pytest.raises(Superseded):
        plan_step(conductor.world, near.run_id)


def test_a_rollback_when_an_alarm_writes_its_hold_at_each_move_expects_to_go_on_all_the_same() -> (
    None
):
    conductor = staged(Phase.READ_V2)
    run = conductor.begin_journey(RunKind.ROLLBACK, to_phase="OFF")
    count = [0]

    def alarm() -> None:
        count[0] += 1
        conductor.pass_time(0.001)
        answer_alarm(conductor.world, event(conductor, str(count[0])))

    def at_write(name: str) -> None:
        if name == "write" and count[0] < 4:
            Meanwhile(alarm)(name)

    busy = conductor.watched(before=at_write, port="control")
    assert busy.go_on(run).status is RunStatus.SUCCEEDED
    assert conductor.phase is Phase.OFF
    assert count[0] == 4


def test_an_alarm_without_a_certificate_when_a_pass_is_under_way_expects_no_second_one() -> None:
    conductor = staged(Phase.READ_V2)
    conductor.pass_time(conductor.world.environment.certificate_age + 1)
    begun = conductor.begin(RunKind.VALIDATE, repair=False)
    assert answer_alarm(conductor.world, event(conductor)) is Answer.VALIDATION
    assert started(conductor) == []
    assert begun.run_id in conductor.parts.notifications.published[-1][1]


# -- held until a person has looked


def test_the_next_move_forward_when_an_alarm_rolled_back_expects_to_wait_for_a_person() -> None:
    conductor = staged(Phase.READ_N)
    answer_alarm(conductor.world, event(conductor))
    play(conductor)
    conductor.settle()
    run = conductor.migrate(approve="auto", until="READ_N")
    assert (run.status, conductor.phase) == (RunStatus.HELD, Phase.SHADOW_READ)
    with pytest.raises(GuardRefused) as refusal:
        move_by_hand(conductor.world, Phase.READ_N, 1, actor="Ada", reason="")
    assert "acknowledged" in refusal.value.missing
    acknowledge(conductor.world, actor="Ada", reason="a bad deploy, mended")
    entries = conductor.world.ledger.audit("personnel", 9)
    [entry] = [each for each in entries if each.action == "acknowledge alarm"]
    assert (entry.actor, entry.reason) == ("Ada", "a bad deploy, mended")
    assert conductor.migrate(approve="auto", until="READ_N").status is RunStatus.SUCCEEDED


def test_an_acknowledgement_when_nothing_is_held_expects_invalid_input() -> None:
    with pytest.raises(InvalidInput):
        acknowledge(staged(Phase.READ_N).world, actor="Ada", reason="")


def test_an_acknowledgement_when_another_alarm_comes_meanwhile_expects_a_refusal() -> None:
    conductor = staged(Phase.READ_N)
    answer_alarm(conductor.world, event(conductor, "1"))
    conductor.pass_time(1.0)
    newer = event(conductor, "2")

    def alarm(name: str) -> None:
        if name == "write" and conductor.state.answered < newer.at:
            answer_alarm(conductor.world, newer)

    with pytest.raises(Superseded):
        acknowledge(conductor.watched(before=alarm, port="control").world, actor="Ada", reason="x")
    hold = conductor.state.hold
    assert hold is not None
    assert hold.event == "event-2"


def test_two_operators_when_they_acknowledge_at_once_expect_one_to_be_told() -> None:
    conductor = staged(Phase.READ_N)
    answer_alarm(conductor.world, event(conductor))
    done: list[str] = []

    def other(name: str) -> None:
        if name == "write" and not done:
            done.append("Bob")
            acknowledge(conductor.world, actor="Bob", reason="mine")

    with pytest.raises(Superseded):
        acknowledge(conductor.watched(before=other, port="control").world, actor="Ada", reason="x")
    assert conductor.state.hold is None


# -- what does not answer


def test_an_answer_when_sns_fails_expects_the_rollback_and_the_failure_in_the_log() -> None:
    conductor = staged(Phase.READ_N)

    def broken(name: str) -> None:
        raise Throttled("Rate exceeded")

    mute = conductor.watched(before=broken, port="notifications")
    assert answer_alarm(mute.world, event(conductor)) is Answer.ROLLBACK
    assert started(conductor) == [("alarm-event-1", RunKind.ROLLBACK)]
    untold = [
        entry
        for entry in conductor.world.ledger.audit("personnel", 9)
        if entry.action == "could not notify"
    ]
    assert [entry.reason for entry in untold] == ["Throttled: Rate exceeded"]


def test_an_answer_when_the_rollback_cannot_be_started_expects_the_error_and_the_hold() -> None:
    conductor = staged(Phase.READ_N)

    def broken(name: str) -> None:
        if name == "start":
            raise Throttled("Rate exceeded")

    told = event(conductor)
    with pytest.raises(Throttled):
        answer_alarm(conductor.watched(before=broken, port="executions").world, told)
    assert conductor.state.hold is not None
    assert conductor.state.answered < told.at
    answer_alarm(conductor.world, told)
    assert started(conductor) == [("alarm-event-1", RunKind.ROLLBACK)]
