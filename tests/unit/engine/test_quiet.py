"""Quiet alarms: asked for on every way forward with readers on v2, and on no way home."""

from dataclasses import replace

import pytest

from migrations.personnel.migration import MIGRATION
from shared.engine.cutover import move_by_hand
from shared.engine.guards import missing, raises_share
from shared.engine.itinerary import NOISE_LOOKS
from shared.engine.journey import plan_step
from shared.model.alarms import AlarmState
from shared.model.declaration import TableToTable
from shared.model.errors import GuardRefused, Throttled
from shared.model.moves import PAIRED_MOVES, Guard, Move, move_between
from shared.model.phases import DETOURS, Phase
from shared.model.runs import RunKind, RunStatus
from tests.unit.engine.conductor import Conductor, legacy, stage

ALARM = "cutover-personnel-watch"
BACK = [each for each in PAIRED_MOVES if not each.forward]
WATCHED = [
    (Phase.SHADOW_READ, Phase.READ_N),
    (Phase.READ_N, Phase.READ_V2),
    (Phase.READ_V2, Phase.WRITE_V2_ONLY),
    (Phase.WRITE_V2_ONLY, Phase.ARCHIVED),
    (Phase.ARCHIVED, Phase.DECOMMISSIONED),
]


def staged(phase: Phase, percent: int = 100, migration: TableToTable = MIGRATION) -> Conductor:
    return stage(legacy("a"), phase=phase, percent=percent, migration=migration)


def noisy(conductor: Conductor) -> Conductor:
    now = conductor.parts.clock.wall()
    conductor.parts.alarms.put(ALARM, AlarmState.ALARM, "errors above 5 %", now)
    return conductor


def broken(name: str) -> None:
    raise Throttled("Rate exceeded")


@pytest.mark.parametrize(("start", "end"), WATCHED)
def test_every_way_on_with_watched_readers_asks_for_quiet_alarms(start: Phase, end: Phase) -> None:
    assert Guard.QUIET in move_between(start, end).guards


def test_a_higher_share_when_the_alarm_is_on_expects_a_refusal_with_its_reason() -> None:
    conductor = noisy(staged(Phase.READ_N, 10))
    conductor.settle()
    with pytest.raises(GuardRefused, match=r"is in ALARM since 20.*: errors above 5 %") as refusal:
        move_by_hand(conductor.world, Phase.READ_N, 50, actor="Ada", reason="")
    assert refusal.value.missing == ("quiet",)
    lower = move_by_hand(conductor.world, Phase.READ_N, 5, actor="Ada", reason="")
    assert lower.percent == 5


@pytest.mark.parametrize("state", [AlarmState.OK, AlarmState.INSUFFICIENT_DATA])
def test_an_alarm_when_it_is_not_on_expects_no_lack(state: AlarmState) -> None:
    conductor = staged(Phase.READ_N, 10)
    conductor.parts.alarms.put(ALARM, state)
    wanted = raises_share(conductor.world, conductor.state, 50)
    assert Guard.QUIET not in [
        lack.guard for lack in missing(conductor.world, conductor.state, wanted)
    ]


def test_an_alarm_when_it_is_not_there_expects_no_way_forward_and_the_stack_that_lacks() -> None:
    conductor = staged(Phase.READ_N, 10)
    conductor.settle()
    conductor.parts.alarms.absent.add(ALARM)
    with pytest.raises(GuardRefused, match="Cutover-Personnel-Observability") as refusal:
        move_by_hand(conductor.world, Phase.READ_N, 50, actor="Ada", reason="")
    assert refusal.value.missing == ("quiet",)


def test_cloudwatch_when_it_fails_expects_no_way_forward_and_the_reason() -> None:
    conductor = staged(Phase.READ_N).watched(before=broken, port="alarms")
    conductor.approve(Phase.READ_V2)
    conductor.settle()
    with pytest.raises(
        GuardRefused, match="does not say how cutover-personnel-watch is"
    ) as refusal:
        move_by_hand(conductor.world, Phase.READ_V2, None, actor="Bob", reason="")
    assert refusal.value.missing == ("quiet",)


