"""The command: what it prints leads back to the run that it speaks of."""

import pytest

from prove.__main__ import main

RULE = "DUAL leaves v2 behind"


def test_a_rule_when_removed_alone_expects_the_command_that_shows_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--mutants", RULE, "--jobs", "1", "--seeds", "50"]) == 0
    told = capsys.readouterr().out
    run = told.split("--replay '")[1].split("'")[0]
    assert main(["--replay", run, "--without", RULE]) == 1
    assert "certified, and yet" in capsys.readouterr().out
    assert main(["--replay", run]) == 0


def test_a_search_when_there_is_no_time_expects_a_line_of_figures_and_a_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--large-only", "--minutes", "0", "--jobs", "1"]) == 1
    assert "distinct interleavings of" in capsys.readouterr().out.splitlines()[-1]
