"""The service's calls in every phase: what they do to both tables, and what they refuse."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from migrations.personnel.transform import TARGET_ONLY, up
from shared.engine.images import target_image
from shared.engine.records import Record, Records, Seen
from shared.model.errors import (
    AlreadyExists,
    CutoverError,
    NotFound,
    NotInPhase,
    RecordHeld,
    VersionConflict,
)
from shared.model.item import Item, canonical
from shared.model.phases import PAIRED, Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, place, stage, way_through

PHASES = list(PAIRED)
DUAL = [phase for phase in PAIRED if phase.dual]
V1_FIRST = [phase for phase in DUAL if phase.primary is Side.SOURCE]
V2_FIRST = [phase for phase in PAIRED if phase.primary is Side.TARGET]
A = key("A")


def own(item: Item | None) -> object:
    """Return a stored item's own attributes, comparable by value."""
    assert item is not None
    return canonical({name: value for name, value in item.items() if name[0] != "_"})


def stamp(item: Item | None) -> tuple[object, object]:
    assert item is not None
    return item.get("_cutover_version"), item.get("_cutover_birth")


def assert_alike(conductor: Conductor, name: str) -> None:
    """Check that v2 is what v1 makes of it, in lock step, apart from what only v2 holds."""
    source = conductor.stored(Side.SOURCE, key(name))
    target = conductor.stored(Side.TARGET, key(name))
    assert (source is None) == (target is None), name
    if source is None or target is None:
        return
    image = target_image(conductor.world.migration, source)
    assert isinstance(image, dict)
    for side in (image, target):
        for only in TARGET_ONLY:
            side.pop(only, None)
    assert canonical(image) == canonical(target)


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


# -- what other code does to v1


@pytest.mark.parametrize("phase", [Phase.OFF, *V1_FIRST])
def test_an_attribute_of_foreign_code_when_the_wrapper_changes_another_expects_to_be_kept(
    phase: Phase,
) -> None:
    conductor = stage(legacy("A", full_name="Old"), phase=phase)
    records = conductor.records()
    records.get(A)
    kept = conductor.stored(Side.SOURCE, A)
    assert kept is not None
    changing = conductor.watched(
        after=lambda name: (
            conductor.load(Side.SOURCE, {**kept, "badge": "7"}) if name == "get" else None
        )
    )
    changing.records().update(A, {"role": "admin"}, (), None)
    stored = conductor.stored(Side.SOURCE, A)
    assert stored is not None
    assert (stored["badge"], stored["role"], stored["full_name"]) == ("7", "admin", "Old")


@pytest.mark.parametrize("phase", [Phase.DUAL_WRITE])
def test_a_change_when_the_record_is_not_yet_backfilled_expects_a_complete_record_in_v2(
    phase: Phase,
) -> None:
    source = legacy("A", full_name="Grace", project_id="P1", active=False, email="g@example.org")
    conductor = stage(source, phase=phase)
    assert conductor.stored(Side.TARGET, A) is None
    conductor.records().update(A, {"role": "admin"}, (), None)
    assert own(conductor.stored(Side.TARGET, A)) == canonical({**up(source), "role": "admin"})


def test_an_attribute_when_it_vanishes_from_v1_expects_it_removed_from_v2() -> None:
    conductor = stage(legacy("A", project_id="P1", email="g@example.org"), phase=Phase.VALIDATE)
    conductor.records().update(A, {}, ("team_id", "email"), None)
    target = conductor.stored(Side.TARGET, A)
    assert target is not None
    assert not {"team_id", "email", "project_id"} & set(target)
    assert_alike(conductor, "A")


# -- v2 ahead of v1


@pytest.mark.parametrize("phase", V1_FIRST)
@pytest.mark.parametrize("birth", ["other", None])
@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_a_key_when_v2_holds_a_newer_stranger_expects_it_still_writable(
    phase: Phase, birth: str | None, action: str
) -> None:
    conductor = stage(phase=phase)
    records = conductor.records()
    if action != "create":
        records.create(person("A", full_name="Grace"), A)
    stranger = {**person("A", full_name="Zombie", health_notes="his"), "_cutover_version": 9}
    conductor.load(
        Side.TARGET, stranger if birth is None else {**stranger, "_cutover_birth": birth}
    )
    match action:
        case "create":
            assert records.create(person("A", full_name="Grace"), A).version == 10
        case "update":
            assert records.update(A, {"role": "admin"}, (), None).version == 10
        case _:
            records.delete(A, None)
    assert_alike(conductor, "A")
    target = conductor.stored(Side.TARGET, A)
    assert target is None or "health_notes" not in target


