"""Runs that die at some of their calls and go on; `python -m prove --crashes` takes every call."""

from dataclasses import fields

import pytest

from prove.crashes import KINDS, PORTS, Journey, crashed
from shared.engine.world import World
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


def test_the_ports_in_which_runs_die_are_all_that_the_engine_has() -> None:
    own = {"migration", "environment", "digest", "clock", "ids", "meter"}
    assert set(PORTS) == {each.name for each in fields(World)} - own
