"""After the deletion of v1: the edit that `plan` prints, and what it leads to."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli import dropping_source
from cli.dropping_source import Edit, drop_source
from infra.layer import ROOT
from shared.model.environment import LOCAL, Environment
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.cli.rehearsal import operator
from tests.unit.engine.conductor import legacy

STAGING = replace(LOCAL, name="staging", source="adopted", account="210987654321")
DECLARED = """
STAGING = Environment(
    name="local-too",
    source="created",
)
STAGING = Environment(
    name="staging",  # größer
    account="210987654321",
    source="adopted",  # since 2019
)
MIGRATION = TableToTable(environments=(LOCAL, STAGING))
"""


def applied(edit: Edit) -> Environment:
    """Return the environment of the migration's file after the edit, as Python reads it."""
    lines = (ROOT / edit.file).read_text(encoding="utf-8").splitlines()
    assert lines[edit.line - 1].strip() == edit.old
    lines[edit.line - 1] = lines[edit.line - 1].replace(edit.old, edit.new)
    first = next(place for place, line in enumerate(lines) if line.startswith("from "))
    lines[first:first] = [edit.needs] if edit.needs else []
    read: dict[str, Any] = {}
    exec("\n".join(lines), read)  # noqa: S102 - our own file, with the edit that is tested
    found: Environment = read["MIGRATION"].environment(LOCAL.account, LOCAL.region)
    return found


def test_the_edit_of_personnel_when_applied_declares_v1_as_deleted_and_nothing_else() -> None:
    edit = drop_source("personnel", LOCAL)
    assert edit is not None
    assert applied(edit) == replace(LOCAL, source="deleted")


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let another text stand for the file of the declaration."""
    (tmp_path / "personnel").mkdir()
    (tmp_path / "personnel" / "migration.py").write_text(DECLARED, encoding="utf-8")
    monkeypatch.setattr(dropping_source, "files", lambda _package: tmp_path)


@pytest.mark.usefixtures("declared")
def test_the_edit_when_the_environment_is_declared_in_the_file_changes_its_source() -> None:
    assert drop_source("personnel", STAGING) == Edit(
        file="migrations/personnel/migration.py",
        line=9,
        old='source="adopted",  # since 2019',
        new='source="deleted",  # since 2019',
    )


@pytest.mark.usefixtures("declared")
def test_the_edit_when_the_environment_is_declared_in_another_way_expects_none() -> None:
    assert drop_source("personnel", replace(STAGING, name="production")) is None


def test_plan_when_v1_is_deleted_expects_the_edit_and_what_to_do_with_it() -> None:
    op = operator(legacy("a"), phase=Phase.DECOMMISSIONED)
    told = op.json("plan", "personnel")
    edit = drop_source("personnel", LOCAL)
    assert edit is not None
    assert (told["problems"], told["next"], told["estimate"]) == ([], [], None)
    assert told["edit"]["line"] == edit.line
    shown = op.type("plan", "personnel").stdout
    for line in (f"edit {edit.file}, line {edit.line}", f"- {edit.old}", f"+ {edit.new}"):
        assert line in shown
    assert str(edit.needs) in shown
    assert "drops v1 from the templates" in " ".join(shown.split())


def test_plan_when_v1_is_declared_as_deleted_expects_nothing_left_to_do() -> None:
    op = operator(legacy("a"), phase=Phase.DECOMMISSIONED)
    conductor = op.conductor
    gone = replace(LOCAL, source="deleted")
    conductor.world = replace(conductor.world, environment=gone, digest="edited")
    assert op.json("plan", "personnel")["edit"] is None
    assert "nothing left to do" in op.type("plan", "personnel").stdout
    assert op.json("status", "personnel")["changed_transform"] is False
    kinds: list[str] = []
    run = conductor.migrate(on_step=lambda step: kinds.append(step.kind), until="DECOMMISSIONED")
    assert (run.status, kinds) == ("SUCCEEDED", ["FINISH"])


def test_plan_when_v1_is_still_there_expects_its_deletion_first_and_no_edit() -> None:
    op = operator(legacy("a"), phase=Phase.DECOMMISSIONED)
    op.conductor.parts.store.create(Side.SOURCE)
    told = op.json("plan", "personnel", exits=1)
    [problem] = told["problems"]
    assert problem["check"] == "source-table-deleted"
    assert "--until DECOMMISSIONED" in problem["mend"]
    assert told["edit"] is None


def test_plan_when_v2_is_gone_after_v1_expects_no_edit() -> None:
    op = operator(legacy("a"), phase=Phase.DECOMMISSIONED)
    op.conductor.parts.store.drop(Side.TARGET)
    told = op.json("plan", "personnel", exits=1)
    assert [each["check"] for each in told["problems"]] == ["target-table-exists"]
    assert told["edit"] is None


def test_plan_when_v1_is_declared_as_deleted_too_early_expects_a_warning() -> None:
    op = operator(legacy("a"), phase=Phase.READ_V2)
    gone = replace(LOCAL, source="deleted")
    op.conductor.world = replace(op.conductor.world, environment=gone)
    [problem] = op.json("plan", "personnel", exits=1)["problems"]
    assert problem["check"] == "source-declared"
    assert "READ_V2" in problem["reason"]
