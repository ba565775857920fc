"""Validation and repair: what is found, and what is mended, whoever writes meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.transform import classify
from shared.model.declaration import Decision, TableToTable, Verdict
from shared.model.errors import ConditionFailed, RecordHeld
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.runs import FindingKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.comparing import CERTIFIABLE, NAMES, alike, found
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage
from tests.unit.engine.history import History
from tests.unit.engine.outsiders import lose, tamper
from tests.unit.engine.watched import Meanwhile

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
