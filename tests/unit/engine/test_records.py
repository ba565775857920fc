"""The service's calls in every phase: what they do to both tables, and what they refuse."""

from decimal import Decimal

import pytest

from shared.engine.records import Seen
from shared.model.errors import AlreadyExists, NotFound, NotInPhase, RecordHeld, VersionConflict
from shared.model.item import Item, canonical
from shared.model.phases import PAIRED, Phase
from shared.model.writes import Side
from tests.unit.engine.comparing import assert_alike, own
from tests.unit.engine.conductor import key, legacy, person, place, stage, way_through

PHASES = list(PAIRED)
DUAL = [phase for phase in PAIRED if phase.dual]
V1_FIRST = [phase for phase in DUAL if phase.primary is Side.SOURCE]
V2_FIRST = [phase for phase in PAIRED if phase.primary is Side.TARGET]
A = key("A")


def stamp(item: Item | None) -> tuple[object, object]:
    assert item is not None
    return item.get("_cutover_version"), item.get("_cutover_birth")


@pytest.mark.parametrize("phase", PHASES)
def test_a_record_when_created_changed_and_deleted_expects_the_same_answers_in_every_phase(
    phase: Phase,
) -> None:
    records = stage(phase=phase).records()
    made = records.create(person("A", full_name="Grace", team_id="T1"), A)
    assert made.version == 1
    assert made.item["role"] == "user"
    assert records.get(A) == made
    with pytest.raises(AlreadyExists):
        records.create(person("A"), A)
    changed = records.update(
        A, {"full_name": "Hopper", "status": "inactive"}, ("team_id",), Seen(1)
    )
    assert changed.version == 2
    assert (changed.item["full_name"], changed.item["status"]) == ("Hopper", "inactive")
    assert "team_id" not in changed.item
    assert records.get(A) == changed
    records.delete(A, Seen(2))
    for missing in (
        lambda: records.get(A),
        lambda: records.update(A, {"role": "admin"}, (), None),
        lambda: records.delete(A, None),
    ):
        with pytest.raises(NotFound):
            missing()
    again = records.create(person("A"), A)
    assert again.version == 1


@pytest.mark.parametrize("phase", PHASES)
def test_a_change_when_another_version_is_expected_expects_a_conflict_and_no_effect(
    phase: Phase,
) -> None:
    records = stage(phase=phase).records()
    made = records.create(person("A", full_name="Grace"), A)
    for stale in (Seen(0), Seen(2), Seen(1, "another1")):
        with pytest.raises(VersionConflict):
            records.update(A, {"full_name": "Hopper"}, (), stale)
        with pytest.raises(VersionConflict):
            records.delete(A, stale)
    assert records.get(A) == made


@pytest.mark.parametrize("phase", DUAL)
def test_both_tables_when_written_in_a_dual_phase_expect_lock_step(phase: Phase) -> None:
    conductor = stage(legacy("L", full_name="Old", active=True), phase=phase)
    records = conductor.records()
    records.create(person("A", full_name="Grace", team_id="T1", status="inactive"), A)
    assert_alike(conductor, "A")
    assert stamp(conductor.stored(Side.SOURCE, A))[1] is not None
    for name in ("A", "L"):
        records.update(key(name), {"role": "admin"}, (), None)
        assert_alike(conductor, name)
        records.update(key(name), {"hourly_rate": Decimal("7.50")}, ("full_name",), None)
        assert_alike(conductor, name)
    assert stamp(conductor.stored(Side.TARGET, key("L"))) == (Decimal(2), None)
    for name in ("A", "L"):
        records.delete(key(name), None)
        assert_alike(conductor, name)


SINGLE = [phase for phase in PHASES if not phase.dual and not phase.follows]


@pytest.mark.parametrize("phase", SINGLE)
def test_the_other_table_when_written_in_a_single_phase_expects_nothing(phase: Phase) -> None:
    conductor = stage(phase=phase)
    records = conductor.records()
    records.create(person("A"), A)
    records.update(A, {"role": "admin"}, (), None)
    assert conductor.stored(phase.primary, A) is not None
    if phase.primary is Side.SOURCE or phase.source_exists:
        assert conductor.stored(phase.primary.other, A) is None


@pytest.mark.parametrize("phase", PHASES)
def test_a_legacy_record_when_changed_with_its_version_zero_expects_version_one(
    phase: Phase,
) -> None:
    records = stage(legacy("A", full_name="Old"), phase=phase).records()
    assert records.get(A).version == 0
    with pytest.raises(VersionConflict):
        records.update(A, {"role": "admin"}, (), Seen(1))
    assert records.update(A, {"role": "admin"}, (), Seen(0)).version == 1
    records.delete(A, Seen(1))
    with pytest.raises(NotFound):
        records.get(A)


# -- v2-only attributes


