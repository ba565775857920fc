"""Dead-letter queues in SQS (the port `DeadLetters`), found by how all of them are named."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.aws.errors import translated

SUFFIX = "-failed"
"""Every queue of what could not be handled is named after its function or queue, and ends so."""
COUNTED = "ApproximateNumberOfMessages"


class SqsDeadLetters:
    """The queues of one migration, whose names begin alike."""

    def __init__(self, sqs: Any, prefix: str) -> None:
        self._sqs = sqs
        self._prefix = prefix

    def waiting(self) -> Mapping[str, int]:
        """Return the queues that are not empty, with about how many messages they hold."""
        found = {}
        for url in self._urls():
            with translated(writes=False):
                told = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[COUNTED])
            count = int(told["Attributes"][COUNTED])
            if count:
                found[url.rsplit("/", 1)[-1]] = count
        return found

    def _urls(self) -> Iterator[str]:
        request: dict[str, Any] = {"QueueNamePrefix": self._prefix, "MaxResults": 1000}
        while True:
            with translated(writes=False):
                answer = self._sqs.list_queues(**request)
            yield from (url for url in answer.get("QueueUrls", ()) if url.endswith(SUFFIX))
            if "NextToken" not in answer:
                return
            request["NextToken"] = answer["NextToken"]
