"""Moves: one is taken back without guards, of two who move at once one is refused."""

import pytest

from shared.engine.archive import export_source
from shared.engine.cutover import move, reopen
from shared.model.control import ControlState
from shared.model.environment import LOCAL
from shared.model.errors import GuardRefused, Superseded
from shared.model.moves import PAIRED_MOVES, move_between
from shared.model.phases import PAIRED, Phase
from shared.model.runs import RunKind
from shared.model.writes import Side
from tests.unit.engine.conductor import AVAILABILITY_FIRST, Conductor, key, legacy, stage
from tests.unit.engine.moving import by_hand, ready, set_state
from tests.unit.engine.watched import Killed

SOURCE = "sitelogix-personnel"

# -- aborts


ABORTS = [
    (Phase.OFF, Phase.DUAL_WRITE, Phase.OFF),
    (Phase.SHADOW_READ, Phase.READ_N, Phase.SHADOW_READ),
    (Phase.READ_N, Phase.READ_V2, Phase.READ_N),
    (Phase.READ_V2, Phase.WRITE_V2_ONLY, Phase.READ_V2),
    (Phase.READ_V2, Phase.V2_AF, Phase.READ_V2),
    (Phase.V2_AF, Phase.WRITE_V2_ONLY, Phase.V2_AF),
]


@pytest.mark.parametrize(("start", "over", "back"), ABORTS)
def test_an_unsettled_move_when_taken_back_expects_it_at_once_and_without_a_certificate(
    start: Phase, over: Phase, back: Phase
) -> None:
    conductor = ready(move_between(start, over))
    by_hand(conductor, over)
    set_state(conductor, certificate=None)
    assert by_hand(conductor, back).phase is back


@pytest.mark.parametrize(("start", "over", "back"), ABORTS[1:])
def test_an_abort_when_followed_by_another_step_back_expects_it_to_wait_for_settle(
    start: Phase, over: Phase, back: Phase
) -> None:
    conductor = ready(move_between(start, over))
    by_hand(conductor, over)
    by_hand(conductor, back)
    end = next(m.end for m in PAIRED_MOVES if m.start is back and not m.forward)
    if move_between(back, end).guards:
        with pytest.raises(GuardRefused) as refusal:
            by_hand(conductor, end)
        assert "settled" in refusal.value.missing


@pytest.mark.parametrize(("start", "over", "back"), ABORTS[2:])
def test_a_settled_move_when_taken_back_expects_its_guards(
    start: Phase, over: Phase, back: Phase
) -> None:
    conductor = ready(move_between(start, over))
    by_hand(conductor, over)
    set_state(conductor, certificate=None)
    conductor.settle()
    if over is Phase.READ_V2:
        with pytest.raises(GuardRefused) as refusal:
            by_hand(conductor, back)
        assert refusal.value.missing == ("certificate",)
    else:
        assert by_hand(conductor, back).certificate is None


# -- two who move at once


def test_a_move_when_somebody_else_was_faster_expects_superseded_and_their_state() -> None:
    conductor = ready(move_between(Phase.READ_N, Phase.READ_V2))
    theirs: list[ControlState] = []

    def faster(name: str) -> None:
        if name == "write" and not theirs:
            theirs.append(by_hand(conductor, Phase.SHADOW_READ))

    with pytest.raises(Superseded):
        by_hand(conductor.watched(before=faster, port="control"), Phase.READ_V2)
    assert conductor.state == theirs[0]


def test_a_journeys_move_when_its_answer_was_lost_expects_to_be_made_once() -> None:
    conductor = ready(move_between(Phase.DUAL_WRITE, Phase.VALIDATE))
    run = conductor.begin_journey(RunKind.MIGRATE)
    first = move(conductor.world, run.run_id, Phase.VALIDATE, None)
    ledger = conductor.world.ledger
    stored = ledger.load(run.run_id)
    assert stored is not None
    ledger.save(stored.with_facts(epoch=first.epoch - 1))
    assert move(conductor.world, run.run_id, Phase.VALIDATE, None) == first
    ledger.save(stored.with_facts(epoch=first.epoch - 2))
    with pytest.raises(Superseded):
        move(conductor.world, run.run_id, Phase.VALIDATE, None)


# -- reopening


