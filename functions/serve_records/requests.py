"""Requests as API Gateway sends them, made fit for the event handler."""

import base64
from typing import Any
from urllib.parse import quote, unquote

_NOT_JSON = "application/octet-stream"


def readable(event: dict[str, Any], resource: str) -> dict[str, Any]:
    """Return an event (payload format 2.0) that the event handler reads safely.

    An HTTP API hands the path over decoded, and the event handler's routes match only some
    characters; so the id is encoded again, and `id_in` decodes it. A body that is not UTF-8
    becomes text that no JSON reader accepts, rather than an internal error. A form is passed
    as what it is here, a type that is refused; the event handler would take it for a body.
    """
    before, mark, identity = event["rawPath"].partition(f"/{resource}/")
    again = quote(identity, safe="", errors="replace")  # half a surrogate pair names no record
    prepared = {**event, "rawPath": before + mark + again}
    if event.get("isBase64Encoded") and event.get("body"):
        body = base64.b64decode(event["body"]).decode(errors="surrogateescape")
        prepared |= {"body": body, "isBase64Encoded": False}
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    if not _is_json(headers.get("content-type", "")):
        headers["content-type"] = _NOT_JSON
    return {**prepared, "headers": headers}


def id_in(segment: str) -> str:
    """Return the id that a path's segment stands for."""
    return unquote(segment)


def _is_json(kind: str) -> bool:
    return kind.partition(";")[0].strip().lower() in ("", "application/json")
