"""The engines under the contract: each test runs once per engine."""

import pytest

from tests.contract.engines import Engine, memory_engine

ENGINES = ("memory",)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Give fresh tables, ledger and archive of one engine."""
    return {"memory": memory_engine}[request.param]()
