"""What is checked before a table is changed in place: no stream, but what it looks things up in."""

from dataclasses import replace
from typing import Any

import pytest

from shared.engine.preflight import prepare_source, problems_of
from shared.engine.world import World
from shared.model.errors import GuardRefused
from shared.model.in_place import InPlace
from shared.model.key import KeySchema
from shared.model.phases import Phase
from shared.model.writes import Side
from shared.ports import RECOVERY, STREAM
from tests.in_place.toy import AUTHORS, MIGRATION
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.stage import note, stage


class Answering:
    """A reference table that is not as it is declared."""

    def __init__(self, references: Any, status: str, keys: KeySchema) -> None:
        self._references, self._found = references, (status, keys)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._references, name)

    def keys(self) -> tuple[str, KeySchema]:
        return self._found


def answering(conductor: Conductor, status: str, keys: KeySchema) -> World:
    """Return the world in which the reference table says this of itself."""
    references = Answering(conductor.world.references, status, keys)
    return replace(conductor.world, references=references)


def test_a_stream_when_one_table_is_changed_is_not_asked_for() -> None:
    conductor = stage(note("a"))
    conductor.parts.store.table(Side.SOURCE).off = {STREAM}
    assert problems_of(conductor.world) == ()


def test_an_adopted_table_when_consent_is_given_gets_recovery_and_no_stream() -> None:
    conductor = stage(note("a"))
    conductor.parts.store.table(Side.SOURCE).off = {RECOVERY, STREAM}
    adopted = replace(conductor.world.environment, source="adopted")
    world = replace(conductor.world, environment=adopted)
    assert [each.check for each in problems_of(world)] == ["source-point-in-time-recovery"]
    assert prepare_source(world, actor="Ada") == (RECOVERY,)
    assert problems_of(world) == ()
    assert not world.tables.describe(Side.SOURCE).stream


def test_a_reference_when_it_is_as_declared_is_no_problem() -> None:
    assert problems_of(stage(note("a")).world) == ()


def test_a_reference_when_it_is_not_there_keeps_the_migration_from_beginning() -> None:
    conductor = stage(note("a"))
    conductor.parts.references.gone = True
    with pytest.raises(GuardRefused) as refusal:
        conductor.migrate(approve="auto", until="READ_BOTH")
    assert refusal.value.missing == ("reference-table-exists",)
    assert AUTHORS.name in refusal.value.message
    assert refusal.value.mend
    assert conductor.phase is Phase.OFF


def test_a_reference_when_it_has_another_key_is_told_with_the_key_that_is_there() -> None:
    world = answering(stage(note("a")), "ACTIVE", KeySchema("account", "author_id", sort_type="N"))
    [problem] = problems_of(world)
    assert problem.check == "reference-key-schema"
    assert "account (S), author_id (N)" in problem.reason


@pytest.mark.parametrize(("status", "checks"), [("CREATING", 1), ("UPDATING", 0)])
def test_a_reference_when_it_is_not_active_must_at_least_answer(status: str, checks: int) -> None:
    world = answering(stage(note("a")), status, AUTHORS.keys)
    assert [each.check for each in problems_of(world)] == ["reference-table-active"] * checks


def test_a_migration_when_it_looks_nothing_up_needs_no_reference() -> None:
    alone: InPlace = replace(MIGRATION, reference=None)
    assert problems_of(stage(note("a"), migration=alone).world) == ()
