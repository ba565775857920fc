"""Validation and repair: what is found, what is mended, and when a pass is proof."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from migrations.personnel.transform import classify
from shared.engine.cutover import move_by_hand, reopen
from shared.engine.failures import record_failure
from shared.model.control import ControlState
from shared.model.declaration import Decision, TableToTable, Verdict
from shared.model.environment import LOCAL
from shared.model.errors import ConditionFailed, GuardRefused, InvalidInput, RecordHeld
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.runs import FindingKind, Run, RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage
from tests.unit.engine.history import History
from tests.unit.engine.watched import Meanwhile

V1_FIRST = [Phase.DUAL_WRITE, Phase.VALIDATE, Phase.SHADOW_READ, Phase.READ_N]
CERTIFIABLE = [*V1_FIRST, Phase.READ_V2]
NAMES = ("A", "B", "C", "D")


def alike(phase: Phase = Phase.VALIDATE, migration: TableToTable = MIGRATION) -> Conductor:
    """Return a migration with a few records that agree, some of them the wrapper's own."""
    conductor = stage(
        *[legacy(name, full_name=f"N{name}", project_id="P1") for name in NAMES],
        phase=Phase.VALIDATE,
        migration=migration,
    )
    conductor.records().update(key("C"), {"role": "admin"}, (), None)
    conductor.records().create(person("E", full_name="Eve"), key("E"))
    conductor.go_to(phase)
    return conductor


def tamper(conductor: Conductor, side: Side, name: str, **values: object) -> None:
    """Change attributes of a stored item behind the engine's back; None removes."""
    item = conductor.stored(side, key(name)) or {}
    changed = {**item, **values}
    conductor.load(side, {n: v for n, v in changed.items() if v is not None})


def lose(conductor: Conductor, side: Side, name: str) -> None:
    table = conductor.parts.store.table(side)
    table.store(key(name), None)


def found(conductor: Conductor, run: Run) -> list[tuple[str, FindingKind, str | None, bool]]:
    return [
        (each.key.split("|")[0].removeprefix("EMPLOYEE#"), each.kind, each.field, each.repaired)
        for each in conductor.findings(run)
    ]


# -- what is found and mended


@pytest.mark.parametrize("phase", CERTIFIABLE)
def test_a_pass_when_both_tables_agree_expects_no_finding_and_a_certificate(phase: Phase) -> None:
    conductor = alike(phase)
    run = conductor.validate()
    assert run.status is RunStatus.SUCCEEDED
    certificate = conductor.state.certificate
    assert certificate is not None
    assert (certificate.run_id, certificate.phase) == (run.run_id, phase)
    assert certificate.scanned == run.counts.scanned == 5
    assert (run.counts.mismatched, found(conductor, run)) == (0, [])


Damage = Callable[[Conductor, Side], None]
DAMAGES: dict[str, tuple[Damage, str, FindingKind, str | None]] = {
    "missing": (lambda c, s: lose(c, s, "A"), "A", FindingKind.MISSING, None),
    "stale": (
        lambda c, s: tamper(c, s, "C", _cutover_version=Decimal(7)),
        "C",
        FindingKind.STALE,
        None,
    ),
    "of another birth": (
        lambda c, s: tamper(c, s, "E", _cutover_birth="stranger"),
        "E",
        FindingKind.STALE,
        None,
    ),
    "different": (
        lambda c, s: tamper(c, s, "B", full_name="Mallory"),
        "B",
        FindingKind.DIFFERENT,
        "full_name",
    ),
    "without a field": (
        lambda c, s: tamper(c, s, "B", full_name=None),
        "B",
        FindingKind.DIFFERENT,
        "full_name",
    ),
    "an orphan": (
        lambda c, s: c.load(s, legacy("Z", full_name="Nobody", employee_number="9")),
        "Z",
        FindingKind.ORPHAN,
        None,
    ),
}


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_N, Phase.READ_V2])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_replica_when_it_differs_expects_record_and_field_named_then_mended(
    phase: Phase, damage: str
) -> None:
    conductor = alike(phase)
    harm, name, kind, field = DAMAGES[damage]
    authority = phase.primary
    before = conductor.parts.store.items(authority)
    harm(conductor, authority.other)
    seen = conductor.validate()
    assert seen.status is RunStatus.HELD
    assert found(conductor, seen) == [(name, kind, field, False)]
    assert (seen.counts.mismatched, seen.counts.repaired) == (1, 0)
    mended = conductor.validate(repair=True)
    assert mended.status is RunStatus.SUCCEEDED
    assert found(conductor, mended) == [(name, kind, field, True)]
    assert conductor.state.certificate is not None
    assert conductor.state.certificate.repaired == 1
    clean = conductor.validate()
    assert (clean.status, clean.counts.mismatched) == (RunStatus.SUCCEEDED, 0)
    assert conductor.parts.store.items(authority) == before


