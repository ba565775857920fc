"""The real engine under a few thousand interleavings; `python -m prove` runs a million."""

from itertools import islice

import pytest

from prove.choices import Seeded, written
from prove.runs import perform
from prove.scenarios import FAMILIES
from prove.search import LONG
from prove.small import SCOPES, enumerated, plans

SEEDS = 400
LONG_SEEDS = 60


@pytest.mark.parametrize("family", FAMILIES)
def test_the_engine_when_interleaved_by_chance_expects_no_anomaly(family: str) -> None:
    seeds = LONG_SEEDS if family in LONG else SEEDS
    digests = set()
    for seed in range(1_000_000, 1_000_000 + seeds):
        choices = Seeded(seed)
        outcome = perform(family, choices)
        assert outcome.violation is None, f"{family}:{written(choices.taken)}"
        digests.add(outcome.digest)
    assert len(digests) > seeds * 0.9


@pytest.mark.parametrize("family", SCOPES)
def test_the_engine_when_interleaved_in_every_order_expects_no_anomaly(family: str) -> None:
    some = list(plans(family))[5::37][:2]
    for plan in some:
        for decisions, outcome in islice(enumerated(plan), 400):
            assert outcome.violation is None, f"{plan} {written(decisions)}"