@pytest.mark.parametrize("phase", [p for p in PAIRED if p is not Phase.OFF])
def test_a_changed_transform_when_not_reopened_expects_no_way_on_and_after_it_all_proofs_anew(
    phase: Phase,
) -> None:
    conductor = stage(legacy("A"), phase=phase, migration=AVAILABILITY_FIRST)
    other = Conductor(conductor.parts, conductor.parts.world(LOCAL, digest="other"))
    for each in PAIRED_MOVES:
        if each.start is phase and each.forward:
            with pytest.raises(GuardRefused) as refusal:
                by_hand(other, each.end)
            assert refusal.value.missing == ("digest",)
    before = conductor.state
    state = reopen(other.world, actor="Ada", reason="mended the transform")
    assert (state.digest, state.certificate, state.epoch) == ("other", None, before.epoch + 1)
    assert state.class_change.seen == conductor.parts.clock.wall()


@pytest.mark.parametrize("phase", [Phase.DUAL_WRITE, Phase.READ_N, Phase.READ_V2])
def test_a_changed_transform_when_readers_go_home_keeps_nobody_but_from_an_unproven_v1(
    phase: Phase,
) -> None:
    conductor = stage(legacy("A"), phase=phase)
    other = Conductor(conductor.parts, conductor.parts.world(LOCAL, digest="other"))
    back = next(each.end for each in PAIRED_MOVES if each.start is phase and not each.forward)
    if phase is Phase.READ_V2:
        with pytest.raises(GuardRefused) as refusal:
            by_hand(other, back)
        assert "certificate" in refusal.value.missing
    else:
        by_hand(other, back)
        assert conductor.phase is back


def test_a_reopened_migration_when_going_back_from_read_v2_expects_a_certificate_first() -> None:
    conductor = stage(legacy("A"), phase=Phase.READ_V2)
    reopen(conductor.world, actor="Ada", reason="mended the transform")
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, Phase.READ_N)
    assert set(refusal.value.missing) == {"settled", "certificate"}
    assert conductor.rollback(to_phase="OFF").run_id


# -- opening v1 again


def test_v1_when_an_archive_closes_it_while_it_is_rolled_back_expects_it_open_in_the_end() -> None:
    for port, call in (("administration", "deny_writes"), ("control", "read")):
        for side in ("before", "after"):
            conductor = stage(legacy("A"), phase=Phase.WRITE_V2_ONLY)
            run = conductor.begin_journey(RunKind.MIGRATE, approve="auto", until="ARCHIVED")
            moved: list[ControlState] = []

            def back(
                name: str,
                call: str = call,
                moved: list[ControlState] = moved,
                conductor: Conductor = conductor,
            ) -> None:
                if name == call and conductor.phase is Phase.WRITE_V2_ONLY and not moved:
                    moved.append(conductor.state)
                    moved.append(by_hand(conductor, Phase.READ_V2))

            racing = conductor.watched(**{side: back}, port=port)
            with pytest.raises(Superseded):
                racing.go_on(run)
            assert len(moved) == 2
            assert not conductor.world.administration.writes_denied(Side.SOURCE)
            conductor.settle()
            assert conductor.records().update(key("A"), {"role": "admin"}, (), None).version == 1


def test_v1_when_closing_it_died_before_a_rollback_was_seen_expects_it_open_in_the_end() -> None:
    conductor = stage(legacy("A"), phase=Phase.WRITE_V2_ONLY)
    run = conductor.begin_journey(RunKind.MIGRATE, approve="auto", until="ARCHIVED")

    def back_and_die(name: str) -> None:
        if name == "deny_writes":
            by_hand(conductor, Phase.READ_V2)
            conductor.world.administration.deny_writes(Side.SOURCE)
            raise Killed(name)

    dying = conductor.watched(before=back_and_die, port="administration")
    with pytest.raises(Killed):
        export_source(dying.world, run.run_id, "archive")
    assert conductor.world.administration.writes_denied(Side.SOURCE)
    with pytest.raises(Superseded):
        export_source(conductor.world, run.run_id, "archive")
    assert not conductor.world.administration.writes_denied(Side.SOURCE)


# -- the long watch


def test_v2_as_primary_when_not_all_reads_were_watched_expects_a_refusal() -> None:
    conductor = stage(legacy("A"), phase=Phase.READ_N, percent=10)
    conductor.approve(Phase.READ_V2)
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, Phase.READ_V2)
    assert refusal.value.missing == ("soaked",)


def test_a_ramp_when_it_ends_below_all_reads_expects_all_reads_before_v2_is_primary() -> None:
    conductor = stage(legacy("A"))
    shares: list[int] = []
    conductor.migrate(lambda _: shares.append(conductor.state.percent), approve="auto", ramp=[5])
    assert list(dict.fromkeys(shares)) == [0, 5, 100]
    assert conductor.phase is Phase.READ_V2
