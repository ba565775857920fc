"""Only its own folder knows a migration: engine, functions, stacks, CLI and local cloud do not."""

import re
from collections.abc import Iterator

import pytest

from infra.layer import ROOT
from shared import catalogue
from shared.model.in_place import InPlace

FOLDERS = ("shared", "functions", "infra", "cli", "local")
PECULIAR = re.compile(r"personnel|employee|campaign|sitelogix|shopify|stripe|testimonial", re.I)
"""Words that can only come from a migration; `events` happen everywhere, so they are not here."""


def lines() -> Iterator[tuple[str, str]]:
    """Yield every line of text in those folders, with where it stands."""
    files = [ROOT / "app.py"]
    for folder in FOLDERS:
        files += [each for each in (ROOT / folder).rglob("*") if each.is_file()]
    for file in files:
        if file.suffix == ".pyc":
            continue
        text = file.read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{file.relative_to(ROOT)}:{number}", line


def mention(name: str) -> re.Pattern[str]:
    """Return what finds a migration by its folder, its stacks, its tables or a command for it."""
    migration = catalogue.load(name)
    tables = {each.name for each in migration.tables.values()}
    if isinstance(migration, InPlace) and migration.reference is not None:
        tables.add(migration.reference.table.name)
    words = [rf"migrations[./]{name}\b", rf"\bcutover-{name}\b", rf"--migration {name}\b"]
    words += [rf"\bMIGRATION={name}\b", rf"\bcutover (?!local )[a-z]+ {name}\b"]
    words += [rf"[\"'`]{re.escape(table)}[\"'`]" for table in tables]
    words += [rf"\bmigration=[\"']{name}[\"']", rf"catalogue\.load\([\"']{name}[\"']\)"]
    return re.compile("|".join(words))


@pytest.mark.parametrize("name", catalogue.names())
def test_a_migration_when_looked_for_outside_its_folder_is_not_there(name: str) -> None:
    sought = mention(name)
    assert sought.search(f"cutover plan {name} --json")
    assert [place for place, line in lines() if sought.search(line)] == []


def test_what_migrations_are_about_is_no_word_of_the_engine() -> None:
    assert PECULIAR.search("migrations/personnel")
    assert [place for place, line in lines() if PECULIAR.search(line)] == []
