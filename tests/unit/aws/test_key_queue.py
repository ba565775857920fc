"""What SQS answers for single messages of a batch."""

from typing import Any

import pytest

from shared.aws.key_queue import SqsKeyQueue
from shared.model.errors import OutcomeUnknown, StoreError, Throttled
from shared.model.key import Key, KeySchema


class AnsweringSqs:
    """Answers every batch with one failed message."""

    def __init__(self, code: str) -> None:
        self._code = code

    def get_queue_url(self, **_request: Any) -> dict[str, str]:
        return {"QueueUrl": "https://queue"}

    def send_message_batch(self, **_request: Any) -> dict[str, Any]:
        return {"Failed": [{"Id": "0", "Code": self._code, "SenderFault": False}]}


@pytest.mark.parametrize(
    ("code", "error"), [("InternalError", OutcomeUnknown), ("ThrottlingException", Throttled)]
)
def test_a_batch_when_one_message_failed_raises_what_became_of_it(
    code: str, error: type[StoreError]
) -> None:
    queue = SqsKeyQueue(AnsweringSqs(code), "keys", KeySchema("PK"))
    with pytest.raises(error, match=code):
        queue.ask([Key("a")])
