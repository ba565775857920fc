"""The engines under the contract: each test runs once per engine.

DynamoDB Local joins here as one more name once the local cloud can start it.
"""

from collections.abc import Iterator

import pytest

from tests.contract.engines import Engine, memory_engine
from tests.contract.moto_cloud import MotoCloud, moto_cloud


@pytest.fixture(scope="session")
def cloud() -> Iterator[MotoCloud]:
    """Run one moto server for all tests that ask for it."""
    with moto_cloud() as running:
        yield running


@pytest.fixture(params=["memory", "moto"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Give fresh tables, ledger and archive of one engine."""
    if request.param == "memory":
        return memory_engine()
    running: MotoCloud = request.getfixturevalue("cloud")
    return running.engine()
