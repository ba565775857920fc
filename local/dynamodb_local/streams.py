"""The streams API, answered by DynamoDB Local, which writes ARNs of an account of its own."""

from __future__ import annotations

import json
import time
from typing import Any

from moto.core.responses import BaseResponse
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler

from local.dynamodb.answers import headers
from local.dynamodb_local.connection import STREAMS, Connection, Declined
from local.mend import replace

_THEIRS = "arn:aws:dynamodb:ddblocal:000000000000:"
_ASKED = ("StreamArn", "ExclusiveStartStreamArn")
_ANSWERED = ("StreamArn", "LastEvaluatedStreamArn")
_WRITTEN = "ApproximateCreationDateTime"


def install(connection: Connection) -> None:
    """Send the streams API to DynamoDB Local."""

    def call(self: BaseResponse) -> Any:
        operation = str(self.headers["X-Amz-Target"]).rpartition(".")[2]
        ours = f"arn:aws:dynamodb:{self.region}:{self.current_account}:"
        request = _renamed(json.loads(self.raw_body or b"{}"), _ASKED, ours, _THEIRS)
        try:
            answer = connection.send(STREAMS, operation, json.dumps(request).encode())
            status, content = 200, _ours(json.loads(answer), ours, self.region)
        except Declined as declined:
            status, content = declined.status, declined.body
        return status, headers(content), content.decode()

    replace(DynamoDBStreamsHandler, "call_action", call)


def _ours(document: dict[str, Any], ours: str, region: str) -> bytes:
    """Put our account and region where DynamoDB Local writes its own; records stay as they are."""

    def rename(part: dict[str, Any]) -> dict[str, Any]:
        return _renamed(part, _ANSWERED, _THEIRS, ours)

    document = rename(document)
    if "StreamDescription" in document:
        document["StreamDescription"] = rename(document["StreamDescription"])
    if "Streams" in document:
        document["Streams"] = [rename(one) for one in document["Streams"]]
    for record in document.get("Records", ()):
        record["awsRegion"] = region
        record["dynamodb"][_WRITTEN] = _youngest(record["dynamodb"][_WRITTEN])
    return json.dumps(document).encode()


def _youngest(minute: float) -> float:
    """Return the latest time at which a record of a minute can have been written.

    DynamoDB Local tells the minute only, AWS the second: a record of now would seem a minute late.
    """
    return min(time.time(), minute + 60.0)


def _renamed(
    document: dict[str, Any], members: tuple[str, ...], old: str, new: str
) -> dict[str, Any]:
    """Change the account at the start of some members."""
    changed = {
        name: new + str(document[name]).removeprefix(old) for name in members if name in document
    }
    return {**document, **changed}