def test_a_difference_when_found_expects_both_values_in_the_report() -> None:
    conductor = alike()
    tamper(conductor, Side.TARGET, "B", full_name="Mallory", hourly_rate=Decimal(3))
    run = conductor.validate()
    report = conductor.world.archive.load(run.report)
    (finding,) = report["findings"]
    assert finding["differences"] == [
        {"field": "full_name", "source": {"S": "NB"}, "target": {"S": "Mallory"}},
        {"field": "hourly_rate", "source": {"N": "0"}, "target": {"N": "3"}},
    ]


def test_a_field_only_v2_has_when_it_differs_expects_no_finding() -> None:
    conductor = alike()
    tamper(conductor, Side.TARGET, "B", health_notes="knee")
    assert conductor.validate(repair=True).counts.mismatched == 0
    assert (conductor.stored(Side.TARGET, key("B")) or {})["health_notes"] == "knee"


def test_v2_only_attributes_when_their_record_is_repaired_expect_to_stay() -> None:
    conductor = alike()
    tamper(conductor, Side.TARGET, "B", full_name="Mallory", health_notes="knee")
    conductor.validate(repair=True)
    target = conductor.stored(Side.TARGET, key("B")) or {}
    assert (target["full_name"], target["health_notes"]) == ("NB", "knee")


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_V2])
def test_a_record_when_it_turned_unmovable_in_v1_expects_held_and_nothing_touched(
    phase: Phase,
) -> None:
    conductor = alike(phase)
    conductor.load(Side.SOURCE, legacy("Z", active="yes"))
    run = conductor.validate(repair=True)
    assert run.status is RunStatus.HELD
    assert found(conductor, run) == [("Z", FindingKind.AMBIGUOUS, "active", False)]
    assert conductor.stored(Side.SOURCE, key("Z")) is not None
    assert not conductor.certificate_granted() or conductor.state.certificate.run_id != run.run_id


def test_a_record_of_v2_when_it_has_no_way_back_expects_held_and_no_certificate() -> None:
    conductor = alike(Phase.WRITE_V2_ONLY)
    with pytest.raises(RecordHeld):
        conductor.records().update(key("A"), {"employee_number": "GEN-MINE"}, (), None)
    tamper(conductor, Side.TARGET, "A", employee_number="GEN-MINE")
    run = conductor.rollback(to_phase="OFF")
    assert (run.status, conductor.phase) == (RunStatus.HELD, Phase.READ_V2)
    assert not conductor.certificate_granted()
    conductor.records().update(key("A"), {"employee_number": "77"}, (), None)
    assert conductor.rollback(to_phase="OFF").status is RunStatus.SUCCEEDED
    assert conductor.records().get(key("A")).item["employee_number"] == "77"


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_V2])
def test_a_stamp_when_it_is_not_one_expects_a_finding_and_no_repair(
    side: Side, phase: Phase
) -> None:
    conductor = alike(phase)
    tamper(conductor, side, "C", _cutover_version="seven")
    run = conductor.validate(repair=True)
    assert run.status is RunStatus.HELD
    ((name, _, field, repaired),) = found(conductor, run)
    assert (name, field, repaired) == ("C", "_cutover_version", False)


def skipping() -> TableToTable:
    """Return personnel with contractors left out for good."""

    def judge(source: Item) -> Verdict:
        if source.get("role") == "contractor":
            return Verdict(Decision.SKIP, "contractors stay in v1", "role")
        return classify(source)

    return replace(MIGRATION, classify=judge)


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_V2])
def test_a_skipped_record_when_validated_and_repaired_expects_it_left_in_v1(phase: Phase) -> None:
    conductor = stage(
        legacy("A"), legacy("K", role="contractor"), migration=skipping(), phase=phase
    )
    run = conductor.validate(repair=True)
    assert (run.status, run.counts.mismatched) == (RunStatus.SUCCEEDED, 0)
    assert conductor.stored(Side.SOURCE, key("K")) is not None
    assert conductor.stored(Side.TARGET, key("K")) is None
    conductor.rollback(to_phase="OFF")
    assert conductor.stored(Side.SOURCE, key("K")) is not None


