"""Moves: each guard is asked for, an abort is not, and of two who move at once one is refused."""

from dataclasses import replace
from typing import Any

import pytest

from shared.engine.archive import export_source
from shared.engine.cutover import approve, move, move_by_hand, reopen, request_approval
from shared.engine.guards import CHECKS, missing, raises_share
from shared.model.alarms import AlarmState
from shared.model.control import AuditEntry, ControlState, Hold
from shared.model.environment import LOCAL
from shared.model.errors import CutoverError, GuardRefused, InvalidInput, OutcomeUnknown, Superseded
from shared.model.moves import MOVES, PAIRED_MOVES, Guard, Move, move_between
from shared.model.phases import PAIRED, Phase
from shared.model.runs import RunKind
from shared.model.writes import Side
from tests.unit.engine.conductor import (
    AVAILABILITY_FIRST,
    Conductor,
    key,
    legacy,
    stage,
    way_through,
)
from tests.unit.engine.watched import Killed, Lose

SOURCE = "sitelogix-personnel"
LACKS = [(each, guard) for each in PAIRED_MOVES for guard in sorted(each.guards)]


def set_state(conductor: Conductor, **fields: Any) -> None:
    """Change the control item behind the engine's back."""
    state = conductor.state
    entry = AuditEntry(state.migration, 0.0, state.epoch, "test", "test", "")
    changed = replace(state, revision=state.revision + 1, **fields)
    conductor.world.control.write(changed, state.revision, entry)


def by_hand(conductor: Conductor, to: Phase, percent: int | None = None) -> ControlState:
    return move_by_hand(conductor.world, to, percent, actor="Ada", reason="a test")


def ready(each: Move) -> Conductor:
    """Return a migration for which every guard of a move holds."""
    migration = way_through(each.start, each.end)
    conductor = stage(legacy("A"), legacy("X", active="yes"), migration=migration)
    conductor.migrate(approve="auto", until="DUAL_WRITE", exclude=["X"])
    set_state(conductor, released=True)
    conductor.go_to(each.start)
    if each.start is Phase.OFF:
        conductor.dry_run()
    if Guard.BACKFILLED in each.guards:
        conductor.backfill()
    if Guard.CERTIFICATE in each.guards:
        conductor.validate()
    if Guard.EXPORT_VERIFIED in each.guards:
        set_state(conductor, exported="arn:export")
    conductor.settle()
    if Guard.APPROVED in each.guards:
        conductor.approve(each.end)
    return conductor


def spoil(conductor: Conductor, guard: Guard) -> None:
    """Make one guard fail that held."""
    now = conductor.parts.clock.wall()
    match guard:
        case Guard.SETTLED:
            # As after a move from a class that is not where the next move leads.
            set_state(conductor, group_since=now, previous=conductor.phase)
        case Guard.SOAKED:
            set_state(conductor, since=now)
        case Guard.DRY_RUN:
            set_state(conductor, dry_run=None)
        case Guard.BACKFILLED:
            set_state(conductor, backfilled=None)
        case Guard.SYNCED:
            conductor.parts.syncs.ask([key("A")])
        case Guard.CERTIFICATE:
            set_state(conductor, certificate=None)
        case Guard.EXPORT_VERIFIED:
            set_state(conductor, exported=None)
        case Guard.EXCLUSIONS_RELEASED:
            set_state(conductor, released=False)
        case Guard.ACKNOWLEDGED:
            hold = Hold("cutover-personnel-watch", "event-1", now, Phase.READ_N, "rollback")
            set_state(conductor, hold=hold)
        case Guard.QUIET:
            conductor.parts.alarms.put("cutover-personnel-watch", AlarmState.ALARM, "errors", now)
        case Guard.APPROVED:
            set_state(conductor, epoch=conductor.state.epoch + 1)


@pytest.mark.parametrize("each", PAIRED_MOVES, ids=lambda each: f"{each.start}-{each.end}")
def test_a_move_when_every_guard_holds_expects_the_phase_the_epoch_and_an_audit_entry(
    each: Move,
) -> None:
    conductor = ready(each)
    before = conductor.state
    after = by_hand(conductor, each.end)
    assert conductor.state == after
    assert (after.phase, after.epoch) == (each.end, before.epoch + 1)
    newest = conductor.world.ledger.audit("personnel", 1)[0]
    assert (newest.actor, newest.reason, newest.action) == ("Ada", "a test", f"move to {each.end}")


@pytest.mark.parametrize(("each", "guard"), LACKS)
def test_a_move_when_one_guard_is_missing_expects_a_refusal_naming_that_one(
    each: Move, guard: Guard
) -> None:
    conductor = ready(each)
    spoil(conductor, guard)
    before = conductor.state
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, each.end)
    assert refusal.value.missing == (guard.value,)
    assert refusal.value.mend
    assert conductor.state == before


@pytest.mark.parametrize("start", list(PAIRED))
@pytest.mark.parametrize("end", list(PAIRED))
def test_a_move_when_not_in_the_table_expects_a_refusal_listing_the_allowed_ones(
    start: Phase, end: Phase
) -> None:
    allowed = [each.end for each in PAIRED_MOVES if each.start is start]
    if end in allowed:
        assert move_between(start, end).end is end
        return
    with pytest.raises(InvalidInput) as refusal:
        move_between(start, end)
    assert all(str(each) in (refusal.value.mend or "") for each in allowed)


def test_every_guard_of_the_table_has_a_check_and_every_check_is_used() -> None:
    assert {guard for each in MOVES for guard in each.guards} == set(CHECKS) == set(Guard)


# -- the single guards


