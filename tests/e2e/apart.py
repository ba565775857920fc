"""Local clouds of their own: one migration of this checkout, or an app that differs from it.

They are on moto; under `make e2e-dynamodb-local` they are on AWS's DynamoDB Local.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.stage import CONTROL, stacks_of
from local import lifecycle, toolkit
from local.places import Places
from tests.dynamodb_local import require_dynamodb_local
from tests.e2e.cloud import Cloud

ENGINE = os.environ.get("E2E_DYNAMODB", "moto")
"""What `cutover local up --dynamodb` is told."""


def chosen_engine() -> str:
    """Return what the local cloud is to run on, where that can run here."""
    if ENGINE == "local":
        require_dynamodb_local()
    return ENGINE


@contextmanager
def deployed_alone(folder: Path, migration: str) -> Iterator[Cloud]:
    """Deploy one migration, and none of the others, on a cloud of its own."""
    with _running(folder) as (places, _):
        lifecycle.deploy(stacks_alone(migration), places=places)
        yield Cloud(places, migration)


def stacks_alone(migration: str) -> list[str]:
    """Return the stacks of one migration, and of none of the others, as the CDK CLI takes them."""
    return [CONTROL, f"{stacks_of(migration)}-*"]


@contextmanager
def deployed_apart(
    folder: Path, app: str, before: Callable[[int], None] | None = None
) -> Iterator[Cloud]:
    """Deploy the app of this name on a cloud of its own, after something was done to it."""
    with _running(folder) as (places, port):
        if before:
            before(port)
        toolkit.bootstrap(port, places)
        options = ["--method=direct", "--require-approval", "never"]
        toolkit.run(["deploy", "--all", *options], port, places, app=Path(__file__).parent / app)
        yield Cloud(places, "personnel")


@contextmanager
def _running(folder: Path) -> Iterator[tuple[Places, int]]:
    """Run a local cloud on a free port, and leave no process of it behind."""
    engine = chosen_engine()
    places = Places(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    lifecycle.up(port, detach=True, dynamodb=engine, places=places)
    try:
        yield places, port
    finally:
        lifecycle.down(places)
