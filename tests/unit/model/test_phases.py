"""The table of moves, and what a move does to the certificate."""

from dataclasses import replace
from itertools import pairwise, permutations

import pytest

from shared.model.control import PROTOCOL, Certificate, Change, ControlState
from shared.model.environment import LOCAL, Timing
from shared.model.errors import InvalidInput
from shared.model.moves import MOVES, PAIRED_MOVES, Guard, Move, move_between, next_towards
from shared.model.phases import CERTIFIED, DETOURS, DIRECT, IN_PLACE, PAIRED, Phase, PhaseClass
from shared.model.writes import Side

FORWARD = [move for move in MOVES if move.forward]
BACKWARD = [move for move in MOVES if not move.forward]
WITH_CERTIFICATE = {
    (Phase.VALIDATE, Phase.SHADOW_READ),
    (Phase.SHADOW_READ, Phase.READ_N),
    (Phase.READ_N, Phase.READ_V2),
    (Phase.READ_V2, Phase.READ_N),
    (Phase.VALIDATE, Phase.DONE),
}
CERTIFICATE = Certificate("run", 100.0, 110.0, 3, Phase.VALIDATE, "d", PROTOCOL, 5, 0, 0, "uri")


def named(move: Move) -> str:
    return f"{move.start}-{move.end}"


def test_moves_forward_are_each_phase_to_its_next_on_either_way() -> None:
    ahead = [(move.start, move.end) for move in FORWARD]
    assert len(ahead) == len(set(ahead))
    assert set(ahead) == {*pairwise(DIRECT), *pairwise(PAIRED), *pairwise(IN_PLACE)}


def test_moves_back_are_each_phase_to_the_one_before_but_for_the_last() -> None:
    back = [(move.start, move.end) for move in BACKWARD]
    assert len(back) == len(set(back))
    ways = {*pairwise(DIRECT[:-1]), *pairwise(PAIRED[:-1]), *pairwise(IN_PLACE)}
    assert set(back) == {(end, start) for start, end in ways}


@pytest.mark.parametrize("move", MOVES, ids=named)
def test_move_is_found_by_its_ends_and_says_why(move: Move) -> None:
    assert move_between(move.start, move.end) is move
    assert move.reason


def test_move_that_is_not_declared_names_the_ones_that_are() -> None:
    with pytest.raises(InvalidInput) as caught:
        move_between(Phase.OFF, Phase.READ_V2)
    assert caught.value.mend is not None
    assert Phase.DUAL_WRITE in caught.value.mend
    with pytest.raises(InvalidInput) as caught:
        move_between(Phase.DECOMMISSIONED, Phase.ARCHIVED)
    assert "none" in str(caught.value.mend)


@pytest.mark.parametrize("move", MOVES, ids=named)
def test_certificate_is_asked_for_exactly_where_readers_move(move: Move) -> None:
    asked = Guard.CERTIFICATE in move.guards
    assert asked is ((move.start, move.end) in WITH_CERTIFICATE)


@pytest.mark.parametrize("move", FORWARD, ids=named)
def test_move_forward_waits_for_the_one_before_to_settle(move: Move) -> None:
    assert Guard.SETTLED in move.guards


def test_deletion_asks_for_approval_soak_and_a_verified_export() -> None:
    guards = move_between(Phase.ARCHIVED, Phase.DECOMMISSIONED).guards
    assert guards >= {Guard.APPROVED, Guard.SOAKED, Guard.EXPORT_VERIFIED}


def test_path_between_any_two_phases_is_of_declared_moves() -> None:
    for way in (DIRECT, PAIRED, IN_PLACE):
        for start, goal in permutations(way, 2):
            if start is Phase.DECOMMISSIONED:
                continue
            at, steps = start, 0
            while at is not goal:
                at = move_between(at, next_towards(at, goal, way)).end
                steps += 1
            assert steps == abs(way.index(goal) - way.index(start))


@pytest.mark.parametrize("detour", DETOURS)
def test_way_out_of_a_detour_that_is_no_longer_declared_leads_to_its_neighbours(
    detour: Phase,
) -> None:
    ahead = next_towards(detour, Phase.DECOMMISSIONED, DIRECT)
    back = next_towards(detour, Phase.OFF, DIRECT)
    at = PAIRED.index(detour)
    assert (back, ahead) == (PAIRED[at - 1], PAIRED[at + 1])