def test_a_guard_of_time_when_missing_expects_the_time_from_which_it_holds() -> None:
    conductor = stage(legacy("A"))
    conductor.migrate(until="DUAL_WRITE")
    (lack, *_) = missing(
        conductor.world, conductor.state, move_between(Phase.DUAL_WRITE, Phase.VALIDATE)
    )
    assert lack.guard is Guard.SETTLED
    assert lack.until == conductor.state.group_since + LOCAL.timing.settle


def test_a_dry_run_when_made_with_another_transform_expects_to_be_no_proof() -> None:
    conductor = stage(legacy("A"))
    conductor.dry_run()
    other = Conductor(conductor.parts, conductor.parts.world(LOCAL, digest="other"))
    with pytest.raises(GuardRefused) as refusal:
        by_hand(other, Phase.DUAL_WRITE)
    assert refusal.value.missing == ("dry_run",)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"digest": "other"}, "it speaks of another transform"),
        ({"protocol": 99}, "it speaks of version 99 of the protocol, not of 1"),
        ({"began_at": 0.0}, " s old; 600 s are allowed"),
        ({"began_at": 9e12}, "a clock is wrong"),
    ],
)
def test_a_certificate_when_old_or_of_something_else_expects_to_be_no_proof_and_says_why(
    change: dict[str, Any], why: str
) -> None:
    conductor = ready(move_between(Phase.VALIDATE, Phase.SHADOW_READ))
    certificate = conductor.state.certificate
    assert certificate is not None
    set_state(conductor, certificate=replace(certificate, **change))
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, Phase.SHADOW_READ)
    assert refusal.value.missing == ("certificate",)
    assert why in refusal.value.message


def test_a_higher_share_when_not_soaked_or_not_certified_expects_a_refusal_and_a_lower_none() -> (
    None
):
    conductor = stage(legacy("A"), phase=Phase.SHADOW_READ)
    conductor.migrate(approve="auto", until="READ_N", ramp=[50])
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, Phase.READ_N, 60)
    assert refusal.value.missing == ("soaked",)
    assert by_hand(conductor, Phase.READ_N, 5).percent == 5
    conductor.settle()
    set_state(conductor, certificate=None)
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, Phase.READ_N, 60)
    assert refusal.value.missing == ("certificate",)
    assert raises_share(conductor.world, conductor.state, 60).guards == {
        Guard.ACKNOWLEDGED,
        Guard.SOAKED,
        Guard.QUIET,
        Guard.CERTIFICATE,
    }
    for to, percent in ((Phase.READ_N, None), (Phase.READ_V2, 50)):
        if to is Phase.READ_N:
            with pytest.raises(InvalidInput):
                by_hand(conductor, to, percent)


# -- approvals


def test_an_approval_when_expired_expects_to_be_asked_again_and_no_waking() -> None:
    conductor = ready(move_between(Phase.READ_V2, Phase.WRITE_V2_ONLY))
    conductor.pass_time(LOCAL.approval_age + 1)
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, Phase.WRITE_V2_ONLY)
    assert refusal.value.missing == ("approved",)
    run = conductor.begin_journey(RunKind.MIGRATE, until="WRITE_V2_ONLY")
    request_approval(conductor.world, run.run_id, Phase.WRITE_V2_ONLY, "token")
    assert conductor.parts.executions.woken == []
    conductor.approve(Phase.WRITE_V2_ONLY)
    assert conductor.parts.executions.woken == [("token", Phase.WRITE_V2_ONLY)]


def test_an_approval_when_it_was_there_first_expects_the_waiting_workflow_woken_at_once() -> None:
    conductor = ready(move_between(Phase.READ_V2, Phase.WRITE_V2_ONLY))
    run = conductor.begin_journey(RunKind.MIGRATE, until="WRITE_V2_ONLY")
    request_approval(conductor.world, run.run_id, Phase.WRITE_V2_ONLY, "token")
    assert conductor.parts.executions.woken == [("token", Phase.WRITE_V2_ONLY)]


def test_an_approval_when_of_an_earlier_visit_expects_to_be_void() -> None:
    conductor = ready(move_between(Phase.SHADOW_READ, Phase.READ_N))
    by_hand(conductor, Phase.VALIDATE)
    by_hand(conductor, Phase.SHADOW_READ)
    conductor.settle()
    with pytest.raises(GuardRefused) as refusal:
        by_hand(conductor, Phase.READ_N)
    assert refusal.value.missing == ("approved",)


@pytest.mark.parametrize("table", [None, "", "sitelogix-personnel-v2", SOURCE.upper()])
def test_an_approval_of_deletion_when_it_does_not_repeat_the_name_expects_a_refusal(
    table: str | None,
) -> None:
    conductor = stage(legacy("A"), phase=Phase.ARCHIVED)
    with pytest.raises(GuardRefused) as refusal:
        approve(conductor.world, Phase.DECOMMISSIONED, approver="Ada", reason="", table=table)
    assert refusal.value.field == "table"
    assert conductor.world.ledger.approval("personnel", Phase.DECOMMISSIONED) is None


@pytest.mark.parametrize("gate", [Phase.READ_V2, Phase.VALIDATE, Phase.SHADOW_READ])
def test_an_approval_when_the_phase_is_not_the_next_one_forward_expects_a_refusal(
    gate: Phase,
) -> None:
    conductor = stage(legacy("A"), phase=Phase.SHADOW_READ)
    with pytest.raises(CutoverError):
        conductor.approve(gate)
    assert conductor.world.ledger.approval("personnel", gate) is None


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
    assert state.group_since == conductor.parts.clock.wall()


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


# -- a mover that stands still


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
    assert state.settled_at(LOCAL.timing) == settled_at
    assert conductor.go_on(run).phase is Phase.READ_V2
