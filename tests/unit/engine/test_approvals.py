"""Approvals: by another person than the one who asked, and of each share where that is declared."""

from dataclasses import replace

import pytest

from shared.engine.cutover import approve, move_by_hand, request_approval
from shared.engine.diagnosis import diagnose
from shared.engine.itinerary import Step
from shared.engine.journey import begin_journey, finish_journey, plan_step
from shared.engine.mending import mend
from shared.engine.overview import overview
from shared.model.control import AuditEntry
from shared.model.environment import LOCAL
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from tests.unit.engine.conductor import Conductor, legacy, stage

STRICT = replace(LOCAL, approves_alone=False)
ADA = "arn:aws:iam::123456789012:user/ada"
BOB = "arn:aws:iam::123456789012:user/bob"
ASSUMED = "arn:aws:sts::123456789012:assumed-role"


def staged(phase: Phase = Phase.SHADOW_READ, percent: int = 100, **changes: bool) -> Conductor:
    environment = replace(STRICT, **changes)
    conductor = stage(legacy("a"), phase=phase, percent=percent)
    return Conductor(conductor.parts, conductor.parts.world(environment))


def asked(conductor: Conductor, who: str, until: str = "READ_N") -> Run:
    """Begin a migrate that somebody asked for by the command."""
    execution = conductor.execution()
    now = conductor.parts.clock.wall()
    entry = AuditEntry("personnel", now, 0, "ask for migrate", who, "", execution)
    conductor.world.ledger.record(entry)
    given = {"migration": "personnel", "until": until, "ramp": [10]}
    return begin_journey(conductor.world, RunKind.MIGRATE, given, execution)


def unasked(conductor: Conductor) -> Run:
    """Begin a migrate that was started past the command."""
    given = {"migration": "personnel", "until": "READ_N"}
    return begin_journey(conductor.world, RunKind.MIGRATE, given, conductor.execution())


def give(conductor: Conductor, who: str, gate: Phase = Phase.READ_N) -> None:
    approve(conductor.world, gate, approver=who, reason="looks good")


def test_an_approval_when_by_its_own_requester_expects_a_refusal_that_stores_nothing() -> None:
    conductor = staged()
    run = asked(conductor, ADA)
    with pytest.raises(GuardRefused, match="was asked for by") as refusal:
        give(conductor, ADA)
    assert (refusal.value.missing, refusal.value.run_id) == (("approved",), run.run_id)
    assert "another person" in (refusal.value.mend or "")
    assert conductor.world.ledger.approval("personnel", Phase.READ_N) is None
    give(conductor, BOB)
    approval = conductor.world.ledger.approval("personnel", Phase.READ_N)
    assert approval is not None
    assert approval.approver == BOB


def test_an_approval_when_given_before_its_requester_asks_expects_the_journey_to_wait() -> None:
    conductor = staged()
    give(conductor, ADA)
    run = asked(conductor, ADA)
    reasons: list[str] = []

    def other(step: Step) -> None:
        if step.kind == "APPROVE":
            reasons.append(step.reason)
            give(conductor, BOB)

    ended = conductor.go_on(run, other)
    assert (ended.status, conductor.phase) == (RunStatus.SUCCEEDED, Phase.READ_N)
    assert len(reasons) == 1
    assert "who asked for it: another person approves" in reasons[0]


def test_an_approval_when_its_giver_moves_by_hand_expects_a_refusal_and_another_may() -> None:
    conductor = staged()
    give(conductor, ADA)
    with pytest.raises(GuardRefused, match="another person approves") as refusal:
        move_by_hand(conductor.world, Phase.READ_N, 1, actor=ADA, reason="")
    assert refusal.value.missing == ("approved",)
    moved = move_by_hand(conductor.world, Phase.READ_N, 1, actor=BOB, reason="")
    assert moved.phase is Phase.READ_N


