"""Decisions about records that are left out, and taking them back."""

import pytest

from shared.engine.exclusions import Exclusions, decide_exclusions
from shared.engine.key_sets import store
from shared.model.errors import RecordHeld
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.runs import RunStatus
from tests.unit.engine.conductor import Conductor, stage

A, B = "EMPLOYEE#a|PROFILE", "EMPLOYEE#b|PROFILE"


def employee(employee_id: str, **more: object) -> Item:
    """Return a v1 record."""
    return {"PK": f"EMPLOYEE#{employee_id}", "SK": "PROFILE", "full_name": "Ada", **more}


def test_exclude_when_off_replaces_the_set_and_an_empty_list_takes_it_back() -> None:
    conductor = stage(employee("a", active="maybe"), employee("b"))
    assert conductor.migrate(until="VALIDATE", exclude=[A]).status is RunStatus.SUCCEEDED
    assert excluded(conductor) == {A}
    conductor.rollback(to_phase="OFF")
    assert conductor.migrate(until="VALIDATE", exclude=[]).status is RunStatus.HELD
    assert excluded(conductor) == frozenset()
    assert conductor.phase is Phase.OFF


def test_exclude_when_writers_are_dual_only_adds() -> None:
    conductor = stage(employee("a", active="maybe"), employee("b"))
    conductor.migrate(until="DUAL_WRITE", exclude=[A])
    conductor.settle()
    conductor.migrate(until="VALIDATE", exclude=[B])
    assert excluded(conductor) == {A, B}
    with pytest.raises(RecordHeld):
        conductor.records().delete(conductor.world.migration.key_named("b"), None)


def test_a_certificate_when_another_record_is_left_out_is_void_and_stays_for_the_same_set() -> None:
    conductor = stage(employee("a"), employee("b"))
    conductor.migrate(until="VALIDATE", exclude=[A])
    assert conductor.certificate_granted()
    decide_exclusions(conductor.world, store(conductor.world, [A]), "ada")
    assert conductor.certificate_granted()
    decide_exclusions(conductor.world, store(conductor.world, [B]), "ada")
    assert not conductor.certificate_granted()


def excluded(conductor: Conductor) -> frozenset[str]:
    """Return the keys that are left out now."""
    world = conductor.world
    return Exclusions(world).keys(world.control.read(world.migration.name))
