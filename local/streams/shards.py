"""Where a mapping stands in each shard of its stream; a parent is read before its children."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from moto.dynamodbstreams.models import DynamoDBStreamsBackend

from local.mend import replace

Record = dict[str, Any]
_LARGEST = 1000
_LOST = frozenset({"TrimmedDataAccessException", "ExpiredIteratorException"})
"""An iterator leads nowhere any more; DynamoDB Local drops what was read long before a day."""

_log = logging.getLogger(__name__)


class StreamGone(Exception):
    """The table has another stream than the mapping was made for, or none."""


@dataclass(frozen=True)
class Batch:
    """Records of one shard in their order, and where the shard goes on (None: it ends)."""

    shard: str
    records: list[Record]
    onward: str | None


class Shards:
    """The iterators of one mapping; they move on only when a batch was dealt with."""

    def __init__(self, client: Any, stream_arn: str, start: str) -> None:
        self._client = client
        self._arn = stream_arn
        self._start = start
        self._open: dict[str, str] = {}
        self._ended: set[str] = set()
        self._look()

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield the next batch of each open shard, an empty one where nothing is new."""
        for shard, iterator in list(self._open.items()):
            try:
                answer = self._client.get_records(ShardIterator=iterator, Limit=min(size, _LARGEST))
            except ClientError as error:
                if error.response["Error"]["Code"] not in _LOST:
                    raise
                # What is gone is lost, as on AWS; what is left may come again.
                _log.warning("%s goes on with what is left of %s: %s", self._arn, shard, error)
                self._open[shard] = self._iterator(shard, "TRIM_HORIZON")
                continue
            yield Batch(shard, answer["Records"], answer.get("NextShardIterator"))

    def advance(self, batch: Batch) -> None:
        """Go on behind a batch; look for the children of a shard that ends."""
        if batch.onward is not None:
            self._open[batch.shard] = batch.onward
            return
        del self._open[batch.shard]
        self._ended.add(batch.shard)
        self._look()

    def _look(self) -> None:
        """Open every shard whose parent is read; those that come later have no past to skip."""
        stream = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]
        if stream.get("StreamLabel") != self._arn.rpartition("/")[2]:
            raise StreamGone(self._arn)
        known = {shard["ShardId"] for shard in stream["Shards"]} - self._ended
        start = "TRIM_HORIZON" if self._ended else self._start
        for shard in stream["Shards"]:
            name = shard["ShardId"]
            if name in known - self._open.keys() and shard.get("ParentShardId") not in known:
                self._open[name] = self._iterator(name, start)

    def _iterator(self, shard: str, start: str) -> str:
        answer = self._client.get_shard_iterator(
            StreamArn=self._arn, ShardId=shard, ShardIteratorType=start
        )
        return str(answer["ShardIterator"])


def install() -> None:
    """Let an iterator that found nothing stand for itself: moto keeps each it ever made."""
    read = DynamoDBStreamsBackend.get_records

    def get_records(self: Any, iterator_arn: str, limit: int) -> dict[str, Any]:
        answer = read(self, iterator_arn, limit)
        if not answer["Records"]:
            del self.shard_iterators[answer["NextShardIterator"]]
            answer["NextShardIterator"] = iterator_arn
        return answer

    replace(DynamoDBStreamsBackend, "get_records", get_records)
