"""AWS's Lambda Runtime API, one small server per worker (AWS docs: "Using the Lambda runtime API").

The port tells which worker is asking, so that the runtime client needs no change.
"""

from __future__ import annotations

import queue
import threading
import time
import uuid
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True)
class Outcome:
    """What a function answered; `error` is X-Amz-Function-Error, None when it returned.

    `seconds` is how long it ran, without the start of its process.
    """

    payload: bytes
    error: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Invocation:
    """One event on its way through a worker."""

    event: bytes
    arn: str
    timeout: float
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    outcome: Future[Outcome] = field(default_factory=Future)
    taken: threading.Event = field(default_factory=threading.Event)

    def settle(self, outcome: Outcome) -> bool:
        """Give the caller its answer; the first one counts, and a later one is told False."""
        try:
            self.outcome.set_result(outcome)
        except InvalidStateError:
            return False
        return True


class RuntimeApi:
    """Hands one worker its invocations and takes its answers."""

    def __init__(self) -> None:
        self.init_error: Outcome | None = None
        self._waiting: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._current: Invocation | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        self._server.serve_forever()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Give what AWS_LAMBDA_RUNTIME_API holds."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def offer(self, invocation: Invocation) -> None:
        """Queue an invocation for the worker."""
        self._waiting.put(invocation)

    def close(self) -> None:
        """Stop serving; the worker must be dead by now."""
        self._waiting.put(None)
        self._server.shutdown()

    def take(self) -> Invocation | None:
        """Wait for the next invocation; None when the worker is being retired."""
        self._current = self._waiting.get()
        if self._current is not None:
            self._current.taken.set()
        return self._current

    def answer(self, request_id: str, outcome: Outcome) -> bool:
        """Settle the current invocation; False when it is not the one asked about."""
        current = self._current
        if current is None or current.request_id != request_id:
            return False
        return current.settle(outcome)


def _handler_for(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    """Make the request handler of one worker's server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # headers and body leave in one packet

        def do_GET(self) -> None:
            if self.path != f"{_PREFIX}invocation/next":
                self._reply(404, b"{}")
                return
            invocation = api.take()
            if invocation is None:
                self.close_connection = True
                return
            deadline = int((time.time() + invocation.timeout) * 1000)
            self._reply(
                200,
                invocation.event,
                {
                    "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                    "Lambda-Runtime-Deadline-Ms": str(deadline),
                    "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
                },
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = self.path.removeprefix(_PREFIX).split("/")
            if parts == ["init", "error"]:
                api.init_error = Outcome(body, "Unhandled")
                self._reply(202, b"{}")
                return
            error = "Unhandled" if parts[-1] == "error" else None
            known = len(parts) == 3 and api.answer(parts[1], Outcome(body, error))
            self._reply(202 if known else 400, b"{}")

        def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing: the function's own log is what matters."""

    return Handler