@pytest.mark.parametrize(
    ("asker", "approver"),
    [
        (f"{ASSUMED}/operator/ada@example.com", f"{ASSUMED}/approver/ada@example.com"),
        (f"{ASSUMED}/operator/ada@example.com", f"{ASSUMED}/operator/ada@example.com"),
        (f"{ASSUMED}/operator/ada@example.com", f"{ASSUMED}/operator/Ada@Example.com"),
        (ADA, f"{ASSUMED}/approver/ada"),
        (f"{ASSUMED}/operator/ada", ADA),
    ],
)
def test_a_person_when_in_another_role_expects_to_be_the_same(asker: str, approver: str) -> None:
    conductor = staged()
    asked(conductor, asker)
    with pytest.raises(GuardRefused):
        give(conductor, approver)
    give(conductor, f"{ASSUMED}/approver/bob@example.com")


MADE_UP = (
    "botocore-session-1700000000",
    "aws-sdk-js-1700000000000",
    "aws-go-sdk-1700000000000000000",
    "1700000000000000000",
    "i-0123456789abcdef0",
)
"""What tools and machines call a session; the next one has another name, and one person both."""


@pytest.mark.parametrize("made_up", MADE_UP)
def test_an_approval_when_its_session_has_a_made_up_name_expects_a_refusal_that_stores_nothing(
    made_up: str,
) -> None:
    conductor = staged()
    asked(conductor, ADA)
    with pytest.raises(GuardRefused, match="says nothing of who approves") as refusal:
        give(conductor, f"{ASSUMED}/operator/{made_up}")
    assert "role_session_name" in (refusal.value.mend or "")
    assert conductor.world.ledger.approval("personnel", Phase.READ_N) is None


@pytest.mark.parametrize("made_up", MADE_UP)
def test_a_journey_when_its_asker_has_a_made_up_name_expects_two_people_to_approve(
    made_up: str,
) -> None:
    conductor = staged()
    run = asked(conductor, f"{ASSUMED}/operator/{made_up}")
    assert run.facts["requester"] is None
    request_approval(conductor.world, run.run_id, Phase.READ_N, run.run_id)
    give(conductor, ADA)
    assert conductor.parts.executions.woken == []
    give(conductor, BOB)
    assert conductor.parts.executions.woken == [(run.run_id, Phase.READ_N)]


def test_a_move_by_hand_when_its_maker_has_a_made_up_name_expects_two_people_to_approve() -> None:
    conductor, maker = staged(), f"{ASSUMED}/operator/botocore-session-1700000000"
    give(conductor, ADA)
    with pytest.raises(GuardRefused, match="nobody knows who asked"):
        move_by_hand(conductor.world, Phase.READ_N, 1, actor=maker, reason="")
    give(conductor, BOB)
    assert move_by_hand(conductor.world, Phase.READ_N, 1, actor=maker, reason="").percent == 1


@pytest.mark.parametrize("name", ["ada@example.com", "i-am-ada", "botocore-session-ada", "7"])
def test_a_person_when_named_as_people_are_expects_to_approve(name: str) -> None:
    conductor = staged()
    asked(conductor, BOB)
    give(conductor, f"{ASSUMED}/approver/{name}")


def test_excluded_records_when_released_by_who_asks_expect_another_person_to_release_them() -> None:
    conductor = stage(legacy("a"), legacy("x", active="yes"))
    conductor.migrate(approve="auto", until="DUAL_WRITE", exclude=["x"])
    conductor.go_to(Phase.WRITE_V2_ONLY)
    conductor = Conductor(conductor.parts, conductor.parts.world(STRICT))
    conductor.settle()
    gate, world = Phase.ARCHIVED, conductor.world
    approve(world, gate, approver=ADA, reason="", releases_exclusions=True)
    give(conductor, BOB, gate)
    with pytest.raises(GuardRefused, match="released by the one who asked") as refusal:
        move_by_hand(world, gate, None, actor=ADA, reason="")
    assert "exclusions_released" in refusal.value.missing
    approve(world, gate, approver=BOB, reason="", releases_exclusions=True)
    with pytest.raises(GuardRefused) as refusal:
        move_by_hand(world, gate, None, actor=ADA, reason="")
    assert refusal.value.missing == ("export_verified",)


