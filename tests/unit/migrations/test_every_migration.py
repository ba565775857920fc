"""What every declared migration owes, whatever it moves: its examples and its declaration."""

import pytest

from shared import catalogue
from shared.model.declaration import Decision, Example, TableToTable
from shared.model.errors import InvalidInput
from shared.model.item import canonical, decode, encode

PAIRS = [
    pytest.param(name, example, id=f"{name}: {example.name}")
    for name in catalogue.names()
    for example in catalogue.load(name).examples
]
MOVING = [each for each in PAIRS if each.values[1].verdict.decision is Decision.TRANSFORM]


@pytest.fixture(params=catalogue.names())
def migration(request: pytest.FixtureRequest) -> TableToTable:
    return catalogue.load(request.param)


@pytest.mark.parametrize(("name", "example"), PAIRS)
def test_classify_of_an_example_gives_its_verdict(name: str, example: Example) -> None:
    assert catalogue.load(name).classify(example.source) == example.verdict


@pytest.mark.parametrize(("name", "example"), PAIRS)
def test_up_of_an_example_gives_its_target_and_leaves_the_source_alone(
    name: str, example: Example
) -> None:
    before = canonical(example.source)
    result = catalogue.load(name).up(example.source)
    assert canonical(example.source) == before
    if example.target is not None:
        assert canonical(result) == canonical(example.target)


@pytest.mark.parametrize(("name", "example"), MOVING)
def test_a_moving_example_says_what_it_becomes(name: str, example: Example) -> None:
    assert example.target is not None


@pytest.mark.parametrize(("name", "example"), MOVING)
def test_down_of_a_target_is_the_source_exactly_when_the_example_is_reversible(
    name: str, example: Example
) -> None:
    migration = catalogue.load(name)
    restored = migration.down(migration.up(example.source))
    assert (canonical(restored) == canonical(example.source)) is example.reversible


@pytest.mark.parametrize(("name", "example"), PAIRS)
def test_an_example_survives_storage(name: str, example: Example) -> None:
    assert canonical(decode(encode(example.source))) == canonical(example.source)


def test_examples_have_distinct_names(migration: TableToTable) -> None:
    names = [each.name for each in migration.examples]
    assert len(names) == len(set(names)) >= 12


def test_searches_name_indexes_that_the_tables_have(migration: TableToTable) -> None:
    for search in migration.api.searches if migration.api else ():
        keys = migration.target.index(search.index).keys
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
