"""A DynamoDB Local of our own: started on a free port, awaited, and ended with the server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from local.dynamodb_local import library
from local.dynamodb_local.connection import Connection
from local.dynamodb_local.library import Unusable

_CHILD = Path(__file__).with_name("child.py")
_PATIENCE_SECONDS = 60.0


class Process:
    """A running DynamoDB Local; it holds its tables in memory and forgets them when it ends."""

    def __init__(self, home: Path) -> None:
        """Start it and wait for its first answer; raises Unusable when none comes."""
        self.port = _free_port()
        self._log = home / "logs" / "dynamodb-local.log"
        command = library.command(self.port, str(home.resolve()))
        with self._log.open("a", encoding="utf-8") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-I", str(_CHILD), *command],
                stdin=subprocess.PIPE,  # its closing tells the child that the server is gone
                stdout=log,
                stderr=subprocess.STDOUT,
                # AWS: "Telemetry in DynamoDB local"; the switch on its command line is the other.
                env={**os.environ, "DDB_LOCAL_TELEMETRY": "0"},
            )
        self._await()

    def connection(self) -> Connection:
        """Open a way to call it."""
        return Connection(self.port)

    def close(self) -> None:
        """End it and wait until it is gone."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        self._child.wait(_PATIENCE_SECONDS)

    def _await(self) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and self._child.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self.close()
        ending = "".join(self._log.read_text(encoding="utf-8").splitlines(keepends=True)[-15:])
        raise Unusable(f"DynamoDB Local did not start; {self._log} ends with:\n{ending}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