@pytest.mark.parametrize("word", [True, False])
def test_a_journey_when_doctor_starts_it_again_expects_its_requester_to_be_the_same(
    word: bool,
) -> None:
    conductor = staged()
    machine = "arn:aws:states:us-east-1:123456789012:execution:cutover-personnel-migrate"
    conductor.names.append(f"{machine}:first")
    lost = asked(conductor, ADA) if word else unasked(conductor)
    conductor.end_execution(lost)
    found = next(each for each in diagnose(conductor.world) if each.subject == lost.run_id)
    mend(conductor.world, found, actor=BOB if word else ADA, reason="it stopped")
    ((name, (kind, given)),) = conductor.parts.executions.started.items()
    execution = f"{machine}:{name}"
    conductor.parts.executions.under_way.add(execution)
    begin_journey(conductor.world, kind, given, execution)
    with pytest.raises(GuardRefused, match="was asked for by"):
        give(conductor, ADA)
    give(conductor, BOB)


@pytest.mark.parametrize("order", [(ADA, BOB), (BOB, ADA)])
def test_a_journey_when_nobody_is_known_to_have_asked_expects_two_people_to_approve(
    order: tuple[str, str],
) -> None:
    conductor = staged()
    run = unasked(conductor)
    first, second = order
    reasons: list[str] = []

    def both(step: Step) -> None:
        if step.kind == "APPROVE":
            reasons.append(step.reason)
            request_approval(conductor.world, run.run_id, Phase.READ_N, run.run_id)
            for who in (first, first, f"{ASSUMED}/approver/{first.rpartition('/')[2].upper()}"):
                give(conductor, who)
                assert conductor.parts.executions.woken == []
                (lack,) = overview(conductor.world).lacks
                assert "nobody knows who asked: another person approves" in lack.reason
            give(conductor, second)
            assert conductor.parts.executions.woken == [(run.run_id, Phase.READ_N)]
            conductor.parts.executions.woken.clear()

    ended = conductor.go_on(run, both)
    assert (ended.status, conductor.phase) == (RunStatus.SUCCEEDED, Phase.READ_N)
    assert len(reasons) == 1
    told = " ".join(body for _, body in conductor.parts.notifications.published)
    assert "Nobody knows who that was: two people approve it." in " ".join(told.split())


def test_an_approval_when_too_old_or_of_another_epoch_expects_not_to_be_the_first_of_two() -> None:
    conductor = staged()
    give(conductor, ADA)
    conductor.pass_time(conductor.world.environment.approval_age + 1)
    give(conductor, BOB)
    approval = conductor.world.ledger.approval("personnel", Phase.READ_N)
    assert approval is not None
    assert (approval.approver, approval.second) == (BOB, None)
    give(conductor, ADA)
    conductor.validate()
    move_by_hand(conductor.world, Phase.READ_N, 1, actor=ADA, reason="")  # BOB gave it as well
    conductor.rollback(to_phase="SHADOW_READ")
    give(conductor, ADA)
    approval = conductor.world.ledger.approval("personnel", Phase.READ_N)
    assert approval is not None
    assert approval.second is None


def test_an_automatic_journey_when_nobody_is_known_to_have_asked_expects_its_own_approval() -> None:
    conductor = staged()
    ended = conductor.migrate(approve="auto", until="READ_N", ramp=[10])
    assert (ended.status, conductor.phase) == (RunStatus.SUCCEEDED, Phase.READ_N)
    give(conductor, BOB, Phase.READ_V2)
    approval = conductor.world.ledger.approval("personnel", Phase.READ_V2)
    assert approval is not None
    assert approval.second is None


