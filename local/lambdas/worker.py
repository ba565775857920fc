"""One worker process: it serves one invocation at a time, and its death is an answer too."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import replace
from pathlib import Path

from local.lambdas.deployment import Deployment, process_environment
from local.lambdas.runtime_api import Invocation, Outcome, RuntimeApi
from local.places import CHECKOUT

# AWS gives initialisation 10 s; a laptop that starts several workers at once gets more.
_INIT_SECONDS = 60.0
_CHILD = str(Path(__file__).with_name("child.py"))


class Worker:
    """A process of one deployment; `alive` turns False when it has ended, for whatever reason."""

    def __init__(
        self, deployment: Deployment, code: Path, endpoint: str, write_line: Callable[[str], None]
    ) -> None:
        self.deployment = deployment
        self.alive = True
        self._api = RuntimeApi()
        self._pending: Invocation | None = None
        self._guard = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-P", _CHILD, str(code), str(CHECKOUT)],
            env=process_environment(deployment, code, endpoint, self._api.address),
            cwd=code,
            stdin=subprocess.PIPE,  # its closing tells the worker that the server is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is the server's to handle
        )
        threading.Thread(target=self._read_log, args=(write_line,), daemon=True).start()

    @property
    def pid(self) -> int:
        """Give the process id, which operators kill to see what happens."""
        return self._process.pid

    def invoke(self, event: bytes) -> Outcome:
        """Run one event and give the outcome, be it a timeout or the death of the process."""
        timeout = self.deployment.timeout
        invocation = Invocation(event, self.deployment.arn, timeout)
        with self._guard:
            self._pending = invocation
            if not self.alive:
                return self._exit_error(invocation)
        self._api.offer(invocation)
        if not invocation.taken.wait(_INIT_SECONDS) and not invocation.outcome.done():
            self.kill()
        started = time.monotonic()
        try:
            outcome = invocation.outcome.result(timeout)
        except StillRunning:
            outcome = self._time_out(invocation)
        return replace(outcome, seconds=time.monotonic() - started)

    def kill(self) -> None:
        """End the process at once; a running invocation gets an exit error."""
        self._process.kill()

    def _time_out(self, invocation: Invocation) -> Outcome:
        """Do as Lambda does at the limit: the sandbox is lost, the caller is told."""
        seconds = f"{self.deployment.timeout:.2f} seconds"
        message = f"RequestId: {invocation.request_id} Error: Task timed out after {seconds}"
        if invocation.settle(failure("Sandbox.Timedout", message)):
            self.kill()
        return invocation.outcome.result()

    def _read_log(self, write_line: Callable[[str], None]) -> None:
        """Pass the process's output on line by line, then notice its end."""
        stream = self._process.stdout
        if stream is None:
            raise RuntimeError("a worker is started with a pipe as its output")
        for line in stream:
            write_line(line.decode("utf-8", "replace").rstrip("\n"))
        self._process.wait()
        with self._guard:
            self.alive = False
            if self._pending is not None:
                self._pending.settle(self._exit_error(self._pending))
                self._pending.taken.set()
        self._api.close()

    def _exit_error(self, invocation: Invocation) -> Outcome:
        """Say how the process ended, in the words of Lambda."""
        if self._api.init_error is not None:
            return self._api.init_error
        status = self._process.returncode
        how = "signal: killed" if status < 0 else f"exit status {status}"
        return failure(
            "Runtime.ExitError",
            f"RequestId: {invocation.request_id} Error: Runtime exited with error: {how}",
        )


def failure(error_type: str, message: str) -> Outcome:
    """Return what a caller gets of a function that did not answer."""
    body = {"errorType": error_type, "errorMessage": message}
    return Outcome(json.dumps(body).encode(), "Unhandled")
