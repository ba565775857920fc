"""Each disease: made, diagnosed, mended where doctor can, and diagnosed as healthy again."""

from dataclasses import replace
from typing import Any

import pytest

from shared.engine.alarm_answer import acknowledge, answer_alarm
from shared.engine.diagnosis import diagnose
from shared.engine.disease import Diagnosis, Disease
from shared.engine.itinerary import Step
from shared.engine.mending import mend
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import InvalidInput, Refused
from shared.model.phases import PAIRED, Phase
from shared.model.runs import Run, RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, legacy, stage
from tests.unit.engine.test_alarm_answer import ALARM, event
from tests.unit.engine.watched import Killed


def at(phase: Phase, **given: Any) -> Conductor:
    return stage(*(legacy(name) for name in "abcdef"), phase=phase, **given)


def only(conductor: Conductor) -> Diagnosis:
    (found,) = diagnose(conductor.world)
    return found


def mended(conductor: Conductor, found: Diagnosis) -> str:
    """Mend what was found, and return what was done."""
    assert found.mendable
    done = mend(conductor.world, found, actor="ada", reason="paged at night")
    log = conductor.world.ledger.audit("personnel", 50)
    assert (f"mend {found.disease}", "ada", "paged at night") in [
        (each.action, each.actor, each.reason) for each in log
    ]
    return done


def started(conductor: Conductor) -> tuple[RunKind, dict[str, Any]]:
    """Return the one execution that doctor has started."""
    (found,) = conductor.parts.executions.started.values()
    return found


def change(conductor: Conductor, **fields: Any) -> ControlState:
    """Change the control item behind the engine's back."""
    state = conductor.state
    changed = replace(state, revision=state.revision + 1, **fields)
    entry = AuditEntry("personnel", conductor.parts.clock.wall(), 0, "tamper", "eve", "a test")
    conductor.world.control.write(changed, state.revision, entry)
    return changed


def stored(conductor: Conductor, run_id: str) -> Run:
    run = conductor.world.ledger.load(run_id)
    assert run is not None
    return run


def dies_at(kind: str, to: Phase | None = None) -> Any:
    """Return what kills a journey's workflow before a step of this kind."""

    def watch(step: Step) -> None:
        if step.kind == kind and to in (None, step.to, step.gate):
            raise Killed(kind)

    return watch


@pytest.mark.parametrize("phase", list(PAIRED))
def test_a_migration_when_nothing_is_wrong_expects_no_diagnosis_in_any_phase(phase: Phase) -> None:
    assert diagnose(at(phase).world) == []


def test_a_run_when_it_works_expects_no_diagnosis() -> None:
    conductor = at(Phase.DUAL_WRITE)
    conductor.begin(RunKind.BACKFILL)
    assert diagnose(conductor.world) == []


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_lost_worker_when_mended_expects_the_run_resumed_to_its_end(dry_run: bool) -> None:
    conductor = at(Phase.DUAL_WRITE)
    lost = conductor.begin(RunKind.BACKFILL, dry_run=dry_run)
    conductor.end_execution(stored(conductor, lost.run_id))
    found = only(conductor)
    assert (found.disease, found.subject) == (Disease.LOST_WORKER, lost.run_id)
    assert "is not under way" in found.evidence[0]
    assert "resumes it" in mended(conductor, found)
    assert diagnose(conductor.world) == []
    kind, given = started(conductor)
    assert kind is RunKind.BACKFILL
    assert given == {"migration": "personnel", "resume_run_id": lost.run_id, "dry_run": dry_run}
    run = conductor.job(kind, **{k: v for k, v in given.items() if k != "migration"})
    assert (run.run_id, run.status, run.attempt) == (lost.run_id, RunStatus.SUCCEEDED, 2)


def test_a_lost_validation_when_mended_expects_a_whole_new_pass() -> None:
    conductor = at(Phase.READ_N)
    lost = conductor.begin(RunKind.VALIDATE, repair=True)
    conductor.end_execution(stored(conductor, lost.run_id))
    mended(conductor, only(conductor))
    kind, given = started(conductor)
    assert (kind, given["repair"], "resume_run_id" in given) == (RunKind.VALIDATE, True, False)
    assert stored(conductor, lost.run_id).status is RunStatus.FAILED
    assert diagnose(conductor.world) == []


