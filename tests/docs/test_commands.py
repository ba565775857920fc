"""docs/commands.md: every command and option is documented, and what is shown can be typed."""

import re
import shlex
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup, TyperOption

from cli.endings import ExitCode
from cli.main import application
from shared.engine.disease import Disease
from shared.engine.mending import REMEDIES
from shared.engine.side_by_side import Verdict
from tests.docs.pages import blocks, filled, headings, page, section

APP = typer.main.get_command(application())
EVERYWHERE = {"--json", "--local", "--help", "--debug"}
"""Options that the page's beginning explains once for all commands."""


def commands(group: Any, words: tuple[str, ...]) -> dict[str, Any]:
    """Return every command by its words."""
    if not isinstance(group, TyperGroup):
        return {" ".join(words): group}
    found = {}
    for name, command in group.commands.items():
        found |= commands(command, (*words, name))
    return found


COMMANDS = commands(APP, ("cutover",))


def options(command: Any) -> set[str]:
    """Return a command's long options."""
    given = (each for each in command.params if isinstance(each, TyperOption))
    return {name for each in given for name in each.opts if name.startswith("--")}


def calls(line: str) -> list[list[str]]:
    """Return the arguments of every call of `cutover` in a line of shell."""
    inner = re.findall(r"\$\((cutover [^)]*)\)", line)
    outer = [line] if line.lstrip().startswith("cutover ") else []
    return [shlex.split(filled(call), comments=True)[1:] for call in (*inner, *outer)]


def parse(arguments: list[str]) -> Any:
    """Return the values of a command line, read as the command would, without doing anything."""
    command: Any = APP
    words = list(arguments)
    while isinstance(command, TyperGroup):
        command = command.commands[words.pop(0)]
    return command.make_context("cutover", words).params


TYPED = [(block.page, line) for block in blocks("sh") for line in block.lines if calls(line)]


def test_every_command_has_a_section_and_no_other_is_invented():
    documented = [each for each in headings(page("commands.md")) if each.startswith("cutover ")]
    assert sorted(documented) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_its_section_and_no_other(name):
    shown = set(re.findall(r"`(--[a-z-]+)`", section(page("commands.md"), name)))
    assert shown - EVERYWHERE == options(COMMANDS[name]) - EVERYWHERE


@pytest.mark.parametrize("name", COMMANDS)
def test_every_section_has_an_example_of_its_command(name):
    shown = [line for line in section(page("commands.md"), name).splitlines() if name in line]
    assert any(calls(line) for line in shown)


@pytest.mark.parametrize(("name", "line"), TYPED)
def test_what_is_shown_can_be_typed(name, line):
    for arguments in calls(line):
        assert isinstance(parse(arguments), dict)


def test_exit_codes_are_those_of_the_command():
    shown = re.findall(r"^\| (\d+) \| ", page("commands.md"), re.MULTILINE)
    assert {int(each) for each in ExitCode} <= {int(each) for each in shown}


def test_everything_that_doctor_can_find_is_explained_and_nothing_else():
    shown = re.findall(r"^\| `([a-z_]+)`: ", section(page("commands.md"), "cutover doctor"), re.M)
    assert sorted(shown) == sorted(Disease)


def test_what_doctor_mends_is_what_the_page_says():
    rows = re.findall(
        r"^\| `([a-z_]+)`: .* \| (.*) \|$", section(page("commands.md"), "cutover doctor"), re.M
    )
    mended = {name for name, mend in rows if not mend.startswith("none: ")}
    assert mended == set(REMEDIES)


def test_every_verdict_of_a_comparison_is_explained_and_no_other():
    cells = re.findall(
        r"^\| (`[a-z_`, ]+`) \| ", section(page("commands.md"), "cutover diff"), re.M
    )
    assert sorted(re.findall(r"[a-z_]+", " ".join(cells))) == sorted(Verdict)
