"""What every declared migration owes, whatever it moves: its examples and its declaration."""

import pytest

from shared import catalogue
from shared.model.declaration import Decision, Example, Migration, TableToTable
from shared.model.errors import InvalidInput
from shared.model.item import canonical, decode, encode
from shared.model.stamp import StampNames
from tests.unit.migrations.transforming import classify, down, spoiled, up

PAIRS = [
    pytest.param(name, example, id=f"{name}: {example.name}")
    for name in catalogue.names()
    for example in catalogue.load(name).examples
]
MOVING = [each for each in PAIRS if each.values[1].verdict.decision is Decision.TRANSFORM]
PAIRED = [each for each in MOVING if isinstance(catalogue.load(each.values[0]), TableToTable)]


@pytest.fixture(params=catalogue.names())
def migration(request: pytest.FixtureRequest) -> Migration:
    return catalogue.load(request.param)


@pytest.mark.parametrize(("name", "example"), PAIRS)
def test_classify_of_an_example_gives_its_verdict(name: str, example: Example) -> None:
    assert classify(catalogue.load(name), example.source, example) == example.verdict


@pytest.mark.parametrize(("name", "example"), PAIRS)
def test_up_of_an_example_gives_its_target_and_leaves_the_source_alone(
    name: str, example: Example
) -> None:
    before = canonical(example.source)
    result = up(catalogue.load(name), example.source, example)
    assert canonical(example.source) == before
    if example.target is not None:
        assert canonical(result) == canonical(example.target)


@pytest.mark.parametrize(("name", "example"), MOVING)
def test_a_moving_example_says_what_it_becomes(name: str, example: Example) -> None:
    assert example.target is not None


@pytest.mark.parametrize(("name", "example"), PAIRED)
def test_down_of_a_target_is_the_source_exactly_when_the_example_is_reversible(
    name: str, example: Example
) -> None:
    migration = catalogue.load(name)
    restored = migration.down(migration.up(example.source))
    assert (canonical(restored) == canonical(example.source)) is example.reversible


@pytest.mark.parametrize(("name", "example"), MOVING)
def test_up_after_down_of_a_target_gives_that_target(name: str, example: Example) -> None:
    migration = catalogue.load(name)
    target = up(migration, example.source, example)
    before = canonical(target)
    again = up(migration, down(migration, target), example)
    assert canonical(target) == before
    kept = {key: each for key, each in target.items() if key not in _held_by_v2_alone(migration)}
    assert {key: again.get(key) for key in kept} == kept


@pytest.mark.parametrize(("name", "example"), MOVING)
def test_a_moved_example_has_the_key_that_is_declared_and_no_stamp(
    name: str, example: Example
) -> None:
    migration = catalogue.load(name)
    target = up(migration, example.source, example)
    key = migration.source.keys.key_of(example.source)
    shown = migration.shown_key(key)
    assert {each: target[each] for each in shown} == shown
    if isinstance(migration, TableToTable):
        assert migration.source_key(migration.target_key(key)) == key
    assert not set(StampNames().all) & set(target)


@pytest.mark.parametrize(("name", "example"), PAIRS)
def test_every_answer_of_a_transform_when_a_field_is_strange_or_missing_is_an_answer(
    name: str, example: Example
) -> None:
    migration = catalogue.load(name)
    for record in spoiled(example.source, migration.source.keys.names):
        before = canonical(record)
        assert classify(migration, record, example).decision in Decision
        target = up(migration, record, example)
        assert canonical(record) == before
        encode(down(migration, target))
    for record in spoiled(example.target or {}, migration.shown.keys.names):
        encode(down(migration, record))


@pytest.mark.parametrize(("name", "example"), PAIRS)
def test_an_example_survives_storage(name: str, example: Example) -> None:
    assert canonical(decode(encode(example.source))) == canonical(example.source)


def test_examples_have_distinct_names_and_one_moves(migration: Migration) -> None:
    names = [each.name for each in migration.examples]
    assert len(names) == len(set(names))
    assert Decision.TRANSFORM in {each.verdict.decision for each in migration.examples}


def test_searches_name_indexes_that_the_tables_have(migration: Migration) -> None:
    for search in migration.api.searches if migration.api else ():
        keys = migration.shown.index(search.index).keys
        assert len(keys.names) == len(search.parameters)
        if search.source_index is not None:
            assert migration.source.index(search.source_index).keys.partition
            assert search.source_values is not None


def test_load_of_an_unknown_name_lists_the_names_there_are() -> None:
    with pytest.raises(InvalidInput) as caught:
        catalogue.load("unheard_of")
    assert caught.value.field == "migration"
    for name in catalogue.names():
        assert name in str(caught.value.mend)


@pytest.mark.parametrize("name", ["..", "", "personnel/..", "__pycache__"])
def test_load_of_a_name_that_is_a_path_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        catalogue.load(name)


def _held_by_v2_alone(migration: Migration) -> frozenset[str]:
    return migration.target_only if isinstance(migration, TableToTable) else frozenset()
