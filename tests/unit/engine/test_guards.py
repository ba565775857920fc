"""Guards: a move asks for each of its own, and says which is missing and until when."""

from dataclasses import replace
from typing import Any

import pytest

from shared.engine.cutover import approve, request_approval
from shared.engine.guards import CHECKS, missing, raises_share
from shared.model.alarms import AlarmState
from shared.model.control import Change, Hold
from shared.model.environment import LOCAL
from shared.model.errors import CutoverError, GuardRefused, InvalidInput
from shared.model.moves import MOVES, PAIRED_MOVES, Guard, Move, move_between
from shared.model.phases import PAIRED, Phase
from shared.model.runs import RunKind
from tests.unit.engine.conductor import Conductor, key, legacy, stage
from tests.unit.engine.moving import by_hand, ready, set_state

SOURCE = "sitelogix-personnel"
LACKS = [(each, guard) for each in PAIRED_MOVES for guard in sorted(each.guards)]


def spoil(conductor: Conductor, guard: Guard) -> None:
    """Make one guard fail that held."""
    now = conductor.parts.clock.wall()
    match guard:
        case Guard.SETTLED:
            # As after a move from a class that is not where the next move leads.
            set_state(conductor, class_change=Change(now, now), previous=conductor.phase)
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
    assert lack.until == conductor.state.settled_at(0.0, LOCAL.timing)


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