# -- excluded records


def excluded(phase: Phase) -> Conductor:
    conductor = stage(*[legacy(name) for name in NAMES], legacy("X", active="yes"))
    conductor.migrate(approve="auto", until="VALIDATE", exclude=["X"])
    conductor.go_to(phase)
    return conductor


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_V2])
def test_an_excluded_record_when_absent_from_v2_expects_a_certificate_that_lists_it(
    phase: Phase,
) -> None:
    conductor = excluded(phase)
    run = conductor.validate(repair=True)
    assert (run.status, run.counts.excluded, run.counts.mismatched) == (RunStatus.SUCCEEDED, 1, 0)
    certificate = conductor.state.certificate
    assert certificate is not None
    assert certificate.excluded == 1
    assert conductor.stored(Side.SOURCE, key("X")) is not None


def test_an_excluded_record_when_found_in_v2_expects_it_removed_there_while_v1_decides() -> None:
    conductor = excluded(Phase.VALIDATE)
    conductor.load(Side.TARGET, legacy("X", full_name="Stray"))
    assert found(conductor, conductor.validate()) == [("X", FindingKind.ORPHAN, None, False)]
    assert found(conductor, conductor.validate(repair=True)) == [
        ("X", FindingKind.ORPHAN, None, True)
    ]
    assert conductor.stored(Side.TARGET, key("X")) is None
    assert conductor.stored(Side.SOURCE, key("X")) is not None


def test_an_excluded_record_when_found_in_v2_that_decides_expects_both_left_to_a_person() -> None:
    conductor = excluded(Phase.READ_V2)
    conductor.load(Side.TARGET, legacy("X", full_name="Stray"))
    run = conductor.validate(repair=True)
    assert run.status is RunStatus.HELD
    assert conductor.stored(Side.TARGET, key("X")) is not None
    assert conductor.stored(Side.SOURCE, key("X")) is not None


# -- writers meanwhile


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_N, Phase.READ_V2])
@pytest.mark.parametrize("repair", [False, True])
def test_racing_writers_when_a_pass_runs_expect_no_false_alarm_and_nothing_lost(
    phase: Phase, repair: bool
) -> None:
    conductor = alike(phase)
    history = History([*NAMES, "E", "F"], seed=phase.order).adopt(conductor.records())
    service = conductor.records()
    busy = conductor.watched(before=Meanwhile(lambda: history.write(service)))
    run = busy.validate(repair=repair, mode="full")
    assert (run.status, run.counts.mismatched) == (RunStatus.SUCCEEDED, 0)
    assert history.acknowledged > 10
    assert conductor.certificate_granted()
    history.check(conductor.records())


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_V2])
def test_racing_writers_when_replicas_are_mended_expect_nothing_lost(phase: Phase) -> None:
    conductor = alike(phase)
    names = [f"{name}{at}" for name in NAMES for at in range(5)]
    for name in names:
        conductor.records().create(person(name, full_name=name), key(name))
    history = History(names, seed=phase.order).adopt(conductor.records())
    for name in names:
        lose(conductor, phase.primary.other, name)
    service = conductor.records()
    busy = conductor.watched(before=Meanwhile(lambda: history.write(service)))
    busy.validate(repair=True)
    history.check(conductor.records())
    assert conductor.validate().status is RunStatus.SUCCEEDED
    assert history.acknowledged > 20


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_V2])
def test_a_record_when_deleted_just_before_its_repair_expects_not_to_come_back(
    phase: Phase,
) -> None:
    conductor = alike(phase)
    lose(conductor, phase.primary.other, "A")
    service = conductor.records()
    left = ["A"]

    def delete(name: str) -> None:
        if name == "write_together" and left:
            service.delete(key(left.pop()), None)

    conductor.watched(before=delete).validate(repair=True)
    assert [conductor.stored(side, key("A")) for side in Side] == [None, None]


def test_a_suspect_when_every_repair_is_overtaken_expects_it_open() -> None:
    conductor = alike()
    tamper(conductor, Side.TARGET, "B", full_name="Mallory")

    def overtake(name: str) -> None:
        if name == "write_together":
            raise ConditionFailed("overtaken", failed=(0,))

    run = conductor.watched(before=overtake).validate(repair=True)
    assert (run.status, run.counts.mismatched, run.counts.repaired) == (RunStatus.HELD, 1, 0)


# -- when a pass is proof


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
    quiet = conductor.state.quiet_since
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
