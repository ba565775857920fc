"""Where a mapping stands in a stream whose records went before they were read, without a server."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.streams.shards import Shards

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/things/stream/label"


class Stream:
    """One shard of three records; reading from before `first` fails with a code."""

    def __init__(self, code: str = "") -> None:
        self.first = 0
        self._code = code

    def describe_stream(self, **_: Any) -> dict[str, Any]:
        return {"StreamDescription": {"StreamLabel": "label", "Shards": [{"ShardId": "one"}]}}

    def get_shard_iterator(self, ShardIteratorType: str, **_: Any) -> dict[str, Any]:  # noqa: N803 the API's
        return {"ShardIterator": str(self.first if ShardIteratorType == "TRIM_HORIZON" else 3)}

    def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:  # noqa: N803 the API's
        at = int(ShardIterator)
        if at < self.first:
            response: Any = {"Error": {"Code": self._code, "Message": "why"}}
            raise ClientError(response, "GetRecords")
        end = min(at + Limit, 3)
        return {"Records": [{"number": n} for n in range(at, end)], "NextShardIterator": str(end)}


def read(shards: Shards) -> list[int]:
    """Read one batch of one record, and go on behind it."""
    found: list[int] = []
    for batch in shards.batches(1):
        found += [record["number"] for record in batch.records]
        shards.advance(batch)
    return found


@pytest.mark.parametrize("code", ["TrimmedDataAccessException", "ExpiredIteratorException"])
def test_a_stream_when_records_went_unread_goes_on_with_those_that_are_left(code: str) -> None:
    stream = Stream(code)
    shards = Shards(stream, ARN, "TRIM_HORIZON")
    assert read(shards) == [0]
    stream.first = 2
    assert [read(shards) for _ in range(3)] == [[], [2], []]


def test_a_stream_when_it_fails_otherwise_says_so_and_stays_where_it_is() -> None:
    stream = Stream("InternalServerError")
    shards = Shards(stream, ARN, "TRIM_HORIZON")
    stream.first = 2
    with pytest.raises(ClientError, match="InternalServerError"):
        read(shards)
    stream.first = 0
    assert read(shards) == [0]