def test_a_run_when_it_ends_while_it_is_looked_at_expects_no_diagnosis() -> None:
    conductor = at(Phase.DUAL_WRITE)
    begun = conductor.begin(RunKind.BACKFILL)
    conductor.work(begun)
    ending = conductor.watched(
        before=lambda call: call == "running" and bool(conductor.finish(begun)), port="executions"
    )
    assert diagnose(ending.world) == []


def test_a_journey_when_it_died_after_a_move_expects_it_to_go_on_from_there() -> None:
    conductor = at(Phase.OFF)
    with pytest.raises(Killed):
        conductor.migrate(dies_at("MOVE", Phase.SHADOW_READ), until="SHADOW_READ")
    journey = conductor.world.ledger.runs("personnel", 50)
    dead = next(run for run in journey if run.kind is RunKind.MIGRATE)
    conductor.end_execution(dead)
    conductor.settle()
    found = only(conductor)
    assert (found.disease, found.subject) == (Disease.HALF_DONE, dead.run_id)
    assert any("in VALIDATE since" in each and "settled" in each for each in found.evidence)
    mended(conductor, found)
    mended(conductor, only(conductor))  # it may be asked twice before the new one has begun
    kind, given = started(conductor)
    assert (kind, given["until"], given["ramp"]) == (
        RunKind.MIGRATE,
        "SHADOW_READ",
        [1, 10, 50, 100],
    )
    assert "exclude" not in given
    again = conductor.migrate(**{k: v for k, v in given.items() if k != "migration"})
    assert (again.status, conductor.phase) == (RunStatus.SUCCEEDED, Phase.SHADOW_READ)
    assert diagnose(conductor.world) == []


def test_a_journey_when_it_died_with_its_job_expects_both_closed() -> None:
    conductor = at(Phase.DUAL_WRITE)
    journey = conductor.begin_journey(RunKind.MIGRATE, until="VALIDATE")
    job = conductor.begin(RunKind.BACKFILL, parent=journey.run_id)
    conductor.end_execution(journey)
    conductor.end_execution(stored(conductor, job.run_id))
    found = only(conductor)
    assert found.subject == journey.run_id
    mended(conductor, found)
    assert not stored(conductor, job.run_id).active
    assert diagnose(conductor.world) == []


def test_a_rollback_when_it_died_expects_it_started_again_with_its_goal_and_reason() -> None:
    conductor = at(Phase.READ_N)
    with pytest.raises(Killed):
        conductor.rollback(dies_at("MOVE", Phase.VALIDATE), to_phase="OFF", reason="errors")
    dead = conductor.world.ledger.runs("personnel", 1)[0]
    conductor.end_execution(dead)
    found = only(conductor)
    assert found.disease is Disease.HALF_DONE
    mended(conductor, found)
    kind, given = started(conductor)
    assert (kind, given["to_phase"], given["reason"]) == (RunKind.ROLLBACK, "OFF", "errors")
    conductor.rollback(**{k: v for k, v in given.items() if k != "migration"})
    assert conductor.phase is Phase.OFF
    assert diagnose(conductor.world) == []


def test_a_journey_when_it_failed_half_way_expects_its_cause_and_then_the_rest_of_the_way() -> None:
    conductor = at(Phase.OFF)

    def break_(step: Step) -> None:
        if step.to is Phase.SHADOW_READ:
            raise InvalidInput("a bug of ours")

    with pytest.raises(InvalidInput):
        conductor.migrate(break_, until="SHADOW_READ")
    conductor.settle()
    found = only(conductor)
    assert found.disease is Disease.HALF_DONE
    assert "a bug of ours" in found.evidence[0]
    mended(conductor, found)
    _, given = started(conductor)
    conductor.migrate(**{k: v for k, v in given.items() if k != "migration"})
    assert diagnose(conductor.world) == []


def test_a_journey_when_it_failed_before_it_moved_anything_expects_no_diagnosis() -> None:
    conductor = at(Phase.OFF)

    def break_(step: Step) -> None:
        raise InvalidInput("a bug of ours")

    with pytest.raises(InvalidInput):
        conductor.migrate(break_)
    assert diagnose(conductor.world) == []


