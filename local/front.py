"""The server's front: connections that stay open, and this cloud's own paths before moto's.

werkzeug's server closes every connection after one request, which doubles the cost of a small one;
moto tries some two hundred patterns per request to find out which service is meant.
"""

from __future__ import annotations

import functools
import io
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local.mend import replace

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_log = logging.getLogger(__name__)
_BODILESS = frozenset({"204", "304"})


class KeepAlive(MotoRequestHandler):
    """A request handler whose connections stay open, and which keeps no access log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Leave requests out of the log: a migration makes tens of thousands."""


def install() -> None:
    """Put our way of running a request in the place of werkzeug's.

    It replaces the method of werkzeug's class, so that `local.dynamodb` can go before it.
    """
    replace(WSGIRequestHandler, "run_wsgi", _run_wsgi)
    replace(WSGIRequestHandler, "handle_expect_100", lambda _handler: True)


def _run_wsgi(handler: Any) -> None:
    """Take in the whole request, so that the next one can follow it, and send the answer."""
    if handler.headers.get("Expect", "").lower() == "100-continue":
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        handler.wfile.flush()
    handler.environ = environ = handler.make_environ()
    if environ.get("wsgi.input_terminated"):
        content = environ["wsgi.input"].read()
    else:
        content = handler.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(content)
    try:
        status, headers, body = _run(handler.server.app, environ)
    except Exception as error:  # noqa: BLE001 - the entry point of every request: logged, answered
        _log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
        status, headers, body = _internal_failure(error)
    _send(handler, status, headers, body)


def _send(handler: Any, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
    code, _, phrase = status.partition(" ")
    handler.send_response(int(code), phrase)
    is_head = handler.command == "HEAD"
    given = {name.lower() for name, _ in headers}
    for name, value in headers:
        if is_head or name.lower() != "content-length":
            handler.send_header(name, value)
    if code not in _BODILESS and not (is_head and "content-length" in given):
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if not is_head and code not in _BODILESS:
        handler.wfile.write(body)


def _run(application: Any, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
    """Call a WSGI application and collect all it gives."""
    head: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_error: object) -> None:
        head[:] = [status, headers]

    parts = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return head[0], list(head[1]), body


def _internal_failure(error: Exception) -> tuple[str, list[tuple[str, str]], bytes]:
    """Say in an AWS client's language that this server has a fault."""
    text = f"{type(error).__name__} in the local cloud; its log has the trace"
    body = json.dumps({"__type": "InternalFailure", "message": text}).encode()
    return "500 Internal Server Error", [("Content-Type", "application/json")], body


class Front:
    """Sends a request to the first application whose path prefix it has, else to moto.

    No bucket's name may start with an underscore, so the prefixes never hide an S3 path.
    """

    def __init__(self, applications: Mapping[str, Application]) -> None:
        self._applications = dict(applications)
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._moto.get_backend_for_host = functools.cache(  # type: ignore[method-assign]  # a cache
            self._moto.get_backend_for_host
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_"):
            for prefix, application in self._applications.items():
                if path == prefix or path.startswith(prefix + "/"):
                    return application(environ, start_response)
        return self._moto(environ, start_response)  # type: ignore[no-any-return]  # moto is untyped


def json_page(make: Callable[[], object]) -> Application:
    """Serve what `make` gives at the time of the request."""

    def page(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(make()).encode()]

    return page


def listen(port: int, front: Application) -> BaseWSGIServer:
    """Bind the port on this machine only; raises SystemExit when it is taken."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return make_server("127.0.0.1", port, front, threaded=True, request_handler=KeepAlive)