def test_class_changes_with_every_move_but_inside_dual_and_to_the_archive() -> None:
    inside = {(move.start, move.end) for move in PAIRED_MOVES if move.start.group is move.end.group}
    dual = {Phase.DUAL_WRITE, Phase.VALIDATE, Phase.SHADOW_READ}
    single = {Phase.WRITE_V2_ONLY, Phase.ARCHIVED}
    assert inside == {
        (move.start, move.end)
        for move in PAIRED_MOVES
        if {move.start, move.end} <= dual or {move.start, move.end} <= single
    }


def test_primary_and_dual_are_as_the_protocol_says() -> None:
    target = (Phase.READ_V2, Phase.V2_AF, Phase.WRITE_V2_ONLY, Phase.ARCHIVED, Phase.DECOMMISSIONED)
    for phase in PAIRED:
        assert phase.primary is (Side.TARGET if phase in target else Side.SOURCE)
        assert phase.follows is (phase in DETOURS)
        in_one = phase in (Phase.OFF, *DETOURS) or phase.order >= Phase.WRITE_V2_ONLY.order
        assert phase.dual is not in_one


def test_phase_of_an_unknown_name_lists_all() -> None:
    with pytest.raises(InvalidInput) as caught:
        Phase.named("READ_V3", "until")
    assert caught.value.field == "until"
    assert all(phase in str(caught.value.mend) for phase in Phase)
    assert Phase.named("READ_V2", "until") is Phase.READ_V2


@pytest.mark.parametrize("move", MOVES, ids=named)
def test_certificate_survives_moves_among_classes_that_write_both_and_into_done(move: Move) -> None:
    state = ControlState(
        "m",
        phase=move.start,
        epoch=7,
        voids=2,
        class_change=Change(1.0, 2.0),
        certificate=CERTIFICATE,
    )
    after = state.moved(move.end, 0, now=50.0)
    assert (after.phase, after.epoch, after.since) == (move.end, 8, 50.0)
    kept = {PhaseClass.DUAL, PhaseClass.READ_N, PhaseClass.READ_V2, PhaseClass.DONE}
    survives = move.end.group in kept
    assert survives is (move.end.group in CERTIFIED)
    assert (after.certificate is CERTIFICATE) is survives
    assert after.voids == (2 if survives else 3)
    same_class = move.start.group is move.end.group
    assert after.class_change == (Change(1.0, 2.0) if same_class else Change(50.0))
    assert after.previous == (state.previous if same_class else move.start)


def test_state_settles_and_falls_quiet_after_the_declared_times() -> None:
    timing = Timing(lease=30, operation=10, worker_operation=12)
    state = ControlState("m", class_change=Change(99.0, 100.0), work_stop=Change(99.0, 200.0))
    assert state.settled_at(300.0, timing) == 142.0
    assert state.quiet_at(300.0, timing) == 252.0
    assert LOCAL.timing.settle < 10


def test_state_that_nobody_has_seen_in_force_settles_from_when_it_is_seen() -> None:
    timing = Timing(lease=30, operation=10, worker_operation=12)
    state = ControlState("m", class_change=Change(100.0), work_stop=Change(100.0))
    assert (state.settled_at(500.0, timing), state.quiet_at(500.0, timing)) == (542.0, 552.0)
    seen = state.seen_by(300.0)
    assert (seen.settled_at(500.0, timing), seen.quiet_at(500.0, timing)) == (342.0, 352.0)
    assert seen.seen_by(400.0) == seen
    assert state.seen_by(90.0).class_change == Change(100.0, 100.0)


def test_certificate_is_fresh_while_young_and_of_this_transform() -> None:
    assert CERTIFICATE.fresh(100.0, 60.0, "d")
    assert CERTIFICATE.fresh(160.0, 60.0, "d")
    assert not CERTIFICATE.fresh(160.5, 60.0, "d")
    assert not CERTIFICATE.fresh(99.0, 60.0, "d")
    assert not CERTIFICATE.fresh(100.0, 60.0, "other")
    assert not replace(CERTIFICATE, protocol=PROTOCOL + 1).fresh(100.0, 60.0, "d")
