"""What a function is sent for a batch, and what a dead letter says of one."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from local.streams.shards import Record


def event(records: Sequence[Record], stream_arn: str) -> bytes:
    """Give the batch as Lambda's event."""
    sent = [{**record, "eventSourceARN": stream_arn} for record in records]
    return json.dumps({"Records": sent}, default=_plain).encode()


def sequence_number(record: Record) -> str:
    """Give a record's place in its shard."""
    return str(record["dynamodb"]["SequenceNumber"])


def age(record: Record) -> float:
    """Give the seconds since a record was written."""
    written: datetime = record["dynamodb"]["ApproximateCreationDateTime"]
    return (datetime.now(UTC) - written).total_seconds()


def dead_letter(
    records: Sequence[Record], *, stream_arn: str, shard: str, function_arn: str, reason: str
) -> str:
    """Describe a batch that was given up; it names the records and does not hold them."""
    first, last = records[0], records[-1]
    return json.dumps(
        {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": function_arn,
                "condition": reason,
            },
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": sequence_number(first),
                "endSequenceNumber": sequence_number(last),
                "approximateArrivalOfFirstRecord": _arrival(first),
                "approximateArrivalOfLastRecord": _arrival(last),
                "batchSize": len(records),
                "streamArn": stream_arn,
            },
        }
    )


def _arrival(record: Record) -> str:
    written: datetime = record["dynamodb"]["ApproximateCreationDateTime"]
    return written.isoformat(timespec="milliseconds")


def _plain(value: Any) -> object:
    """Give what JSON lacks in the form that Lambda sends."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} is in no stream record")
