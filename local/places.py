"""Where a local cloud keeps its state, and the fixed facts of its account."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

ACCOUNT = "123456789012"
REGION = "us-east-1"
DEFAULT_PORT = 4566
CHECKOUT = Path(__file__).resolve().parents[1]


def endpoint(port: int) -> str:
    """Give the URL every client uses, by name: moto misreads template URLs with an IP."""
    return f"http://localhost:{port}"


@dataclass(frozen=True)
class Running:
    """What a live server writes down about itself."""

    pid: int
    port: int
    dynamodb: str


@dataclass(frozen=True)
class Places:
    """The files of one local cloud, all of them under `home`."""

    home: Path = CHECKOUT / ".cutover"

    @property
    def logs(self) -> Path:
        """Hold server.log, cdk.log and one file per function."""
        return self.home / "logs"

    @property
    def code(self) -> Path:
        """Hold deployed code, extracted once per digest."""
        return self.home / "code"

    @property
    def signing_key(self) -> Path:
        """Hold the private key that signs tokens."""
        return self.home / "signing-key.pem"

    @property
    def assembly(self) -> Path:
        """Hold what `cdk synth` writes, apart from what another local cloud synthesises."""
        return self.home / "cdk.out"

    @property
    def _record(self) -> Path:
        return self.home / "server.json"

    @property
    def _lock(self) -> Path:
        return self.home / "server.lock"

    def make(self) -> None:
        """Create the folders, readable by their owner alone."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(exist_ok=True)
        self.code.mkdir(exist_ok=True)

    def hold(self, running: Running) -> IO[str] | None:
        """Take the server's lock and record it; None when another live server has it.

        The kernel drops the lock with the process, so a crashed server never looks alive and a
        process that was given its old pid is never mistaken for it.
        """
        self.make()
        lock = self._lock.open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        unfinished = self._record.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(running)))
        unfinished.replace(self._record)
        return lock

    def running(self) -> Running | None:
        """Tell which server is alive here, if any."""
        if not self._lock.exists() or not self._record.exists():
            return None
        descriptor = os.open(self._lock, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return Running(**json.loads(self._record.read_text()))
        finally:
            os.close(descriptor)
        return None
