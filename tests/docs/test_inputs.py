"""docs/state-machines.md, docs/declare.md: fields, defaults, errors and settings are the code's."""

import json
import re
from dataclasses import fields

import pytest

from shared.engine.failures import OUTSIDE_NAMES
from shared.model.declaration import TableToTable
from shared.model.environment import Environment
from shared.model.in_place import InPlace
from shared.model.inputs import BackfillInput, MigrateInput, RollbackInput, ValidateInput
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from shared.settings import PREFIX, Settings
from tests.docs.pages import page, pages, rows, section

PAGE = page("state-machines.md")
MODELS = {
    "migrate": MigrateInput,
    "backfill": BackfillInput,
    "validate": ValidateInput,
    "rollback": RollbackInput,
}


def names(text, title):
    """Return the names in the first column of a section's tables."""
    return [name for row in rows(section(text, title)) for name in re.findall(r"`(\w+)`", row[0])]


@pytest.mark.parametrize("machine", MODELS)
def test_every_field_of_an_input_is_shown_with_its_default(machine):
    shown = {row[0].strip("`"): row[-1] for row in rows(section(PAGE, machine))}
    model = MODELS[machine]
    assert list(shown) == list(model.model_fields)
    for name, field in model.model_fields.items():
        if field.is_required():
            assert shown[name] == "required"
        else:
            default = json.loads(re.findall(r"`([^`]+)`", shown[name])[0])
            assert default == json.loads(json.dumps(field.get_default(call_default_factory=True)))


def test_every_field_of_the_output_is_shown():
    run = Run("r", RunKind.MIGRATE, "m", RunStatus.HELD, Phase.OFF, 0, 0, 0.0, "a")
    assert sorted(names(PAGE, "Output")) == sorted(run.summary())


def test_every_error_of_an_execution_is_shown():
    assert sorted(names(PAGE, "Failure")) == sorted(OUTSIDE_NAMES)


DECLARED = (TableToTable, InPlace, Environment)


def test_every_field_of_a_declaration_is_shown():
    shown = [name for row in rows(page("declare.md")) for name in re.findall(r"`(\w+)`", row[0])]
    declared = [each.name for kind in DECLARED for each in fields(kind)]
    assert sorted(set(declared) - set(shown)) == []
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    assert sorted(set(shown) - set(declared) - settings) == []


def test_every_setting_is_shown_and_no_other_is_named_anywhere():
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    assert settings == set(names(page("declare.md"), "What a deployed function is told"))
    everywhere = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", "\n".join(pages().values())))
    assert everywhere == settings
