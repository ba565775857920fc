"""The world of a deployed function: what was deployed decides, and an operator has the declared."""

import pytest

from shared import bootstrap, catalogue

TOLD = {
    "CUTOVER_MIGRATION": "personnel",
    "CUTOVER_ACCOUNT": "123456789012",
    "CUTOVER_REGION": "us-east-1",
    "CUTOVER_CONTROL_TABLE": "control",
    "CUTOVER_LEDGER_TABLE": "ledger",
    "CUTOVER_ARCHIVE_BUCKET": "archive",
}


@pytest.mark.parametrize("mode", ["transactional", "availability_first"])
def test_a_function_when_deployed_in_a_mode_acts_in_it(mode: str) -> None:
    world = bootstrap.world({**TOLD, "CUTOVER_MODE": mode})
    assert world.migration.mode == mode


def test_a_function_when_told_of_no_mode_acts_in_the_declared_one() -> None:
    assert bootstrap.world(TOLD).migration == catalogue.load("personnel")
