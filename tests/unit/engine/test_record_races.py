"""Two callers of one record at once: both are answered as if one had come after the other."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from shared.engine.records import Record, Records, Seen
from shared.model.errors import CutoverError, NotFound, VersionConflict
from shared.model.phases import PAIRED, Phase
from tests.unit.engine.comparing import assert_alike
from tests.unit.engine.conductor import Conductor, key, person, stage

PHASES = list(PAIRED)
A = key("A")


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
