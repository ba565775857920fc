"""The world of a deployed function: what was deployed decides, and an operator has the declared."""

import pytest

from shared import bootstrap, catalogue
from shared.engine.sampling import Offer
from shared.settings import PREFIX, deployed_settings

SETTINGS = deployed_settings("personnel", "123456789012", "us-east-1")
TOLD = {
    f"{PREFIX}{name.upper()}": str(value)
    for name, value in SETTINGS.model_dump(exclude_none=True).items()
}


@pytest.mark.parametrize("mode", ["transactional", "availability_first"])
def test_a_function_when_deployed_in_a_mode_acts_in_it(mode: str) -> None:
    world = bootstrap.world({**TOLD, "CUTOVER_MODE": mode})
    assert world.migration.mode == mode


def test_a_function_when_told_of_no_mode_acts_in_the_declared_one() -> None:
    assert bootstrap.world(TOLD).migration == catalogue.load("personnel")


@pytest.mark.parametrize(("migration", "asked"), [("personnel", 1), ("campaigns", 0)])
def test_an_api_when_its_reads_are_compared_with_nothing_asks_for_no_sender(
    migration: str, asked: int
) -> None:
    asks: list[str] = []

    def offering() -> Offer:
        asks.append(migration)
        return lambda _key: None

    bootstrap.records({**TOLD, f"{PREFIX}MIGRATION": migration}, offering)
    assert len(asks) == asked
