"""Makes the folder of a new migration from the skeletons in `cli/skeletons/`.

A skeleton is a whole, working migration of a small record, to be edited. It is written beside
its place and renamed, so that no half-made folder is ever seen.
"""

import keyword
import re
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Literal

from cli.endings import CommandFailed
from shared.model.errors import InvalidInput

Kind = Literal["table-to-table", "in-place"]

EITHER = "either"
"""The files that are the same for both kinds."""
ENDING = ".template"
RESERVED = frozenset({"archive", "control", "ledger", "notifications"})
"""`cutover-<name>` is already the name of something that all migrations share."""
LONGEST = 24
"""So that the names of functions, which begin with it, stay below Lambda's 64 characters."""
_NAME = re.compile(rf"[a-z][a-z0-9]{{1,{LONGEST - 1}}}")


def make_folder(name: str, kind: Kind, migrations: Path) -> list[str]:
    """Make the folder of a migration and return its files; raise InvalidInput for a bad name."""
    _refuse_bad(name)
    folder = migrations / name
    _refuse_taken(folder)
    try:
        _make(folder, kind)
    except OSError as error:
        _refuse_taken(folder)  # somebody has made it meanwhile
        raise CommandFailed(f"{folder} could not be written: {error}") from error
    return sorted(each.name for each in folder.iterdir())


def _make(folder: Path, kind: Kind) -> None:
    # inside a hidden folder: one that holds no migration.py itself is no migration
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as beside:
        made = Path(beside) / folder.name
        _write(made, folder.name, kind)
        made.rename(folder)


def _write(folder: Path, name: str, kind: Kind) -> None:
    folder.mkdir()
    words = {"name": name, "Title": name.capitalize()}
    for skeleton in (EITHER, kind):
        for each in _templates(skeleton):
            text = Template(each.read_text(encoding="utf-8")).substitute(words)
            (folder / each.name.removesuffix(ENDING)).write_text(text, encoding="utf-8")


def _templates(skeleton: str) -> list[Traversable]:
    found = files("cli").joinpath("skeletons", skeleton).iterdir()
    return sorted(
        (each for each in found if each.name.endswith(ENDING)), key=lambda each: each.name
    )


def _refuse_bad(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} is no name for a migration",
            field="NAME",
            mend=f"2 to {LONGEST} small letters and digits, a letter first, such as notes",
        )
    if name in RESERVED or keyword.iskeyword(name):
        what = "a word of Python" if keyword.iskeyword(name) else "something that all share"
        raise InvalidInput(
            f"{name!r} is reserved: it names {what}", field="NAME", mend="choose another name"
        )


def _refuse_taken(folder: Path) -> None:
    if folder.exists():
        raise InvalidInput(
            f"{folder.parent.name}/{folder.name} exists already",
            field="NAME",
            mend="choose another name, or remove that folder",
        )
