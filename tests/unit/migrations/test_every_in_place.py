"""What every migration in place owes besides: two shapes told apart, and laws between them."""

from collections.abc import Iterator

import pytest

from shared import catalogue
from shared.model.declaration import Decision, Example
from shared.model.in_place import InPlace
from shared.model.item import Item, canonical
from tests.unit.migrations.transforming import spoiled

PAIRS = [
    pytest.param(migration, example, id=f"{migration.name}: {example.name}")
    for migration in map(catalogue.load, catalogue.names())
    if isinstance(migration, InPlace)
    for example in migration.examples
]
MOVING = [each for each in PAIRS if each.values[1].verdict.decision is Decision.TRANSFORM]
AMBIGUOUS = [each for each in PAIRS if each.values[1].verdict.decision is Decision.AMBIGUOUS]


def upgradable(migration: InPlace, example: Example) -> Iterator[Item]:
    """Yield an example's record and those like it, strange as they are, that may be upgraded."""
    for record in (example.source, *spoiled(example.source, migration.source.keys.names)):
        verdict = migration.classify(record, example.found)
        if not migration.upgraded(record) and verdict.decision is Decision.TRANSFORM:
            yield record


@pytest.mark.parametrize(("migration", "example"), PAIRS)
def test_the_record_of_an_example_is_in_the_old_shape(migration: InPlace, example: Example) -> None:
    assert not migration.upgraded(example.source)


@pytest.mark.parametrize(("migration", "example"), MOVING)
def test_an_upgrade_is_in_the_new_shape_and_keeps_its_key(
    migration: InPlace, example: Example
) -> None:
    for record in upgradable(migration, example):
        target = migration.up(record, example.found)
        assert migration.upgraded(target), record
        assert migration.source.keys.key_of(target) == migration.source.keys.key_of(record)


@pytest.mark.parametrize(("migration", "example"), MOVING)
def test_a_lowered_record_is_in_the_old_shape_and_upgrades_to_the_same(
    migration: InPlace, example: Example
) -> None:
    for record in upgradable(migration, example):
        target = migration.up(record, example.found)
        lowered = migration.down(target)
        assert not migration.upgraded(lowered), record
        assert canonical(migration.up(lowered, example.found)) == canonical(target), record


@pytest.mark.parametrize(("migration", "example"), MOVING)
def test_an_upgrade_keeps_every_invariant(migration: InPlace, example: Example) -> None:
    target = migration.up(example.source, example.found)
    assert {each.name: each.broken(target) for each in migration.invariants} == {
        each.name: None for each in migration.invariants
    }


@pytest.mark.parametrize(("migration", "example"), PAIRS)
def test_an_invariant_answers_for_records_that_nobody_foresaw(
    migration: InPlace, example: Example
) -> None:
    for record in spoiled(example.target or {}, migration.source.keys.names):
        for invariant in migration.invariants:
            reason = invariant.broken(record)
            assert reason is None or reason


@pytest.mark.parametrize(("migration", "example"), MOVING)
def test_both_shapes_of_a_record_are_looked_up_in_the_same_place(
    migration: InPlace, example: Example
) -> None:
    reference = migration.reference
    if reference is None:
        assert example.found == ()
        return
    target = migration.up(example.source, example.found)
    assert reference.partition(target) == reference.partition(example.source)
    assert migration.source.index(reference.index).keys.partition
    for each in example.found:
        reference.used(target, each)


@pytest.mark.parametrize(("migration", "example"), AMBIGUOUS)
def test_each_candidate_decides_the_record_and_leaves_its_key(
    migration: InPlace, example: Example
) -> None:
    for candidate in example.verdict.candidates:
        assert candidate.why
        assert not set(candidate.assign) & set(migration.source.keys.names)
        decided = {**example.source, **candidate.assign}
        assert not migration.upgraded(decided)
        verdict = migration.classify(decided, example.found)
        assert verdict.decision is Decision.TRANSFORM, (candidate.name, verdict.reason)
