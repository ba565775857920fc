"""Web pages of others are kept out: a browser carries their requests to this machine's ports.

The local cloud asks nobody for credentials and runs the code that it is given, so a page that a
developer happens to visit must not reach it: neither by a request of its own, which a browser
marks with its origin, nor under a name of its own that leads to this machine (DNS rebinding).
Programs send no such marks. See "Fetch Metadata Request Headers" (W3C) and RFC 6454.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from local.front import Application, Environ, StartResponse

_OWN = frozenset({"localhost", "127.0.0.1", "::1"})
_STATUS = "403 Forbidden"


def kept_out(application: Application) -> Application:
    """Return an application that answers only programs and pages of this machine."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        why = _stranger(environ)
        if why is None:
            return application(environ, start_response)
        start_response(_STATUS, [("Content-Type", "application/json")])
        return [json.dumps({"__type": "Forbidden", "message": why}).encode()]

    return answer


def _stranger(environ: Environ) -> str | None:
    """Return why a request is none of this machine's own; None when it is."""
    if not _of_this_machine(f"//{environ.get('HTTP_HOST', 'localhost')}"):
        return "the local cloud answers to the name localhost alone"
    if not _of_this_machine(environ.get("HTTP_ORIGIN", "//localhost")):
        return "the local cloud answers no page of another origin"
    if environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        return "the local cloud answers no request of another site's page"
    return None


def _of_this_machine(address: str) -> bool:
    try:
        name = urlsplit(address).hostname or ""
    except ValueError:  # half an IPv6 address
        return False
    return name in _OWN or name.endswith(".localhost")
