"""The checker can fail: rules of the protocol removed, each caught within a few hundred runs."""

import pytest

from prove.mutants import MUTANTS, Mutant, applied
from prove.teeth import hunt

SEEDS = 400
QUICK = (
    "CAS without birth",
    "CAS of updated legacy without birth",
    "REPL without birth",
    "REPL dropped",
    "v1 leg without CAS",
    "v2 leg without CAS while primary",
    "READ_V2 leaves v1 behind",
    "DUAL leaves v2 behind",
    "full puts to v1",
    "partial images in v2",
    "no healing when v2 refuses",
    "healing keeps v2-only fields of another birth",
    "OFF counts no versions",
    "operations have no deadline",
    "settle is the operation only",
    "lease by the monotonic clock only",
    "lease counts from the answer",
    "lease never ends",
    "every way back counts as an abort",
    "no certificate required",
    "single writes leave the certificate",
    "a backfill leaves the certificate",
    "changed transform ignored",
    "reopening leaves the certificate",
    "backfill overwrites",
    "validation only from v1",
    "validation only from v2",
    "validation of content only",
    "recheck by plain reads",
)
"""Those that `python -m prove --mutants` catches soon; it hunts them all."""


@pytest.mark.parametrize("name", QUICK)
def test_a_rule_when_it_is_removed_expects_to_be_missed(name: str) -> None:
    (mutant,) = (each for each in MUTANTS if each.name == name)
    assert hunt(mutant, SEEDS, shorten=False).caught


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mutant_when_applied_expects_something_to_be_there_that_it_replaces(
    mutant: Mutant,
) -> None:
    with applied(mutant):
        pass


def test_the_mutants_when_listed_expect_names_of_their_own() -> None:
    assert len({each.name for each in MUTANTS}) == len(MUTANTS)