@pytest.mark.parametrize("phase", [Phase.OFF, *V1_FIRST])
def test_a_v2_only_attribute_when_v1_is_primary_expects_a_refusal_naming_it(phase: Phase) -> None:
    conductor = stage(legacy("A"), phase=phase)
    records = conductor.records()
    for refused in (
        lambda: records.update(A, {"health_notes": "knee"}, (), None),
        lambda: records.update(A, {}, ("health_notes",), None),
        lambda: records.create(person("B", health_notes="knee"), key("B")),
    ):
        with pytest.raises(NotInPhase) as refusal:
            refused()
        assert refusal.value.field == "health_notes"
    assert conductor.stored(Side.SOURCE, key("B")) is None


@pytest.mark.parametrize("phase", V2_FIRST)
def test_a_v2_only_attribute_when_v2_is_primary_expects_it_kept_in_v2_only(phase: Phase) -> None:
    conductor = stage(legacy("A"), phase=phase)
    records = conductor.records()
    assert records.update(A, {"health_notes": "knee"}, (), None).item["health_notes"] == "knee"
    assert records.get(A).item["health_notes"] == "knee"
    if phase is Phase.READ_V2:
        assert "health_notes" not in (conductor.stored(Side.SOURCE, A) or {})


def test_v2_only_attributes_when_rolled_back_and_forward_again_expect_to_survive() -> None:
    conductor = stage(legacy("A", full_name="Grace"), phase=Phase.READ_V2)
    records = conductor.records()
    records.create(person("B", health_notes="back"), key("B"))
    records.create(person("C", health_notes="other life"), key("C"))
    records.update(A, {"health_notes": "knee"}, (), None)
    conductor.rollback(to_phase="OFF")
    records.update(A, {"full_name": "Hopper"}, (), None)
    records.delete(key("C"), None)
    records.create(person("C"), key("C"))
    conductor.go_to(Phase.DUAL_WRITE)
    records.update(A, {"role": "admin"}, (), None)
    records.update(key("B"), {"role": "admin"}, (), None)
    conductor.go_to(Phase.READ_V2)
    assert records.get(A).item["health_notes"] == "knee"
    assert (records.get(A).item["full_name"], records.get(A).item["role"]) == ("Hopper", "admin")
    assert records.get(key("B")).item["health_notes"] == "back"
    assert "health_notes" not in records.get(key("C")).item


# -- records that cannot move


def test_a_create_when_v1_could_not_hold_it_expects_a_refusal_even_in_off() -> None:
    conductor = stage()
    with pytest.raises(RecordHeld):
        conductor.records().create(person("B", employee_number="GEN-MINE"), key("B"))
    assert conductor.stored(Side.SOURCE, key("B")) is None


@pytest.mark.parametrize("phase", DUAL)
def test_a_write_when_it_makes_the_record_ambiguous_expects_a_refusal_and_no_effect(
    phase: Phase,
) -> None:
    conductor = stage(legacy("A", full_name="Grace"), phase=phase)
    records = conductor.records()
    before = [conductor.stored(side, A) for side in Side]
    with pytest.raises(RecordHeld) as refusal:
        records.update(A, {"employee_number": "GEN-MINE"}, (), None)
    assert refusal.value.field == "employee_number"
    with pytest.raises(RecordHeld):
        records.create(person("B", employee_number="GEN-MINE"), key("B"))
    assert [conductor.stored(side, A) for side in Side] == before
    assert [conductor.stored(side, key("B")) for side in Side] == [None, None]


@pytest.mark.parametrize("phase", PHASES[:-1])
def test_an_excluded_record_when_read_and_written_expects_reads_from_v1_and_423(
    phase: Phase,
) -> None:
    found = legacy("A", full_name="Grace", active="yes"), legacy("B")
    conductor = stage(*found, migration=way_through(phase))
    conductor.migrate(approve="auto", until="DUAL_WRITE", exclude=["A"])
    if phase is Phase.OFF:
        conductor.rollback(to_phase="OFF")
    elif phase.order <= Phase.WRITE_V2_ONLY.order:
        conductor.go_to(phase)
    else:
        conductor.go_to(Phase.WRITE_V2_ONLY)
        conductor.approve(phase, releases_exclusions=True)
        conductor.go_to(phase)
    records = conductor.records()
    assert records.get(A).item["full_name"] == "Grace"
    assert records.get(key("B")).version == 0
    if phase is Phase.OFF:
        assert records.update(A, {"full_name": "Hopper"}, (), None).version == 1
        return
    for write in (
        lambda: records.update(A, {"full_name": "Hopper"}, (), None),
        lambda: records.delete(A, None),
        lambda: records.create(person("A"), A),
    ):
        with pytest.raises(RecordHeld):
            write()
    assert own(conductor.stored(Side.SOURCE, A)) == canonical(
        {**place("A"), "full_name": "Grace", "active": "yes"}
    )
    assert conductor.stored(Side.TARGET, A) is None
