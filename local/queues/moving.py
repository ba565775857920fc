"""Dead letters go back to the queue that gave them up; moto cannot move messages.

A message that was moved is a new one to its queue: another id, another time, no receipts counted
(Amazon SQS developer guide, "Configuring a dead-letter queue redrive").
"""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.exceptions import InvalidParameterValue
from moto.sqs.models import Queue
from moto.sqs.responses import SQSResponse


def install() -> None:
    """Let the API move what a dead-letter queue holds."""
    # moto has no such method, so there is nothing of its own to replace
    SQSResponse.start_message_move_task = _start  # type: ignore[attr-defined] # see above


def _start(self: Any) -> ActionResult:
    """Move all there is at once; a task of AWS's goes on by itself."""
    backend = self.sqs_backend
    letters = backend.get_queue(str(self._get_param("SourceArn")).rpartition(":")[2])
    sources = backend.list_dead_letter_source_queues(letters.name)
    if len(sources) != 1 or self._get_param("DestinationArn"):
        raise InvalidParameterValue("Here only the dead letters of one queue go back, and to it")
    for message in _taken(letters):
        backend.send_message(sources[0].name, message.body, message.message_attributes)
    return ActionResult({"TaskHandle": str(uuid.uuid4())})


def _taken(letters: Queue) -> list[Any]:
    """Take all messages out of a queue that nobody is looking at."""
    with letters._messages_lock:
        taken = letters.messages
        letters._messages = [each for each in letters._messages if each not in taken]
    return taken
