"""Every example in doubt of every migration in place, decided by each of its candidates."""

import pytest

from shared import catalogue
from shared.engine.resolution import Answer, resolve
from shared.engine.review import queue, show
from shared.model.declaration import Decision, Example
from shared.model.in_place import InPlace
from shared.model.item import same
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.in_place.stage import stage

DECLARED = [each for each in map(catalogue.load, catalogue.names()) if isinstance(each, InPlace)]
CHOICES = [
    pytest.param(migration, example, candidate.name, id=f"{example.name}: {candidate.name}")
    for migration in DECLARED
    for example in migration.examples
    if example.verdict.decision is Decision.AMBIGUOUS
    for candidate in example.verdict.candidates
]


def test_there_is_something_to_decide() -> None:
    assert len(CHOICES) > 5


@pytest.mark.parametrize(("migration", "example", "name"), CHOICES)
def test_a_record_in_doubt_when_decided_migrates_and_comes_back_as_it_was_decided(
    migration: InPlace, example: Example, name: str
) -> None:
    conductor = stage(phase=Phase.WRITE_NEW, migration=migration, authors=example.found)
    conductor.load(Side.SOURCE, example.source)
    key = migration.source.keys.key_of(example.source)
    assert conductor.backfill().status is RunStatus.HELD
    [waiting] = queue(conductor.world).records
    seen = show(conductor.world, key)
    chosen = next(each for each in seen.options if each.candidate.name == name)
    answer = Answer(candidate=name)
    done = resolve(conductor.world, key, answer, seen=seen.fingerprint, actor="Ada", reason="asked")
    kind, given = conductor.parts.executions.started[done.execution or ""]
    assert (kind, given["keys"]) == (RunKind.BACKFILL, [waiting.key])
    decided = conductor.stored(Side.SOURCE, key)
    assert conductor.backfill(keys=given["keys"]).status is RunStatus.SUCCEEDED
    own = migration.stamps.strip(conductor.stored(Side.SOURCE, key) or {})
    assert isinstance(chosen.becomes, dict)
    assert same(own, migration.stamps.strip(chosen.becomes))
    assert [each.broken(own) for each in migration.invariants] == [None] * len(migration.invariants)
    assert conductor.validate().status is RunStatus.SUCCEEDED
    conductor.rollback(to_phase="READ_BOTH")
    assert same(conductor.stored(Side.SOURCE, key), decided)
