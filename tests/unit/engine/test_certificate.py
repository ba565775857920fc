"""When a validation is proof: what a certificate takes, and what voids it."""

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.engine.cutover import move_by_hand, reopen
from shared.engine.failures import record_failure
from shared.model.control import ControlState
from shared.model.environment import LOCAL
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.comparing import alike
from tests.unit.engine.conductor import Conductor, legacy, stage
from tests.unit.engine.outsiders import tamper


def test_a_sample_when_clean_expects_success_and_no_certificate() -> None:
    conductor = stage(*generate(6, 60), phase=Phase.DUAL_WRITE)
    conductor.backfill()
    run = conductor.validate(mode="sample", sample_size=20)
    assert run.status is RunStatus.SUCCEEDED
    assert 20 <= run.counts.scanned <= 60
    assert not conductor.certificate_granted()


def test_a_pass_when_a_move_happens_meanwhile_expects_superseded_and_no_certificate() -> None:
    conductor = alike()
    conductor.backfill()
    moved: list[bool] = []

    def step_back(name: str) -> None:
        if name == "scan" and not moved:
            moved.append(True)
            move_by_hand(
                conductor.world, Phase.DUAL_WRITE, None, actor="Ada", reason="a second thought"
            )

    run = conductor.watched(before=step_back).validate()
    assert run.status in (RunStatus.SUPERSEDED, RunStatus.SUCCEEDED)
    assert not conductor.certificate_granted()
    conductor.settle()
    assert conductor.validate().status is RunStatus.SUCCEEDED
    assert conductor.certificate_granted()


def test_a_pass_when_something_voids_certificates_meanwhile_expects_none() -> None:
    conductor = alike()
    conductor.backfill()
    started = conductor.begin(RunKind.VALIDATE)
    conductor.work(started)
    reopen(conductor.world, actor="Ada", reason="a new transform")
    conductor.finish(started)
    assert not conductor.certificate_granted()


def test_a_pass_when_the_transform_is_another_expects_a_refusal() -> None:
    conductor = alike()
    conductor.backfill()
    other = Conductor(conductor.parts, conductor.parts.world(LOCAL, digest="other"))
    with pytest.raises(GuardRefused) as refusal:
        other.validate()
    assert refusal.value.missing == ("digest",)
    started = conductor.begin(RunKind.VALIDATE)
    conductor.work(started)
    assert other.finish(started).status is RunStatus.SUCCEEDED
    assert not conductor.certificate_granted()


def test_a_pass_when_it_begins_expects_settle_and_the_workers_fence_to_be_over() -> None:
    conductor = stage(legacy("A"))
    timing = LOCAL.timing
    conductor.go_to(Phase.DUAL_WRITE)
    conductor.backfill()
    quiet = conductor.state.work_stop.seen
    assert quiet is not None
    assert conductor.begin(RunKind.VALIDATE).begin_at == quiet + timing.fence


def test_a_pass_when_a_backfill_died_before_expects_its_workers_fenced_off() -> None:
    conductor = alike()
    conductor.begin(RunKind.BACKFILL)
    conductor.parts.executions.under_way.clear()
    conductor.settle()
    now = conductor.parts.clock.wall()
    assert conductor.begin(RunKind.VALIDATE).begin_at == now + LOCAL.timing.fence


CONTROLS: list[tuple[Phase, bool]] = [
    (Phase.READ_N, True),
    (Phase.READ_V2, True),
    (Phase.SHADOW_READ, True),
    (Phase.VALIDATE, True),
    (Phase.DUAL_WRITE, True),
    (Phase.OFF, False),
    (Phase.WRITE_V2_ONLY, False),
]


@pytest.mark.parametrize(("to", "survives"), CONTROLS)
def test_a_certificate_when_the_phase_moves_expects_to_survive_only_among_the_certified_classes(
    to: Phase, survives: bool
) -> None:
    conductor = alike()
    conductor.validate()
    state: ControlState = conductor.state
    assert state.certificate is not None
    assert (state.moved(to, 0, 1.0).certificate is not None) is survives


def test_a_certificate_when_a_backfill_starts_or_a_record_is_excluded_expects_to_be_void() -> None:
    conductor = alike()
    conductor.validate()
    assert conductor.certificate_granted()
    conductor.backfill()
    assert not conductor.certificate_granted()
    conductor.validate()
    conductor.migrate(until="DUAL_WRITE", exclude=["A"])
    assert not conductor.certificate_granted()


def test_index_entries_when_counted_expect_what_v2_calls_for_and_what_is_there() -> None:
    conductor = stage(*generate(6, 60), phase=Phase.VALIDATE)
    run = conductor.validate()
    rows = conductor.parts.store.items(Side.TARGET)
    counted = run.facts["indexes"]
    assert set(counted) == {index.name for index in MIGRATION.target.indexes}
    for index in MIGRATION.target.indexes:
        there = sum(all(name in row for name in index.keys.names) for row in rows)
        assert counted[index.name] == {"expected": there, "found": there}


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.WRITE_V2_ONLY, Phase.ARCHIVED])
def test_a_pass_when_the_tables_are_not_kept_alike_expects_a_refusal(phase: Phase) -> None:
    with pytest.raises(GuardRefused) as refusal:
        stage(phase=phase).validate()
    assert refusal.value.missing == ("phase",)


def test_a_pass_when_its_input_is_wrong_expects_the_field_named() -> None:
    conductor = alike()
    for given, field in (({"mode": "some"}, "mode"), ({"repair": "perhaps"}, "repair")):
        with pytest.raises(InvalidInput) as refusal:
            conductor.begin(RunKind.VALIDATE, **given)
        assert refusal.value.field == field


@pytest.mark.parametrize("given", [{"mode": "full"}, {"mode": "sample"}])
def test_a_certificate_when_a_later_pass_finds_a_difference_expects_to_be_void(
    given: dict[str, str],
) -> None:
    conductor = alike(Phase.SHADOW_READ)
    assert conductor.certificate_granted()
    tamper(conductor, Side.TARGET, "A", full_name="?")
    assert conductor.validate(**given).status is RunStatus.HELD
    assert not conductor.certificate_granted()
    conductor.settle()
    conductor.approve(Phase.READ_N)
    with pytest.raises(GuardRefused) as refused:
        move_by_hand(conductor.world, Phase.READ_N, 1, actor="Ada", reason="on")
    assert refused.value.missing == ("certificate",)


def test_a_certificate_when_a_pass_fails_after_a_difference_expects_to_be_void() -> None:
    conductor = alike(Phase.SHADOW_READ)
    tamper(conductor, Side.TARGET, "A", full_name="?")
    started = conductor.begin(RunKind.VALIDATE)
    conductor.work(started)
    record_failure(conductor.world, [started.run_id], "WorkerFailed", "a child died")
    assert not conductor.certificate_granted()
