"""The command: what it prints leads back to the run that it speaks of, and tells it in words."""

import re
import shlex

import pytest

from prove.__main__ import main
from prove.families import FAMILIES
from prove.in_place.stage import VARIANTS as IN_PLACE
from prove.playing import Outcome
from prove.scenarios import Fault
from prove.small import SCOPES, plans
from prove.stage import VARIANTS
from prove.telling import OWN, WHO, told

RULES = {
    "DUAL leaves v2 behind": "certified, and yet",
    "AF: v1's leg takes any row": "the queue is empty, and yet",
}
"""One that a drawn scenario shows, and one that has a scenario of its own."""


def arguments(command: str) -> list[str]:
    """Return what a shell would make of a printed command, but for the program's name."""
    python, option, module, *rest = shlex.split(command)
    assert (python.rpartition("/")[2][:6], option, module) == ("python", "-m", "prove")
    return rest


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_when_removed_alone_expects_the_command_that_shows_it(
    rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--mutants", rule, "--jobs", "1", "--seeds", "50"]) == 0
    [printed] = [line for line in capsys.readouterr().out.splitlines() if "--replay" in line]
    assert main(arguments(printed)) == 1
    shown = capsys.readouterr().out
    assert f"What is wrong: {RULES[rule]}" in shown
    assert arguments(shown.splitlines()[-1].partition(": ")[2]) == arguments(printed)


def test_a_run_of_a_family_when_the_rule_is_there_expects_nothing_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--replay", "DUAL–DUAL:011"]) == 0
    assert "What is wrong: nothing" in capsys.readouterr().out


def test_a_run_of_a_scenario_that_no_rule_is_named_for_expects_to_be_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--replay", f"{OWN}:01"]) == 2
    assert "--without" in capsys.readouterr().out


def test_a_run_when_told_expects_its_scenario_its_actors_and_every_step() -> None:
    plan = next(plans("DUAL–DUAL"))
    plan.faults = [Fault(1, 2, writes=True, kinds=("lost after", "frozen after"))]
    outcome = Outcome(0, 0, trace=["w0.read", "c.move DUAL_WRITE", "v1.insert"], plan=plan)
    text = "\n".join(told(outcome, "the command"))
    assert "it begins in DUAL_WRITE; the record a is found: absent" in text
    assert "w1 meets at its write 2: lost after, then frozen after (frozen: for 20 s)" in text
    assert all(f"  {letter} is {WHO[letter]}" in text for letter in "wcv")
    assert [line for line in text.splitlines() if re.match(r" +\d+ ", line)] == [
        "     1 w0.read",
        "     2 c.move DUAL_WRITE",
        "     3 v1.insert",
    ]
    assert text.endswith("What is wrong: nothing\nTo see it again: the command")


def test_every_stage_when_told_expects_words_of_its_own() -> None:
    found = {opening[1] for each in FAMILIES.values() for f in each for opening in f.openings}
    found |= {opening[1] for each in SCOPES.values() for s in each for opening in s.openings}
    assert found <= VARIANTS.keys() | IN_PLACE.keys()
    assert [name for name, act in {**VARIANTS, **IN_PLACE}.items() if not act.__doc__] == []


def test_a_search_when_there_is_no_time_expects_a_line_of_figures_and_a_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--large-only", "--minutes", "0", "--jobs", "1"]) == 1
    assert "distinct interleavings of" in capsys.readouterr().out.splitlines()[-1]
