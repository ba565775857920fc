"""A deployment of its own, for an app that differs from the one that all other modules share."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local import lifecycle, toolkit
from local.places import Places
from tests.e2e.cloud import Cloud


@contextmanager
def deployed_apart(
    folder: Path, app: str, before: Callable[[int], None] | None = None
) -> Iterator[Cloud]:
    """Deploy the app of this name on a cloud of its own, after something was done to it."""
    places = Places(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    lifecycle.up(port, detach=True, places=places)
    try:
        if before:
            before(port)
        toolkit.bootstrap(port, places)
        options = ["--method=direct", "--require-approval", "never"]
        toolkit.run(["deploy", "--all", *options], port, places, app=Path(__file__).parent / app)
        yield Cloud(places, "personnel")
    finally:
        lifecycle.down(places)
