"""The server's front: HTTP/1.1 with keep-alive, and this cloud's own paths before moto's.

werkzeug's server speaks HTTP/1.0 unless told otherwise, so every request would open a connection.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class KeepAlive(MotoRequestHandler):
    """moto's request handler with connections that stay open, and without an access log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Leave requests out of the log: a migration makes tens of thousands."""


class Front:
    """Sends a request to the first application whose path prefix it has, else to moto.

    No bucket's name may start with an underscore, so the prefixes never hide an S3 path.
    """

    def __init__(self, applications: Mapping[str, Application]) -> None:
        self._applications = dict(applications)
        self._moto = DomainDispatcherApplication(create_backend_app)

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
        body = json.dumps(make()).encode()
        start_response(
            "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        )
        return [body]

    return page


def listen(port: int, front: Front) -> BaseWSGIServer:
    """Bind the port on this machine only; raises SystemExit when it is taken."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return make_server("127.0.0.1", port, front, threaded=True, request_handler=KeepAlive)
