"""Answers as bytes: records go in as the JSON they already are.

moto builds every answer through a serializer driven by the service model, which takes nine tenths
of the time of a scan.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from local.dynamodb.storage import Record

JSON = "application/x-amz-json-1.0"


class Raw(bytes):
    """JSON that is ready to be sent."""


def raw_list(records: Iterable[Record]) -> Raw:
    """Give a JSON list of records."""
    return Raw(b"[" + b",".join([record.raw for record in records]) + b"]")


def render(document: Any) -> bytes:
    """Write a document that may hold Raw parts as JSON."""
    if isinstance(document, Raw):
        return document
    if isinstance(document, dict):
        members = [json.dumps(k).encode() + b":" + render(v) for k, v in document.items()]
        return b"{" + b",".join(members) + b"}"
    if isinstance(document, list | tuple):
        return b"[" + b",".join([render(part) for part in document]) + b"]"
    return json.dumps(document).encode()


def headers(body: bytes) -> dict[str, str]:
    """Give the headers DynamoDB sends with a body; clients verify the checksum."""
    return {
        "Content-Type": JSON,
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": uuid4().hex.upper(),
        "x-amz-crc32": str(zlib.crc32(body)),
    }
