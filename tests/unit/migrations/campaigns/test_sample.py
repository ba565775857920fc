"""The made-up campaigns: repeatable, movable but for those asked for, and with every hard case."""

from collections import Counter
from decimal import Decimal

import pytest

from migrations.campaigns import transform
from migrations.campaigns.invariants import broken
from migrations.campaigns.models import LegacyCampaign, MigratedCampaign
from migrations.campaigns.sample import generate, integrations
from shared.model.declaration import TRANSFORM, Decision
from shared.model.item import Item, canonical, encode, same, size

COUNT, DOUBTFUL = 1200, 12


@pytest.fixture(scope="module")
def sample() -> list[Item]:
    return generate(7, COUNT, DOUBTFUL)


@pytest.fixture(scope="module")
def accounts() -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for each in integrations(7, COUNT):
        found.setdefault(each["account_id"], []).append(each)
    return found


def test_sample_is_the_same_for_the_same_seed_and_differs_for_another() -> None:
    for make in (generate, integrations):
        assert canonical(make(7, 40)) == canonical(make(7, 40))
        assert canonical(make(7, 40)) != canonical(make(8, 40))
        assert canonical(make(7, 60)[: len(make(7, 40))]) == canonical(make(7, 40))


def test_sample_moves_but_for_the_ones_that_were_asked_for(
    sample: list[Item], accounts: dict[str, list[Item]]
) -> None:
    for record in sample[:-DOUBTFUL]:
        found = accounts[record["account_id"]]
        assert encode(record)
        LegacyCampaign.model_validate(record)
        assert transform.classify(record, found) == TRANSFORM
        result = transform.up(record, found)
        MigratedCampaign.model_validate(result)
        assert broken(result) is None
        assert same(transform.up(transform.down(result), found), result)
    verdicts = [transform.classify(each, accounts[each["account_id"]]) for each in sample]
    held = Counter(each.reason for each in verdicts[-DOUBTFUL:])
    assert {each.decision for each in verdicts[-DOUBTFUL:]} == {Decision.AMBIGUOUS}
    assert list(held.values()) == [2] * 6


def test_integrations_are_the_accounts_own_and_some_are_used_by_nobody(
    sample: list[Item], accounts: dict[str, list[Item]]
) -> None:
    used = {
        source["integration_id"]
        for each in sample
        for source in transform.up(each, accounts[each["account_id"]]).get("data_sources", ())
    }
    known = {each["integration_id"] for own in accounts.values() for each in own}
    assert used < known
    assert {each["account_id"] for each in sample} == accounts.keys()
    for each in sample[:-DOUBTFUL]:
        shown = transform.up(each, accounts[each["account_id"]])
        assert "contact" not in str(shown)


def test_sample_has_the_hard_cases(sample: list[Item]) -> None:
    kinds = Counter(type(each.get("data_source")) for each in sample)
    assert kinds.keys() == {str, dict, type(None)}
    assert any(20_000 < size(each) < 70_000 for each in sample)
    assert {type(value) for each in sample for value in each.values()} >= {
        *(str, Decimal, bytes, dict, frozenset)
    }
    assert len({each["campaign_id"] for each in sample}) == COUNT
