"""What `cutover new` makes, in a copy of the repository: good code that keeps every law."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.seeding import read_seeds
from shared.model.declaration import TableDeclaration
from shared.model.key import KeySchema
from tests.copying import copy_repository, typed

NAMES = {"notes": "table-to-table", "labels": "in-place"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a copy of the repository in which one folder of each kind was made."""
    folder = tmp_path_factory.mktemp("copy")
    copy_repository(folder)
    for name, kind in NAMES.items():
        typed(folder, f"cutover new {name} --kind {kind}")
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("check", ["check", "format --check"])
def test_a_skeleton_when_linted_expects_nothing_found(copy: Path, check: str) -> None:
    typed(copy, f"ruff {check} --no-cache " + " ".join(f"migrations/{name}" for name in NAMES))


def test_a_skeleton_when_type_checked_strictly_expects_nothing_found(copy: Path) -> None:
    named = " ".join(f"-p migrations.{name}" for name in NAMES)
    told = typed(copy, f"mypy --cache-dir .types {named}")
    assert "Success: no issues found in 12 source files" in told


@pytest.mark.parametrize("name", NAMES)
def test_a_skeleton_when_tested_like_every_migration_expects_to_pass(copy: Path, name: str) -> None:
    told = typed(copy, f"pytest -q -p no:cacheprovider tests/unit/migrations -k {name}")
    assert int(told.rsplit("\n", 2)[-2].split()[0]) > 20


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_when_read_expects_records_that_the_table_takes(copy: Path, name: str) -> None:
    table = TableDeclaration(f"{name}-v1", KeySchema("record_id"))
    seeds = read_seeds(copy / "migrations" / name / "sample.jsonl", table)
    assert (len(seeds.items), seeds.bad) == (5, [])


def test_the_catalogue_when_folders_were_made_expects_them_and_their_declarations(
    copy: Path,
) -> None:
    code = "from shared import catalogue; print(*(catalogue.load(n).title for n in {!r}))"
    told = typed(copy, f'python -c "{code.format(tuple(NAMES))}"')
    assert told == "Notes v1 to v2 Labels in place\n"
