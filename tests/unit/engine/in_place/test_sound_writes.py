"""Writes in place: what they leave alone, and what they may not say."""

from dataclasses import replace
from decimal import Decimal

import pytest

from migrations.campaigns import migration as campaigns
from migrations.campaigns.keys import key_of
from shared.engine.in_place.records import InPlaceRecords
from shared.engine.in_place.shapes import LARGEST_CHANGE
from shared.engine.world import in_place
from shared.memory.world import memory_parts
from shared.model.environment import LOCAL
from shared.model.errors import InvalidInput
from shared.model.item import NESTING_LIMIT, Item, Value
from shared.model.phases import IN_PLACE, Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.stage import author, key, note, records, stage

SHOP: Item = {
    "account_id": "A1",
    "integration_id": "I1",
    "provider": "shopify",
    "status": "active",
    "metadata": {},
}
THEIRS: Item = {**SHOP, "account_id": "A2", "integration_id": "I2"}


def service(phase: Phase, *items: Item) -> tuple[Conductor, InPlaceRecords]:
    """Return campaigns in a phase, with an integration of theirs and one of somebody else's."""
    parts = memory_parts(replace(campaigns.MIGRATION, environments=(LOCAL,)))
    parts.store.load(Side.SOURCE, *items)
    parts.references.items.extend([SHOP, THEIRS])
    conductor = Conductor(parts, parts.world(LOCAL))
    conductor.go_to(phase)
    return conductor, InPlaceRecords(in_place(conductor.world))


def source(integration_id: str, provider: str = "shopify") -> Item:
    return {"integration_id": integration_id, "provider": provider, "metadata": {}, "settings": {}}


@pytest.mark.parametrize("phase", IN_PLACE)
@pytest.mark.parametrize("theirs", [source("I2"), source("I9"), source("I1", "stripe")])
def test_an_integration_that_the_account_has_not_is_refused_in_every_phase(
    phase: Phase, theirs: Item
) -> None:
    conductor, records = service(phase)
    body = {"campaign_id": "C1", "account_id": "A1", "name": "n", "data_sources": [theirs]}
    with pytest.raises(InvalidInput, match="an integration that the account has not"):
        records.create(body, key_of("C1"))
    assert conductor.stored(Side.SOURCE, key_of("C1")) is None


def test_a_change_to_another_account_s_integration_is_refused_and_a_sound_one_is_not() -> None:
    _conductor, records = service(Phase.DONE)
    body = {"campaign_id": "C1", "account_id": "A1", "name": "n", "data_sources": [source("I1")]}
    records.create(body, key_of("C1"))
    with pytest.raises(InvalidInput, match="an integration that the account has not"):
        records.update(key_of("C1"), {"data_sources": [source("I2")]}, (), None)
    assert records.update(key_of("C1"), {"name": "m"}, (), None).item["name"] == "m"


def test_a_record_that_is_unsound_already_can_be_changed_and_mended() -> None:
    conductor = stage(note("a"), phase=Phase.DONE)
    stored = conductor.stored(Side.SOURCE, key("a")) or {}
    conductor.load(Side.SOURCE, {**stored, "body": "unsound", "words": Decimal(1)})
    service = records(conductor)
    assert service.update(key("a"), {"tag": "x"}, (), None).item["tag"] == "x"
    assert service.update(key("a"), {"body": "sound"}, (), None).item["body"] == "sound"
    with pytest.raises(InvalidInput, match="sound: its body is unsound"):
        service.update(key("a"), {"body": "unsound"}, (), None)


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.READ_BOTH])
def test_a_change_before_the_new_shape_leaves_everything_else_as_it_was_written(
    phase: Phase,
) -> None:
    old: Item = {"campaign_id": "C1", "account_id": "A1", "name": "n", "data_source": "Shopify"}
    conductor, records = service(phase, old)
    records.update(key_of("C1"), {"name": "m"}, (), None)
    stored = conductor.stored(Side.SOURCE, key_of("C1")) or {}
    assert campaigns.MIGRATION.stamps.strip(stored) == {**old, "name": "m"}


def test_an_author_in_doubt_stays_written_as_he_was_when_the_text_changes() -> None:
    two = (author("a1", "Ann"), author("a2", "Ann"))
    conductor = stage(note("a", account="acme", author="Ann"), authors=two)
    records(conductor).update(key("a"), {"body": "three new words"}, (), None)
    stored = conductor.stored(Side.SOURCE, key("a")) or {}
    assert (stored["author"], stored["text"]) == ("Ann", "three new words")


def test_a_change_of_more_attributes_than_one_write_takes_is_refused_and_changes_nothing() -> None:
    conductor = stage(phase=Phase.DONE)
    service = records(conductor)
    service.create({"note_id": "a", "body": "hm"}, key("a"))
    before = conductor.stored(Side.SOURCE, key("a"))
    many: Item = {f"n{number}": Decimal(number) for number in range(LARGEST_CHANGE + 1)}
    with pytest.raises(InvalidInput, match="one write changes at most 250") as caught:
        service.update(key("a"), many, (), None)
    assert caught.value.mend == "change fewer of them at once"
    assert conductor.stored(Side.SOURCE, key("a")) == before
    few = dict(list(many.items())[: LARGEST_CHANGE - 3])
    assert service.update(key("a"), few, (), None).item["n7"] == 7


@pytest.mark.parametrize("phase", IN_PLACE)
def test_what_would_be_nested_too_deep_is_refused_by_name(phase: Phase) -> None:
    service = records(stage(phase=phase))
    deep: Value = None
    for _ in range(NESTING_LIMIT + 1):
        deep = [deep]
    with pytest.raises(InvalidInput, match="33 deep; at most 32") as caught:
        service.create({"note_id": "a", "body": "hm", "tag": deep}, key("a"))
    assert caught.value.field == "tag"
