"""Walks all commands: each is documented, shows an example and speaks JSON."""

import pytest
import typer
from typer.testing import CliRunner

from cli.main import LOCAL_VERBS, VERBS, application

DOCUMENTED = {
    *["new", "list", "plan", "start", "status", "pause", "resume", "throttle", "validate"],
    *["reads", "writes", "advance"],
    *["rollback", "approve", "archive", "report", "log", "review", "diff", "doctor"],
    *(f"local {verb}" for verb in ["up", "deploy", "seed", "token", "env", "status", "down"]),
}


def paths() -> list[tuple[str, ...]]:
    return [
        *((name,) for name, _, _ in VERBS),
        *(("local", name) for name, _, _ in LOCAL_VERBS),
    ]


def help_of(*path: str) -> str:
    result = CliRunner().invoke(application(), [*path, "--help"])
    assert result.exit_code == 0
    return result.stdout


def test_the_verbs_when_listed_expects_the_documented_ones() -> None:
    assert {" ".join(path) for path in paths()} == DOCUMENTED


@pytest.mark.parametrize("path", paths(), ids=" ".join)
def test_a_command_when_asked_for_help_expects_an_example_of_itself_and_json(
    path: tuple[str, ...],
) -> None:
    told = " ".join(help_of(*path).split())
    assert f"cutover {' '.join(path)}" in told.partition("Example: ")[2]
    assert "--json" in told
    assert path[0] in ("local", "new") or "--local" in told  # these have no choice of a cloud
    assert max(map(len, help_of(*path).splitlines())) <= 80


@pytest.mark.parametrize("path", paths(), ids=" ".join)
def test_every_argument_when_shown_expects_words_that_explain_it(path: tuple[str, ...]) -> None:
    command = typer.main.get_command(application())
    for name in path:
        command = command.commands[name]  # type: ignore[attr-defined]  # groups have them
    unexplained = [each.name for each in command.params if not getattr(each, "help", "")]
    assert unexplained == []


@pytest.mark.parametrize("path", [(), ("local",)], ids=str)
def test_the_list_of_commands_when_shown_expects_no_line_cut_short(path: tuple[str, ...]) -> None:
    assert "..." not in help_of(*path).partition("Commands:")[2]


def test_an_unknown_command_when_typed_expects_usage_and_a_suggestion() -> None:
    result = CliRunner().invoke(application(), ["stauts"])
    assert result.exit_code == 2
    assert "Did you mean 'status'" in result.stderr