@pytest.mark.parametrize("each", BACK, ids=lambda each: f"{each.start}-{each.end}")
def test_cloudwatch_when_it_fails_or_the_alarm_is_on_expects_every_way_back_open(
    each: Move,
) -> None:
    detour = each.start in DETOURS or each.end in DETOURS
    migration = replace(MIGRATION, mode="availability_first") if detour else MIGRATION
    staging = staged(each.start, migration=migration)
    conductor = noisy(staging).watched(before=broken, port="alarms")
    if Guard.CERTIFICATE in each.guards:
        conductor.validate()
    moved = move_by_hand(conductor.world, each.end, None, actor="Ada", reason="")
    assert moved.phase is each.end


# -- a journey that meets it


def test_a_journey_when_the_alarm_clears_expects_to_go_on_by_itself() -> None:
    conductor = noisy(staged(Phase.READ_N, 10))
    waits: list[str] = []

    def clear(step: object) -> None:
        reason = str(getattr(step, "reason", ""))
        if "is in ALARM" in reason:
            waits.append(reason)
            if len(waits) == 3:
                conductor.parts.alarms.put(ALARM, AlarmState.OK)

    run = conductor.migrate(clear, approve="auto", until="READ_N", ramp=[10, 100])
    assert (run.status, conductor.state.percent, len(waits)) == (RunStatus.SUCCEEDED, 100, 3)


def test_a_journey_when_the_alarm_goes_off_during_its_dry_run_expects_to_wait_in_off() -> None:
    conductor = staged(Phase.OFF)
    waits: list[Phase] = []

    def alarm(step: object) -> None:
        if getattr(step, "kind", "") == "DRY_RUN":
            noisy(conductor)
        if "is in ALARM" in str(getattr(step, "reason", "")):
            waits.append(conductor.state.phase)
            conductor.parts.alarms.put(ALARM, AlarmState.OK)

    run = conductor.migrate(alarm, approve="auto", until="DUAL_WRITE")
    assert (run.status, conductor.state.phase) == (RunStatus.SUCCEEDED, Phase.DUAL_WRITE)
    assert waits == [Phase.OFF]


def test_a_journey_when_the_alarm_stays_expects_held_after_a_bounded_time() -> None:
    conductor = noisy(staged(Phase.READ_N, 10))
    began = conductor.parts.clock.wall()
    run = conductor.migrate(approve="auto", until="READ_N", ramp=[10, 100])
    assert (run.status, conductor.state.percent) == (RunStatus.HELD, 10)
    assert "errors above 5 %" in run.facts["held"]
    bound = 2 * (NOISE_LOOKS + 1) * conductor.world.environment.timing.settle
    assert 0 < conductor.parts.clock.wall() - began <= bound


def test_a_journey_when_cloudwatch_fails_for_a_while_expects_to_wait_and_to_arrive() -> None:
    conductor = staged(Phase.READ_N, 10)
    left = [2]

    def fail(name: str) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise Throttled("Rate exceeded")

    failing = conductor.watched(before=fail, port="alarms")
    run = failing.migrate(approve="auto", until="READ_N", ramp=[10, 100])
    assert (run.status, conductor.state.percent) == (RunStatus.SUCCEEDED, 100)


def test_a_journey_when_an_older_noise_is_over_expects_patience_for_a_new_one() -> None:
    conductor = noisy(staged(Phase.READ_N, 10))
    conductor.settle()
    run = conductor.begin_journey(RunKind.MIGRATE, until="READ_N", ramp=[10, 100])
    first = plan_step(conductor.world, run.run_id)
    assert first.until is not None
    conductor.pass_time(3 * (NOISE_LOOKS + 1) * conductor.world.environment.timing.settle)
    assert plan_step(conductor.world, run.run_id).kind == "WAIT"