def test_an_approval_when_nobody_waits_for_it_any_more_expects_the_journey_started_again() -> None:
    conductor = at(Phase.OFF)

    def die(step: Step) -> None:
        if step.kind == "APPROVE":
            conductor.world.ledger.wait_for_approval("personnel", "READ_N", "a token")
            raise Killed("while it waits")

    with pytest.raises(Killed):
        conductor.migrate(die, until="READ_N")
    dead = next(
        run for run in conductor.world.ledger.runs("personnel", 50) if run.kind is RunKind.MIGRATE
    )
    conductor.end_execution(dead)
    found = only(conductor)
    assert found.disease is Disease.STUCK_APPROVAL
    assert "READ_N" in found.what
    conductor.approve(Phase.READ_N)
    assert only(conductor).disease is Disease.STUCK_APPROVAL  # the approval woke nobody
    mended(conductor, found)
    _, given = started(conductor)
    asked: list[Step] = []
    conductor.migrate(asked.append, **{k: v for k, v in given.items() if k != "migration"})
    assert conductor.phase is Phase.READ_N
    assert "APPROVE" not in [step.kind for step in asked]
    assert diagnose(conductor.world) == []


def test_a_worker_when_it_stays_silent_expects_it_told_but_left_to_its_workflow() -> None:
    conductor = at(Phase.DUAL_WRITE)
    silent = conductor.begin(RunKind.BACKFILL)
    conductor.pass_time(50)
    assert diagnose(conductor.world) == []
    conductor.pass_time(50)
    found = only(conductor)
    assert (found.disease, found.mendable) == (Disease.SILENT_WORKER, False)
    with pytest.raises(InvalidInput):
        mend(conductor.world, found, actor="ada", reason="why not")
    conductor.world.ledger.ask_pause(silent.run_id, pause=True)  # then silence is what was asked
    assert diagnose(conductor.world) == []


def test_a_lock_when_its_run_has_ended_expects_it_given_back() -> None:
    conductor = at(Phase.DUAL_WRITE)
    begun = stored(conductor, conductor.begin(RunKind.BACKFILL).run_id)
    ended = replace(begun, status=RunStatus.ABORTED)
    conductor.world.ledger.release(ended, "another lock")
    change(conductor, working=None)
    found = only(conductor)
    assert (found.disease, found.subject) == (Disease.STALE_LOCK, "work")
    mended(conductor, found)
    assert conductor.world.ledger.holder("personnel", "work") is None
    assert diagnose(conductor.world) == []


def test_a_worker_s_leave_when_its_run_has_ended_expects_it_taken_away_and_the_fence_begun() -> (
    None
):
    conductor = at(Phase.DUAL_WRITE)
    change(conductor, working="a run of long ago")
    found = only(conductor)
    assert found.disease is Disease.STALE_LEASE
    mended(conductor, found)
    assert conductor.state.working is None
    assert conductor.state.work_stop.seen == conductor.parts.clock.wall()
    assert diagnose(conductor.world) == []


@pytest.mark.parametrize("phase", [Phase.DUAL_WRITE, Phase.READ_N, Phase.READ_V2])
def test_v1_when_left_closed_in_a_phase_that_writes_it_expects_it_opened(phase: Phase) -> None:
    conductor = at(phase)
    conductor.world.administration.deny_writes(Side.SOURCE)
    found = only(conductor)
    assert found.disease is Disease.WRITES_DENIED
    mended(conductor, found)
    assert not conductor.world.administration.writes_denied(Side.SOURCE)
    assert diagnose(conductor.world) == []


def test_v1_when_open_though_archived_expects_a_person_told_to_archive_it_anew() -> None:
    conductor = at(Phase.ARCHIVED)
    conductor.world.administration.allow_writes(Side.SOURCE)
    found = only(conductor)
    assert (found.disease, found.mendable) == (Disease.WRITES_OPEN, False)
    assert "cutover archive personnel" in found.mend


@pytest.mark.parametrize("how", ["dropped", "made again"])
def test_a_table_when_it_is_another_one_expects_both_ids_and_no_mend(how: str) -> None:
    conductor = at(Phase.DUAL_WRITE)
    if how == "dropped":
        conductor.parts.store.drop(Side.SOURCE)
    else:
        conductor.parts.store.create(Side.SOURCE)
    found = only(conductor)
    assert (found.disease, found.mendable) == (Disease.OTHER_TABLE, False)
    assert conductor.state.source_id in " ".join(found.evidence)


