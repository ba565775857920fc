"""The edit of a declaration that drops a deleted v1 from the templates."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files

from shared.model.environment import Environment

DELETED = 'source="deleted"'


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of a file in the checkout, as it is and as it has to be.

    `needs` is an import that the new line takes, for a file that does not have it yet.
    """

    file: str
    line: int
    old: str
    new: str
    needs: str | None = None


def drop_source(migration: str, environment: Environment) -> Edit | None:
    """Return the edit of a migration's declaration, or None when it is written in another way.

    An environment that is declared there gets another `source`; one that comes from elsewhere,
    as LOCAL does, is replaced where it is named, since other migrations use it too.
    """
    text = files("migrations").joinpath(migration, "migration.py").read_text(encoding="utf-8")
    for old, new, needs in _replacements(text, migration, environment):
        line = text.splitlines()[old.lineno - 1]
        raw = line.encode()  # columns are counted in bytes
        changed = raw[: old.col_offset] + new.encode() + raw[old.end_col_offset :]
        missing = None if needs is None or needs in text else needs
        file = f"migrations/{migration}/migration.py"
        return Edit(file, old.lineno, line.strip(), changed.decode().strip(), missing)
    return None


Replacement = tuple[ast.expr, str, str | None]


def _replacements(text: str, migration: str, environment: Environment) -> Iterator[Replacement]:
    """Yield what could be replaced, by what, and the import that this needs; the best first."""
    tree = ast.parse(text)
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    for call in calls:
        given = {each.arg: each.value for each in call.keywords}
        name, source = given.get("name"), given.get("source")
        named = isinstance(name, ast.Constant) and name.value == environment.name
        if named and isinstance(source, ast.Constant):
            yield source, '"deleted"', None
    known = vars(import_module(f"migrations.{migration}.migration"))
    for call in calls:
        for keyword in call.keywords:
            if keyword.arg == "environments":
                for each in ast.walk(keyword.value):
                    if isinstance(each, ast.Name) and known.get(each.id) == environment:
                        new = f"replace({each.id}, {DELETED})"
                        yield each, new, "from dataclasses import replace"
