"""A migration in DUAL_WRITE with records that wait to be copied."""

from dataclasses import replace

from shared.model.environment import LOCAL
from shared.model.item import Item, canonical
from shared.model.phases import Phase
from shared.model.runs import Counts
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, legacy, stage

SMALL = replace(LOCAL, concurrency=2)


def assert_adds_up(counts: Counts, scanned: int) -> None:
    outcomes = (
        counts.written
        + counts.already_present
        + counts.skipped
        + counts.ambiguous
        + counts.failed
        + counts.excluded
    )
    assert (counts.scanned, outcomes) == (scanned, scanned)


def dual(*items: Item, environment: object = SMALL) -> Conductor:
    """Return a migration in DUAL_WRITE whose v1 got these items by code outside the wrapper."""
    conductor = stage(phase=Phase.DUAL_WRITE, environment=SMALL)
    conductor.load(Side.SOURCE, *items)
    return conductor


def people(count: int) -> list[Item]:
    return [legacy(f"E{at:03d}", full_name=f"N{at}") for at in range(count)]


def in_v2(conductor: Conductor) -> dict[str, object]:
    return {str(item["PK"]): canonical(item) for item in conductor.parts.store.items(Side.TARGET)}
