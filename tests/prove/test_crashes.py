"""Runs that die at some of their calls and go on; `python -m prove --crashes` takes every call."""

import pytest

from prove.crashes import KINDS, Journey, crashed

EVERY = {"dry_run": 5, "backfill": 5, "validate": 9, "restore": 5, "migrate": 29, "rollback": 19}


@pytest.mark.parametrize("journey", KINDS, ids=str)
def test_a_run_when_it_dies_and_goes_on_expects_the_end_of_one_that_did_not(
    journey: Journey,
) -> None:
    result = crashed(journey, EVERY[journey.kind])
    assert result.crashes
    assert result.failures == []
