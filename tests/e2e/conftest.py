"""One deployment for the whole session; every module begins with empty tables."""

import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from demo.stage import CONTROL, stacks_of
from local import lifecycle
from local.places import Places
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.restoring import rebuild, reset
from tests.e2e.watching import watch_streams


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Bring up the local cloud, deploy everything on it, and leave no process behind."""
    places = Places(tmp_path_factory.mktemp("e2e"))
    lifecycle.up(_free_port(), detach=True, places=places)
    try:
        lifecycle.deploy([CONTROL, f"{stacks_of('personnel')}-*"], places=places)
        yield Cloud(places, "personnel")
    finally:
        lifecycle.down(places)
    assert eventually(lambda: not _processes_of(places)), _processes_of(places)


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _processes_of(places: Places) -> list[str]:
    """Return the command lines that name the cloud's folder: its server and its workers."""
    listed = subprocess.check_output(["ps", "-A", "-ww", "-o", "pid=,args="], text=True)
    return [line for line in listed.splitlines() if str(places.home.resolve()) in line]
