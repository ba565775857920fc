"""The catalogue reads the folders, and a digest follows every byte of a migration's code."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import catalogue
from shared.model.errors import InvalidInput


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the catalogue see a package of its own, with one folder `sample` in it."""
    package = tmp_path / "declared"
    (package / "sample" / "deeper").mkdir(parents=True)
    (package / "no_migration").mkdir()
    (package / "__init__.py").write_text("")
    (package / "sample" / "__init__.py").write_text("")
    (package / "sample" / "migration.py").write_text("MIGRATION = None\n")
    (package / "sample" / "deeper" / "more.py").write_text("A = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(catalogue, "_PACKAGE", "declared")
    _forget()
    yield package / "sample"
    for module in [each for each in sys.modules if each.split(".")[0] == "declared"]:
        del sys.modules[module]
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    catalogue.names.cache_clear()
    catalogue.digest.cache_clear()


def _digest() -> str:
    catalogue.digest.cache_clear()
    return catalogue.digest("sample")


def test_names_are_the_folders_with_a_declaration(folder: Path) -> None:
    assert catalogue.names() == ("sample",)


def test_load_refuses_a_folder_that_declares_something_else(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="does not declare 'sample'"):
        catalogue.load("sample")


def test_digest_is_the_same_while_the_code_is_and_ignores_other_files(folder: Path) -> None:
    before = _digest()
    (folder / "README.md").write_text("words")
    assert _digest() == before


@pytest.mark.parametrize("file", ["migration.py", "deeper/more.py", "new.py"])
def test_digest_changes_with_any_code(folder: Path, file: str) -> None:
    before = _digest()
    path = folder / file
    path.write_text((path.read_text() if path.exists() else "") + "# changed\n")
    assert _digest() != before


def test_digest_changes_when_a_file_is_renamed(folder: Path) -> None:
    before = _digest()
    (folder / "deeper" / "more.py").rename(folder / "deeper" / "other.py")
    assert _digest() != before
