"""Moves and ends of runs whose write is late, is not heard of, or whose writer dies on it."""

from collections.abc import Callable

import pytest

from shared.engine.cutover import move
from shared.model.environment import LOCAL
from shared.model.errors import GuardRefused, OutcomeUnknown, Throttled
from shared.model.moves import move_between
from shared.model.phases import Phase
from shared.model.runs import RunKind
from tests.unit.engine.conductor import Conductor, legacy, stage
from tests.unit.engine.in_place.racing import once
from tests.unit.engine.moving import by_hand, ready, set_state
from tests.unit.engine.watched import Killed, Lose


@pytest.mark.parametrize("lost", [False, True])
def test_a_move_when_written_late_expects_to_settle_from_when_it_was_in_force(lost: bool) -> None:
    conductor = stage(legacy("A"), phase=Phase.WRITE_V2_ONLY)
    run = conductor.begin_journey(RunKind.ROLLBACK, to_phase="READ_V2")
    frozen = [60.0]

    def freeze(name: str) -> None:
        if name == "write" and frozen:
            conductor.pass_time(frozen.pop())

    slow = conductor.watched(before=freeze, after=Lose(times=int(lost)), port="control")
    if lost:
        with pytest.raises(OutcomeUnknown):
            move(slow.world, run.run_id, Phase.READ_V2, None)
    state = move(slow.world, run.run_id, Phase.READ_V2, None)
    assert state == conductor.state
    assert state.phase is Phase.READ_V2
    settled_at = conductor.parts.clock.wall() + LOCAL.timing.settle
    assert state.settled_at(settled_at, LOCAL.timing) == settled_at
    assert conductor.go_on(run).phase is Phase.READ_V2


def late_and_deadly(conductor: Conductor) -> Conductor:
    """Return somebody whose next write of the control item takes long, and is his last deed."""

    def freeze(name: str) -> None:
        if name == "write":
            conductor.pass_time(60.0)

    def die(name: str) -> None:
        if name == "write":
            raise Killed(name)

    return conductor.watched(before=freeze, after=die, port="control")


def test_a_move_when_its_mover_dies_on_a_late_write_expects_to_settle_from_when_it_is_seen() -> (
    None
):
    conductor = stage(legacy("A"), phase=Phase.WRITE_V2_ONLY)
    with pytest.raises(Killed):
        by_hand(late_and_deadly(conductor), Phase.READ_V2)
    assert conductor.phase is Phase.READ_V2
    conductor.pass_time(1.0)
    seen = conductor.parts.clock.wall()
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, Phase.READ_N)
    assert refusal.value.missing[0] == "settled"
    assert conductor.state.settled_at(seen, LOCAL.timing) == seen + LOCAL.timing.settle


def test_a_move_when_it_is_in_force_for_long_unseen_expects_guards_on_the_way_back() -> None:
    conductor = ready(move_between(Phase.READ_N, Phase.READ_V2))
    with pytest.raises(Killed):
        by_hand(late_and_deadly(conductor), Phase.READ_V2)
    set_state(conductor, certificate=None)
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, Phase.READ_N)
    assert set(refusal.value.missing) == {"settled", "certificate"}


def test_a_run_when_its_end_is_written_late_by_who_then_dies_expects_its_workers_fenced_off() -> (
    None
):
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL)
    conductor.work(started)
    with pytest.raises(Killed):
        late_and_deadly(conductor).finish(started)
    assert conductor.state.working is None
    now = conductor.parts.clock.wall()
    assert conductor.state.quiet_at(now, LOCAL.timing) == now + LOCAL.timing.fence
    conductor.finish(started)
    assert conductor.begin(RunKind.VALIDATE).begin_at == now + LOCAL.timing.fence


def test_a_journeys_move_when_its_own_first_try_comes_late_expects_no_end_of_the_journey() -> None:
    conductor = stage(legacy("A"), phase=Phase.WRITE_V2_ONLY)
    run = conductor.begin_journey(RunKind.ROLLBACK, to_phase="READ_V2")
    first = once("write", lambda: move(conductor.world, run.run_id, Phase.READ_V2, None))
    again = conductor.watched(before=first, port="control")
    state = move(again.world, run.run_id, Phase.READ_V2, None)
    assert (state.phase, state.mover) == (Phase.READ_V2, run.run_id)
    assert state == conductor.state
    assert conductor.go_on(run).phase is Phase.READ_V2


def busy_from(call: int) -> Callable[[str], None]:
    """Return what refuses writes from one of a number on (1 is the first)."""
    asked: list[str] = []

    def refuse(name: str) -> None:
        if name == "write":
            asked.append(name)
            if len(asked) >= call:
                raise Throttled("too much traffic")

    return refuse


def test_a_move_when_nobody_can_say_that_it_is_in_force_expects_to_be_told_and_tried_again() -> (
    None
):
    conductor = stage(legacy("A"), phase=Phase.WRITE_V2_ONLY)
    run = conductor.begin_journey(RunKind.ROLLBACK, to_phase="READ_V2")
    conductor.parts.notifications.published.clear()
    busy = conductor.watched(before=busy_from(2), port="control")
    with pytest.raises(OutcomeUnknown, match="the change is stored"):
        move(busy.world, run.run_id, Phase.READ_V2, None)
    assert conductor.phase is Phase.READ_V2
    conductor.pass_time(60.0)
    state = move(conductor.world, run.run_id, Phase.READ_V2, None)
    now = conductor.parts.clock.wall()
    assert state.settled_at(now, LOCAL.timing) == now + LOCAL.timing.settle
    told = [subject for subject, _ in conductor.parts.notifications.published]
    assert len([each for each in told if "READ_V2" in each]) == 1
    (settled,) = (
        each for each in conductor.world.ledger.audit("personnel", 9) if "settle" in each.action
    )
    assert "READ_V2 settles from now" in settled.reason
