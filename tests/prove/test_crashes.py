"""Runs that die at some of their calls and go on; `python -m prove --crashes` takes every call."""

import pytest

from prove.crashes import KINDS, Journey, crashed
from shared.model.runs import RunKind

EVERY = {"dry_run": 5, "backfill": 5, "validate": 9, "restore": 5, "migrate": 29, "rollback": 19}


@pytest.mark.parametrize("journey", KINDS, ids=str)
def test_a_run_when_it_dies_and_goes_on_expects_the_end_of_one_that_did_not(
    journey: Journey,
) -> None:
    result = crashed(journey, EVERY[journey.kind])
    assert result.crashes
    assert result.failures == []


@pytest.mark.parametrize("in_place", [False, True], ids=["two tables", "in place"])
def test_the_runs_that_die_when_listed_are_of_every_kind(in_place: bool) -> None:
    listed = {each.kind for each in KINDS if each.in_place is in_place}
    assert listed == set(RunKind) - (set() if in_place else {RunKind.RESTORE})
