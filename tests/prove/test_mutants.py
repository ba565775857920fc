"""The checker can fail: rules of the protocol removed, each caught within a few hundred runs."""

from dataclasses import replace

import pytest

from prove.mutants import MUTANTS, Mutant, applied, named
from prove.teeth import Kill, Teeth, hunt

SEEDS = 400
QUICK = (
    "CAS without birth",
    "CAS of updated legacy without birth",
    "If-Match without the life",
    "REPL without birth",
    "REPL dropped",
    "a create looks for absence nowhere",
    "v1 leg without CAS",
    "v1 create over anything",
    "v1 and v2 delete without a condition",
    "v1 and v2 create over anything",
    "healing neither passes v2's version nor checks v1",
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
    "a certificate is never too old",
    "a pass that finds what differs leaves the certificate",
    "backfill overwrites",
    "validation only from v1",
    "validation only from v2",
    "validation of content only",
    "recheck by plain reads",
    "in place: CAS without write id",
    "in place: CAS without version and write id",
    "in place: CAS without birth and write id",
    "in place: If-Match without the life",
    "in place: no snapshot",
    "in place: snapshot after the write",
    "in place: backfill without condition",
    "in place: restore compares nothing",
    "in place: restore puts without condition",
    "in place: restore takes a lost race for won",
    "in place: READ_BOTH writes the new shape",
    "in place: VALIDATE writes the old shape",
    "in place: every key is in the share",
    "in place: no key is in the share",
    "in place: restore before settle",
    "in place: OFF without a restore",
    "in place: a restore is proof across moves",
    "in place: restored outlives new writes",
    "in place: a restore leaves the certificate",
    "in place: old records pass for migrated",
    "in place: what is derived stays",
    "in place: an upgrade counts a version",
    "in place: an upgrade begins the versions anew",
    "in place: an upgrade is a birth",
    "in place: lowering loses what is new",
    "in place: any write is one's own",
    "in place: a create overwrites",
)
"""Those that `python -m prove --mutants` catches soon; it hunts them all."""
STAND_IN = (
    ("v1 and v2 delete without a condition", "v1 delete without CAS"),
    ("v1 and v2 delete without a condition", "v2 delete without REPL"),
    ("v1 and v2 create over anything", "v1 create over anything"),
    ("v1 and v2 create over anything", "v2 create over anything"),
    ("a create looks for absence nowhere", "CAS of absence dropped"),
    ("healing neither passes v2's version nor checks v1", "healing does not pass v2's version"),
    ("healing neither passes v2's version nor checks v1", "healing does not check v1"),
    ("in place: CAS without version and write id", "in place: CAS without version"),
    ("in place: CAS without version and write id", "in place: CAS without write id"),
    ("in place: CAS without birth and write id", "in place: CAS without birth"),
    ("in place: CAS without birth and write id", "in place: CAS without write id"),
)
"""Two rules of which either is enough in the scenario that shows the lack of both."""


@pytest.mark.parametrize("name", QUICK)
def test_a_rule_when_it_is_removed_expects_to_be_missed(name: str) -> None:
    assert hunt(named(name), SEEDS, shorten=False).caught


@pytest.mark.parametrize(("pair", "rule"), STAND_IN)
def test_a_rule_when_another_stands_in_for_it_expects_not_to_be_missed(
    pair: str, rule: str
) -> None:
    alone = replace(named(rule), plan=named(pair).plan)
    assert not hunt(alone, 60, shorten=False).caught


def test_a_redundant_rule_when_one_of_its_pairs_is_not_caught_expects_to_have_survived() -> None:
    rule = Kill("rule", implied="another", both=("pair", "other pair"))
    pair, missed = Kill("pair", caught=True), Kill("other pair")
    teeth = Teeth([rule, pair, missed])
    assert teeth.survivors == [rule, missed]
    assert str(teeth).startswith("1 rules removed: 0 caught alone, 0 redundant")
    assert Teeth([rule, pair, replace(missed, caught=True)]).redundant == [rule]


def test_a_scenario_when_it_fails_with_the_rule_as_well_expects_to_show_nothing() -> None:
    broken = named("v1 and v2 create over anything")
    with applied(broken):  # stands for an engine that is wrong by itself
        kill = hunt(replace(broken, patches=()), 20, shorten=False)
    assert not kill.caught
    assert kill.violation.startswith("its scenario fails anyway")


def test_the_rules_that_stand_in_when_listed_expect_mutants_without_both() -> None:
    names = {each.name for each in MUTANTS}
    assert all(names.issuperset(each.both) for each in MUTANTS)
    assert all(bool(each.implied) == bool(each.both) for each in MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mutant_when_applied_expects_something_to_be_there_that_it_replaces(
    mutant: Mutant,
) -> None:
    with applied(mutant):
        pass


def test_the_mutants_when_listed_expect_names_of_their_own() -> None:
    assert len({each.name for each in MUTANTS}) == len(MUTANTS)
