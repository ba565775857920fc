"""Finds the declared migrations: every folder under `migrations/` with a `migration.py`."""

import hashlib
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable

from shared.model.declaration import Migration
from shared.model.errors import InvalidInput

_PACKAGE = "migrations"
_DECLARATION = "migration.py"


@cache
def names() -> tuple[str, ...]:
    """Return the names of all migrations in order."""
    folders = (each for each in files(_PACKAGE).iterdir() if each.is_dir())
    return tuple(sorted(each.name for each in folders if each.joinpath(_DECLARATION).is_file()))


def load(name: str) -> Migration:
    """Return a migration's declaration; raise InvalidInput that lists the names there are."""
    _folder(name)
    migration = import_module(f"{_PACKAGE}.{name}.migration").MIGRATION
    if not isinstance(migration, Migration) or migration.name != name:
        raise InvalidInput(
            f"migrations/{name}/{_DECLARATION} does not declare {name!r}",
            field="migration",
            mend=f"let MIGRATION be a TableToTable or an InPlace with name={name!r}",
        )
    return migration


@cache
def digest(name: str) -> str:
    """Return the SHA-256 of a migration's code, which identifies its transform and models.

    It covers every .py file of the folder in order of path, each as its path and its bytes,
    both after their lengths, so that no two folders read alike.
    """
    state = hashlib.sha256()
    for path, content in sorted(_sources(_folder(name), "")):
        for part in (path.encode(), content):
            state.update(len(part).to_bytes(8, "big") + part)
    return state.hexdigest()


def _folder(name: str) -> Traversable:
    if name not in names():
        raise InvalidInput(
            f"there is no migration {name!r}",
            field="migration",
            mend="use one of " + ", ".join(names()),
        )
    return files(_PACKAGE).joinpath(name)


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in folder.iterdir():
        path = f"{prefix}{each.name}"
        if each.is_dir():
            found += _sources(each, path + "/")
        elif each.name.endswith(".py"):
            found.append((path, each.read_bytes()))
    return found