@pytest.mark.parametrize("phase", [Phase.READ_N, Phase.READ_V2])
@pytest.mark.parametrize("why", ["void", "old"])
def test_a_certificate_when_readers_need_it_and_it_does_not_stand_expects_a_new_pass(
    phase: Phase, why: str
) -> None:
    conductor = at(phase)
    if why == "void":
        change(conductor, certificate=None)
    else:
        conductor.pass_time(conductor.world.environment.certificate_age + 1)
    found = only(conductor)
    assert found.disease is Disease.VOID_CERTIFICATE
    mended(conductor, found)
    kind, given = started(conductor)
    assert (kind, given) == (RunKind.VALIDATE, {"migration": "personnel", "repair": False})
    conductor.validate()
    assert diagnose(conductor.world) == []


def test_a_certificate_when_a_validation_is_under_way_expects_no_diagnosis() -> None:
    conductor = at(Phase.READ_N)
    change(conductor, certificate=None)
    conductor.begin(RunKind.VALIDATE)
    assert diagnose(conductor.world) == []


def test_a_certificate_when_no_reader_needs_it_expects_no_diagnosis() -> None:
    conductor = at(Phase.SHADOW_READ)
    change(conductor, certificate=None)
    assert diagnose(conductor.world) == []


def test_a_transform_when_changed_expects_a_person_told_and_no_validation_started() -> None:
    conductor = at(Phase.READ_N)
    changed = replace(conductor, world=replace(conductor.world, digest="another"))
    found = {each.disease: each for each in diagnose(changed.world)}
    assert set(found) == {Disease.CHANGED_TRANSFORM, Disease.VOID_CERTIFICATE}
    assert not any(each.mendable for each in found.values())


def test_an_alarm_when_not_acknowledged_expects_the_hold_and_the_command_that_ends_it() -> None:
    conductor = at(Phase.READ_N)
    answer_alarm(conductor.world, event(conductor))
    found = only(conductor)
    assert (found.disease, found.mendable) == (Disease.UNACKNOWLEDGED_ALARM, False)
    assert found.subject == ALARM
    assert "in READ_N; the answer was: rollback" in found.evidence[0]
    assert "`cutover approve personnel --alarm --reason" in found.mend
    acknowledge(conductor.world, actor="ada", reason="a bad deploy")
    assert diagnose(conductor.world) == []


def test_streams_when_read_too_late_expect_the_function_named_and_no_validation_started() -> None:
    conductor = at(Phase.READ_N)
    change(conductor, certificate=None, late_until=conductor.parts.clock.wall() + 60)
    found = {each.disease: each for each in diagnose(conductor.world)}
    assert set(found) == {Disease.LATE_STREAMS, Disease.VOID_CERTIFICATE}
    assert "watch_writes" in found[Disease.LATE_STREAMS].mend
    assert not any(each.mendable for each in found.values())


def test_dead_letters_when_nobody_has_read_them_expect_their_queue_until_it_is_empty() -> None:
    conductor = at(Phase.READ_N)
    conductor.parts.dead_letters.counts["cutover-personnel-watch-writes-failed"] = 3
    found = only(conductor)
    assert (found.disease, found.mendable) == (Disease.DEAD_LETTERS, False)
    assert "about 3 in the queue cutover-personnel-watch-writes-failed" in found.evidence
    conductor.parts.dead_letters.counts.clear()
    assert diagnose(conductor.world) == []


def test_a_look_when_it_is_refused_expects_that_told_and_all_others_taken() -> None:
    conductor = at(Phase.DUAL_WRITE)
    conductor.world.administration.deny_writes(Side.SOURCE)

    def refuse(call: str) -> None:
        raise Refused("AccessDenied: sqs:ListQueues")

    found = {
        each.disease: each
        for each in diagnose(conductor.watched(before=refuse, port="dead_letters").world)
    }
    assert set(found) == {Disease.WRITES_DENIED, Disease.NOT_EXAMINED}
    unknown = found[Disease.NOT_EXAMINED]
    assert (unknown.subject, unknown.mendable) == ("dead letters", False)
    assert "AccessDenied" in unknown.evidence[0]
