"""The verb `new`: which names it takes, and that it leaves all or nothing."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.endings import CommandFailed
from cli.main import application
from cli.new_folder import LONGEST, RESERVED, Kind, make_folder
from shared.model.errors import InvalidInput

KINDS = get_args(Kind)
FILES = {
    *("__init__.py", "migration.py", "models.py", "keys.py", "transform.py", "examples.py"),
    *("README.md", "sample.jsonl"),
}


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the command make its folders in an empty one."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    package = SimpleNamespace(__path__=[str(folder)])
    monkeypatch.setattr("cli.commands.adding.migrations", package)
    return folder


def type_new(*words: str) -> Result:
    return CliRunner().invoke(application(), ["new", *words])


@pytest.mark.parametrize("kind", KINDS)
def test_new_when_the_name_is_free_expects_the_whole_folder_and_nothing_beside(
    migrations: Path, kind: Kind
) -> None:
    told = json.loads(type_new("orders", "--kind", kind, "--json").stdout)
    assert [each.name for each in migrations.iterdir()] == ["orders"]
    made = {each.name: each.read_text() for each in (migrations / "orders").iterdir()}
    assert set(told["files"]) == set(made) == FILES
    assert (told["kind"], told["folder"]) == (kind, "migrations/orders")
    assert not any("$" in text.replace('"$set"', "").replace('}$"', "") for text in made.values())
    for name in (each for each in made if each.endswith(".py")):
        ast.parse(made[name])


def test_new_when_told_to_people_expects_three_commands_that_can_be_copied(
    migrations: Path,
) -> None:
    result = type_new("orders")
    assert result.exit_code == 0
    told = json.loads(type_new("bills", "--json").stdout)["next"]
    assert len(told) == 3
    for command in told:
        assert any(
            line.endswith(command.replace("bills", "orders")) for line in result.stdout.splitlines()
        )


@pytest.mark.parametrize(
    "name",
    [
        *("", "x", "Orders", "1st", "my-orders", "my_orders", "orders.py", "../orders", "ördern"),
        *("a" * (LONGEST + 1), "class", "orders\n", *sorted(RESERVED)),
    ],
)
def test_new_when_the_name_is_none_expects_exit_2_the_reason_and_nothing_made(
    migrations: Path, name: str
) -> None:
    result = type_new("--json", "--", name)
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert (error["code"], error["field"]) == ("invalid_input", "NAME")
    assert error["mend"]
    assert list(migrations.iterdir()) == []


def test_new_when_the_longest_name_is_given_expects_it_made(migrations: Path) -> None:
    assert type_new("a" * LONGEST).exit_code == 0


def test_new_when_the_folder_exists_expects_exit_2_and_it_untouched(migrations: Path) -> None:
    (migrations / "orders").mkdir()
    (migrations / "orders" / "own.txt").write_text("mine")
    result = type_new("orders", "--json")
    assert result.exit_code == 2
    assert "exists already" in json.loads(result.stdout)["error"]["message"]
    assert [each.name for each in migrations.rglob("*")] == ["orders", "own.txt"]


def test_new_when_the_kind_is_unknown_expects_exit_2(migrations: Path) -> None:
    assert type_new("orders", "--kind", "sideways").exit_code == 2
    assert list(migrations.iterdir()) == []


def test_a_folder_when_it_cannot_be_finished_expects_nothing_left_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(CommandFailed, match="no space"):
        make_folder("orders", "in-place", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_when_half_made_expects_no_migration_to_be_seen_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename
    seen: list[Path] = []

    def look(self: Path, target: Path) -> Path:
        seen.extend(tmp_path.glob("*/migration.py"))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", look)
    make_folder("orders", "table-to-table", tmp_path)
    assert seen == []
    assert (tmp_path / "orders" / "migration.py").is_file()


def test_a_folder_when_somebody_makes_it_at_once_expects_theirs_kept_and_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        target.mkdir()
        (target / "own.txt").write_text("theirs")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)
    with pytest.raises(InvalidInput, match="exists already"):
        make_folder("orders", "in-place", tmp_path)
    assert [each.name for each in tmp_path.rglob("*")] == ["orders", "own.txt"]
