"""Payload format 2.0 between the gateway and a function, both ways.

AWS docs: "Create AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import base64
import datetime
import json
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.http_apis.authorizer import Identity
from local.places import ACCOUNT

_TEXTUAL = ("text/", "application/json", "application/xml", "application/javascript")


@dataclass(frozen=True)
class Request:
    """One HTTP request to an API; `path` is still encoded and without the API's own prefix."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    source_ip: str
    protocol: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Response:
    """What goes back to the caller."""

    status: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def line(self) -> str:
        """Give the status with its phrase."""
        known = self.status in HTTPStatus._value2member_map_
        return f"{self.status} {HTTPStatus(self.status).phrase if known else 'Unknown'}"


def message(status: int, text: str) -> Response:
    """Make one of the gateway's own answers."""
    body = json.dumps({"message": text}, separators=(",", ":")).encode()
    return Response(status, body, [("Content-Type", "application/json")])


def event(
    request: Request,
    *,
    api_id: str,
    route_key: str,
    stage: str,
    parameters: dict[str, str],
    identity: Identity | None,
) -> dict[str, Any]:
    """Build the event that the function receives."""
    raw_path = unquote(request.path)
    content = request.headers.get("content-type", "")
    text = content.startswith(_TEXTUAL) or "+json" in content
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": raw_path,
        "rawQueryString": request.query,
        "headers": {name: value for name, value in request.headers.items() if name != "cookie"},
        "requestContext": _context(request, api_id, route_key, stage, identity),
        "isBase64Encoded": bool(request.body) and not text,
    }
    if "cookie" in request.headers:
        made["cookies"] = [one.strip() for one in request.headers["cookie"].split(";")]
    if request.query:
        made["queryStringParameters"] = _query(request.query)
    if parameters:
        made["pathParameters"] = parameters
    if request.body:
        encoded = base64.b64encode(request.body)
        made["body"] = (request.body if text else encoded).decode("utf-8", "replace")
    return made


def _context(
    request: Request, api_id: str, route_key: str, stage: str, identity: Identity | None
) -> dict[str, Any]:
    now = datetime.datetime.now(tz=datetime.UTC)
    context: dict[str, Any] = {
        "accountId": ACCOUNT,
        "apiId": api_id,
        "domainName": request.headers.get("host", "localhost"),
        "domainPrefix": api_id,
        "http": {
            "method": request.method,
            "path": unquote(request.path),
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.headers.get("user-agent", ""),
        },
        "requestId": request.request_id,
        "routeKey": route_key,
        "stage": stage,
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }
    if identity is not None:
        context["authorizer"] = {"jwt": {"claims": identity.claims, "scopes": identity.scopes}}
    return context


def _query(query: str) -> dict[str, str]:
    """Join repeated parameters by commas."""
    joined: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def response(payload: bytes) -> Response:
    """Read what the function returned; without a status it is the body of a 200.

    Raises ValueError for a shape the gateway would answer with 500.
    """
    answer = json.loads(payload)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return Response(200, payload, [("Content-Type", "application/json")])
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise ValueError("the body of a response is a string")
    given = answer.get("headers") or {}
    headers = [(str(name), _header(value)) for name, value in given.items()]
    headers += [("Set-Cookie", str(cookie)) for cookie in answer.get("cookies") or []]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "text/plain;charset=UTF-8"))
    decoded = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return Response(int(answer["statusCode"]), decoded, headers)


def _header(value: object) -> str:
    if isinstance(value, bool):
        return json.dumps(value)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