def test_a_key_when_v2_holds_the_same_birth_ahead_expects_v2_only_attributes_kept() -> None:
    conductor = stage(phase=Phase.VALIDATE)
    records = conductor.records()
    records.create(person("A"), A)
    target = conductor.stored(Side.TARGET, A)
    assert target is not None
    conductor.load(Side.TARGET, {**target, "_cutover_version": 5, "health_notes": "knee"})
    assert records.update(A, {"role": "admin"}, (), None).version == 6
    assert_alike(conductor, "A")
    assert (conductor.stored(Side.TARGET, A) or {})["health_notes"] == "knee"


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


# -- two callers at once


def race(
    phase: Phase, at: str, mine: Callable[[Records], Record | None], theirs: tuple[str, ...]
) -> tuple[Conductor, Record | CutoverError | None]:
    """Let others act at one call of mine; return my answer."""
    conductor = stage(phase=phase)
    records = conductor.records()
    records.create(person("A", role="admin", hourly_rate=Decimal(3)), A)
    acts = {
        "update": lambda: records.update(A, {"hourly_rate": Decimal(5), "role": "user"}, (), None),
        "delete": lambda: records.delete(A, None),
        "create": lambda: records.create(person("A", full_name="Reborn"), A),
    }
    left = list(theirs)

    def between(name: str) -> None:
        while name == at and left:
            acts[left.pop(0)]()

    racing = conductor.watched(after=between) if at == "get" else conductor.watched(between)
    try:
        return conductor, mine(racing.records())
    except CutoverError as error:
        return conductor, error


RACES = [("update",), ("delete",), ("delete", "create"), ("delete", "create", "update")]


def read(conductor: Conductor) -> Record | None:
    try:
        return conductor.records().get(A)
    except NotFound:
        return None


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("theirs", RACES)
def test_a_change_when_others_are_faster_expects_to_follow_them_and_no_mixture(
    phase: Phase, theirs: tuple[str, ...]
) -> None:
    changes = {"hourly_rate": Decimal(3), "role": "manager"}
    at = "write_together" if phase.dual else "write"
    for moment in ("get", at):
        conductor, answer = race(
            phase, moment, lambda records: records.update(A, changes, (), None), theirs
        )
        if theirs == ("delete",):
            assert isinstance(answer, NotFound)
            assert read(conductor) is None
            assert_stored_alike(conductor)
            continue
        assert isinstance(answer, Record)
        assert {name: answer.item[name] for name in changes} == changes
        assert ("full_name" in answer.item) is ("create" in theirs)
        assert answer == read(conductor)
        assert answer.version == (2 if theirs == ("delete", "create") else 3)
        assert_stored_alike(conductor)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("theirs", RACES)
def test_a_delete_of_a_version_when_others_are_faster_expects_a_conflict_or_not_found(
    phase: Phase, theirs: tuple[str, ...]
) -> None:
    at = "write_together" if phase.dual else "write"
    conductor, answer = race(phase, at, lambda records: records.delete(A, Seen(1)), theirs)
    assert_stored_alike(conductor)
    if theirs == ("delete",):
        assert isinstance(answer, NotFound)
    elif theirs == ("delete", "create"):
        # Another life of the record, and its first version too: the version alone names either.
        assert read(conductor) is None
    else:
        assert isinstance(answer, VersionConflict)
        assert read(conductor) is not None


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_change_of_what_was_seen_when_the_record_is_in_another_life_expects_a_conflict(
    phase: Phase, change: str
) -> None:
    changes: dict[str, Callable[[Records, Seen], object]] = {
        "update": lambda records, seen: records.update(A, {"role": "admin"}, (), seen),
        "delete": lambda records, seen: records.delete(A, seen),
    }
    records = stage(phase=phase).records()
    first = records.create(person("A"), A)
    records.delete(A, None)
    second = records.create(person("A"), A)
    assert (first.version, second.version) == (1, 1)
    with pytest.raises(VersionConflict):
        changes[change](records, Seen(1, first.life))
    assert records.get(A) == second
    changes[change](records, Seen(1, second.life))


def assert_stored_alike(conductor: Conductor) -> None:
    if conductor.phase.dual:
        assert_alike(conductor, "A")


@pytest.mark.parametrize("phase", PHASES)
def test_a_removal_when_others_add_the_attribute_first_expects_it_removed(phase: Phase) -> None:
    conductor = stage(phase=phase)
    records = conductor.records()
    records.create(person("A"), A)
    added: list[str] = []

    def between(name: str) -> None:
        if name == "get" and not added:
            added.append(name)
            records.update(A, {"team_id": "T1"}, (), None)

    answer = conductor.watched(after=between).records().update(A, {}, ("team_id",), None)
    assert "team_id" not in answer.item
    assert "team_id" not in records.get(A).item
