"""A queue of keys in SQS (the port `KeyQueue`)."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from shared.aws.errors import by_code, translated
from shared.model.key import Key, KeySchema
from shared.model.key_message import key_message

BATCH = 10
"""The most messages of one SendMessageBatch."""

_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class SqsKeyQueue:
    """One message for each key, which holds the key and nothing else of the record."""

    def __init__(self, sqs: Any, name: str, keys: KeySchema) -> None:
        self._sqs = sqs
        self._name = name
        self._keys = keys

    def ask(self, keys: Sequence[Key]) -> None:
        """Send the keys in batches; those of a batch that failed in part may be sent twice."""
        for at in range(0, len(keys), BATCH):
            self._send([key_message(self._keys, key) for key in keys[at : at + BATCH]])

    def waiting(self) -> int:
        """Return about how many keys are queued or being worked on."""
        with translated(writes=False):
            answer = self._sqs.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=list(_COUNTS)
            )
        return sum(int(answer["Attributes"][name]) for name in _COUNTS)

    @cached_property
    def _url(self) -> str:
        with translated(writes=False):
            return str(self._sqs.get_queue_url(QueueName=self._name)["QueueUrl"])

    def _send(self, bodies: Sequence[str]) -> None:
        entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies)]
        with translated(writes=True):
            answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
        for failed in answer.get("Failed", []):
            raise by_code(failed["Code"], f"SendMessageBatch: {failed['Code']}", writes=True)
