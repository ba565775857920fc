"""The renewal of the certificate: when it is due, and that it stands in nobody's way."""

from dataclasses import replace

import pytest

from shared.engine.cutover import reopen
from shared.engine.journey import begin_journey, plan_step
from shared.engine.renewal import renewal_due
from shared.model.phases import PAIRED, Phase, PhaseClass
from shared.model.runs import RunKind, RunStatus
from tests.unit.engine.conductor import Conductor, legacy, stage

KEPT_UP = (PhaseClass.READ_N, PhaseClass.READ_V2)


def staged(phase: Phase = Phase.READ_V2) -> Conductor:
    return stage(legacy("a"), legacy("b"), phase=phase)


def half_an_age(conductor: Conductor) -> None:
    conductor.pass_time(conductor.world.environment.certificate_age / 2)


@pytest.mark.parametrize("phase", list(PAIRED))
def test_a_renewal_when_half_the_age_is_reached_expects_to_be_due_where_readers_need_it(
    phase: Phase,
) -> None:
    conductor = staged(phase)
    assert not renewal_due(conductor.world)
    half_an_age(conductor)
    assert renewal_due(conductor.world) is (phase.group in KEPT_UP)


def test_a_renewal_when_the_certificate_is_void_expects_to_be_due_at_once() -> None:
    conductor = staged()
    reopen(conductor.world, actor="Ada", reason="a new transform")
    assert renewal_due(conductor.world)


def test_a_renewal_when_made_expects_a_new_certificate_and_nothing_due() -> None:
    conductor = staged()
    half_an_age(conductor)
    run = conductor.validate(repair=False)
    certificate = conductor.state.certificate
    assert certificate is not None
    assert certificate.run_id == run.run_id
    assert not renewal_due(conductor.world)


def test_a_renewal_when_the_transform_changed_expects_none_as_it_would_be_refused() -> None:
    conductor = staged()
    half_an_age(conductor)
    assert not renewal_due(replace(conductor.world, digest="another"))


@pytest.mark.parametrize("kind", [RunKind.VALIDATE, RunKind.MIGRATE, RunKind.ROLLBACK])
def test_a_renewal_when_somebody_is_at_work_expects_none_until_that_one_is_gone(
    kind: RunKind,
) -> None:
    conductor = staged()
    half_an_age(conductor)
    if kind is RunKind.VALIDATE:
        conductor.begin(kind)
    else:
        conductor.begin_journey(kind)
    assert not renewal_due(conductor.world)
    conductor.parts.executions.under_way.clear()
    assert renewal_due(conductor.world)


def test_a_rollback_when_a_renewal_has_just_begun_expects_to_wait_for_it_and_to_arrive() -> None:
    conductor = staged()
    half_an_age(conductor)
    half_an_age(conductor)
    conductor.pass_time(1.0)
    renewal = conductor.begin(RunKind.VALIDATE, repair=False)
    run = conductor.begin_journey(RunKind.ROLLBACK, to_phase="READ_N")
    step = plan_step(conductor.world, run.run_id)
    assert (step.kind, renewal.run_id in step.reason) == ("WAIT", True)
    assert step.until is not None
    assert step.until > conductor.parts.clock.wall()
    conductor.work(renewal)
    conductor.finish(renewal)
    assert conductor.go_on(run).status is RunStatus.SUCCEEDED
    assert conductor.phase is Phase.READ_N


def test_a_journey_when_its_own_start_was_cut_off_expects_not_to_wait_for_itself() -> None:
    conductor = staged(Phase.DUAL_WRITE)
    given = {"migration": "personnel", "until": "VALIDATE"}
    run = begin_journey(conductor.world, RunKind.MIGRATE, given, conductor.execution())
    conductor.begin(RunKind.VALIDATE, run.run_id)
    assert plan_step(conductor.world, run.run_id).kind != "WAIT"
