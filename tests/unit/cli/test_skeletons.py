"""What `cutover new` makes, in a copy of the repository: good code that keeps every law."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.layer import ROOT
from local.seeding import read_seeds
from shared.model.declaration import TableDeclaration
from shared.model.key import KeySchema

TOP = ("shared", "functions", "infra", "cli", "local", "migrations", "tests")
NAMES = {"notes": "table-to-table", "labels": "in-place"}
CUTOVER = "from cli.main import main; main()"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a copy of the repository in which one folder of each kind was made."""
    folder = tmp_path_factory.mktemp("copy")
    passing_by = shutil.ignore_patterns("__pycache__", ".*")
    for name in TOP:
        shutil.copytree(ROOT / name, folder / name, ignore=passing_by)
    for name in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    for name, kind in NAMES.items():
        run(folder, "-c", CUTOVER, "new", name, "--kind", kind)
    yield folder
    shutil.rmtree(folder)


def run(folder: Path, *words: str) -> str:
    """Return what Python prints that runs in a folder; fail with all of it if it fails."""
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("words", [("check",), ("format", "--check")])
def test_a_skeleton_when_linted_expects_nothing_found(copy: Path, words: tuple[str, ...]) -> None:
    run(copy, "-m", "ruff", *words, "--no-cache", *(f"migrations/{name}" for name in NAMES))


def test_a_skeleton_when_type_checked_strictly_expects_nothing_found(copy: Path) -> None:
    named = [word for name in NAMES for word in ("-p", f"migrations.{name}")]
    told = run(copy, "-m", "mypy", "--cache-dir", str(copy / ".types"), *named)
    assert "Success: no issues found in 12 source files" in told


@pytest.mark.parametrize("name", NAMES)
def test_a_skeleton_when_tested_like_every_migration_expects_to_pass(copy: Path, name: str) -> None:
    told = run(
        *(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/migrations"),
        *("-k", name),
    )
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
    told = run(copy, "-c", code.format(tuple(NAMES)))
    assert told.split("\n")[0] == "Notes v1 to v2 Labels in place"
