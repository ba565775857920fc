"""Calls to DynamoDB Local over connections that stay open, one per thread."""

from __future__ import annotations

import http.client
import json
import threading
import time
from typing import Any

from local.places import REGION

TABLES = "DynamoDB_20120810"
STREAMS = "DynamoDBStreams_20120810"

# It asks for a credential and checks none of it.
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": "AWS4-HMAC-SHA256 "
    f"Credential=testing/20260101/{REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
}
_IDLE_SECONDS = 10.0
_TIMEOUT_SECONDS = 60.0


class Declined(Exception):
    """DynamoDB Local answered with an error, given here as it is."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(body.decode(errors="replace"))
        self.status = status
        self.body = body

    @property
    def code(self) -> str:
        """The error's name, without the namespace before it."""
        return str(json.loads(self.body)["__type"]).rpartition("#")[2]

    @property
    def message(self) -> str:
        """What it says to the caller."""
        document = json.loads(self.body)
        return str(document.get("message") or document.get("Message") or "")


class Connection:
    """Calls one DynamoDB Local from any number of threads."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._own = threading.local()

    def send(self, service: str, operation: str, body: bytes) -> bytes:
        """Send a request and give the body of its answer; raises Declined, or OSError."""
        http_connection = self._open()
        headers = {**_HEADERS, "X-Amz-Target": f"{service}.{operation}"}
        try:
            http_connection.request("POST", "/", body, headers)
            answer = http_connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            # Whether a write was done is unknown, so it is for the caller to try again.
            http_connection.close()
            raise
        self._own.used = time.monotonic()
        if answer.status != 200:
            raise Declined(answer.status, content)
        return content

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Do an operation on tables; raises Declined, or OSError."""
        answer = self.send(TABLES, operation, json.dumps(request).encode())
        document: dict[str, Any] = json.loads(answer)
        return document

    def _open(self) -> http.client.HTTPConnection:
        """Give this thread's connection, anew if the server may have closed it meanwhile."""
        held: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if held is None:
            held = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT_SECONDS)
            self._own.connection = held
        elif time.monotonic() - self._own.used > _IDLE_SECONDS:
            held.close()  # the next request opens it again
        return held
