"""The engines under the contract: each test runs once per engine.

The third, AWS's DynamoDB Local, needs Java and what `make dynamodb-local` fetches. Where that is
missing its tests are skipped and say why; in CI they fail.
"""

from collections.abc import Iterator

import pytest

from tests.contract.engines import DYNAMODB_LOCAL, Engine, memory_engine
from tests.contract.server_cloud import ServerCloud, dynamodb_local_cloud, moto_cloud
from tests.dynamodb_local import require_dynamodb_local

SERVERS = {"moto": "moto_server", DYNAMODB_LOCAL: "dynamodb_local_server"}


@pytest.fixture(scope="session")
def moto_server() -> Iterator[ServerCloud]:
    """Run one moto server for all tests that ask for it."""
    with moto_cloud() as running:
        yield running


@pytest.fixture(scope="session")
def dynamodb_local_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerCloud]:
    """Run one local cloud on DynamoDB Local for all tests that ask for it."""
    require_dynamodb_local()
    with dynamodb_local_cloud(tmp_path_factory.mktemp("contract")) as running:
        yield running


@pytest.fixture(params=SERVERS)
def cloud(request: pytest.FixtureRequest) -> ServerCloud:
    """Give the server of one engine."""
    running: ServerCloud = request.getfixturevalue(SERVERS[request.param])
    return running


@pytest.fixture(params=["memory", *SERVERS])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Give fresh tables, ledger and archive of one engine."""
    if request.param == "memory":
        return memory_engine()
    running: ServerCloud = request.getfixturevalue(SERVERS[request.param])
    return running.engine()