def test_excluded_records_when_nobody_is_known_to_ask_expect_two_people_to_release_them() -> None:
    conductor = stage(legacy("a"), legacy("x", active="yes"))
    conductor.migrate(approve="auto", until="DUAL_WRITE", exclude=["x"])
    conductor.go_to(Phase.WRITE_V2_ONLY)
    conductor = Conductor(conductor.parts, conductor.parts.world(STRICT))
    conductor.settle()
    gate, world = Phase.ARCHIVED, conductor.world
    given = {"migration": "personnel", "until": "ARCHIVED"}
    run = begin_journey(world, RunKind.MIGRATE, given, conductor.execution())
    approve(world, gate, approver=ADA, reason="", releases_exclusions=True)
    give(conductor, BOB, gate)
    assert plan_step(world, run.run_id).kind == "FINISH"
    stored = world.ledger.load(run.run_id)
    assert stored is not None
    assert "another person releases them as well" in str(stored.facts["held"])
    approve(world, gate, approver=BOB, reason="", releases_exclusions=True)
    assert (conductor.state.releaser, conductor.state.co_releaser) == (BOB, ADA)
    approve(world, gate, approver=ADA, reason="", releases_exclusions=True)
    conductor.end_execution(finish_journey(world, run.run_id))
    run = begin_journey(world, RunKind.MIGRATE, given, conductor.execution())
    assert plan_step(world, run.run_id).kind == "ARCHIVE"


def test_a_person_when_alone_in_the_local_cloud_expects_to_approve_alone() -> None:
    conductor = staged(approves_alone=True)
    run = asked(conductor, ADA)
    give(conductor, ADA)
    assert conductor.go_on(run).status is RunStatus.SUCCEEDED


def test_a_requester_when_another_journey_was_asked_for_before_expects_the_right_one() -> None:
    conductor = staged()
    asked(conductor, BOB)
    conductor.parts.executions.under_way.clear()
    asked(conductor, ADA)
    give(conductor, BOB)
    with pytest.raises(GuardRefused):
        give(conductor, ADA)


# -- each share of the ramp, where that is declared


def test_the_ramp_when_each_share_is_approved_expects_a_question_at_every_step() -> None:
    conductor = staged(approves_each_share=True)
    gates: list[tuple[Phase | None, int]] = []

    def note(step: Step) -> None:
        if step.kind == "APPROVE":
            gates.append((step.gate, conductor.state.percent))

    conductor.migrate(note, until="READ_N", ramp=[1, 10, 100])
    assert gates == [(Phase.READ_N, 0), (Phase.READ_N, 1), (Phase.READ_N, 10)]
    assert conductor.state.percent == 100


def test_a_share_when_it_needs_no_approval_expects_none_to_be_taken() -> None:
    for conductor in (staged(Phase.READ_N, 10), staged(Phase.READ_N, approves_each_share=True)):
        with pytest.raises(InvalidInput):
            give(conductor, BOB)


def test_a_share_when_approved_expects_it_to_count_for_one_step() -> None:
    conductor = staged(Phase.READ_N, 10, approves_each_share=True)
    conductor.settle()
    with pytest.raises(GuardRefused) as refusal:
        move_by_hand(conductor.world, Phase.READ_N, 20, actor=ADA, reason="")
    assert refusal.value.missing == ("approved",)
    give(conductor, BOB)
    move_by_hand(conductor.world, Phase.READ_N, 20, actor=ADA, reason="")
    conductor.settle()
    with pytest.raises(GuardRefused) as refusal:
        move_by_hand(conductor.world, Phase.READ_N, 30, actor=ADA, reason="")
    assert refusal.value.missing == ("approved",)


def test_an_advance_when_the_certificate_is_void_expects_a_refusal_that_says_so() -> None:
    conductor = staged(Phase.READ_N)
    give(conductor, BOB, Phase.READ_V2)
    conductor.settle()
    conductor.world.control.write(
        replace(conductor.state.voided(), revision=conductor.state.revision + 1),
        conductor.state.revision,
        AuditEntry("personnel", 0.0, 0, "void certificate", "tripwire", ""),
    )
    with pytest.raises(GuardRefused, match="no certificate: it was never granted, or void"):
        move_by_hand(conductor.world, Phase.READ_V2, None, actor=ADA, reason="")


def test_a_journey_when_its_wait_for_another_approval_ends_expects_the_question_again() -> None:
    conductor = staged()
    give(conductor, ADA)
    run = asked(conductor, ADA)
    for _ in range(2):
        step = plan_step(conductor.world, run.run_id)
        assert (step.kind, step.gate) == ("APPROVE", Phase.READ_N)
