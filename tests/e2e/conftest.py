"""One deployment for the whole session; every module begins with empty tables."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.apart import deployed_alone
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.restoring import rebuild, reset
from tests.e2e.watching import watch_streams


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Bring up the local cloud, deploy everything on it, and leave no process behind."""
    folder = tmp_path_factory.mktemp("e2e")
    with deployed_alone(folder, "personnel") as cloud:
        yield cloud
    assert eventually(lambda: not _processes_of(folder)), _processes_of(folder)


@pytest.fixture(scope="session")
def described(deployed: Cloud) -> dict[str, Any]:
    """Return v1 as it was deployed."""
    client = deployed.client("dynamodb")
    return dict(client.describe_table(TableName=deployed.v1)["Table"])


@pytest.fixture(scope="module")
def cloud(deployed: Cloud, described: dict[str, Any]) -> Cloud:
    """Return the cloud as deployed: every table there, empty and watched, in OFF."""
    if deployed.v1 not in deployed.client("dynamodb").list_tables()["TableNames"]:
        rebuild(deployed, described)
    reset(deployed)
    watch_streams(deployed)
    return deployed


def _processes_of(folder: Path) -> list[str]:
    """Return the command lines that name the cloud's folder: its server and its workers."""
    listed = subprocess.check_output(["ps", "-A", "-ww", "-o", "pid=,args="], text=True)
    return [line for line in listed.splitlines() if str(folder.resolve()) in line]
