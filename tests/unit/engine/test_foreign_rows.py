"""Rows that the wrapper did not write, or not last: what a write makes of them."""

import pytest

from migrations.personnel.transform import up
from shared.model.item import canonical
from shared.model.phases import PAIRED, Phase
from shared.model.writes import Side
from tests.unit.engine.comparing import assert_alike, own
from tests.unit.engine.conductor import key, legacy, person, stage

DUAL = [phase for phase in PAIRED if phase.dual]
V1_FIRST = [phase for phase in DUAL if phase.primary is Side.SOURCE]
V2_FIRST = [phase for phase in PAIRED if phase.primary is Side.TARGET]
A = key("A")


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
