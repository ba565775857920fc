"""Which messages of a batch are done, by what the function answered.

What is not done is left as it is: it comes back when the queue's visibility timeout ends.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from local.lambdas.runtime_api import Outcome
from local.queues.events import Message


def done(outcome: Outcome, messages: Sequence[Message], *, partial: bool) -> list[Message]:
    """List the messages to delete; `partial` is whether the mapping heeds reported failures.

    An answer that is not understood fails the whole batch (Lambda guide, "Implementing partial
    batch responses").
    """
    if outcome.error is not None:
        return []
    if not partial:
        return list(messages)
    known = {message["MessageId"] for message in messages}
    failed = _failed(outcome.payload)
    if not failed <= known:
        return []
    return [message for message in messages if message["MessageId"] not in failed]


def _failed(payload: bytes) -> set[str]:
    """Read the ids that a function reports as failed; what is no id is one that no message has."""
    try:
        answer: Any = json.loads(payload or b"null")
    except ValueError:
        return {"not JSON"}
    if not isinstance(answer, dict | None):
        return {"not an object"}
    failures = (answer or {}).get("batchItemFailures") or []
    return {
        str(one.get("itemIdentifier")) if isinstance(one, dict) else "not an object"
        for one in failures
    }
