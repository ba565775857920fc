"""Receives the batches of one mapping's queue and gives them to its function, several at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from moto.awslambda.utils import get_backend

from local.clients import Clients
from local.lambdas.invoke import Functions
from local.places import ACCOUNT, REGION
from local.queues import delivery, events
from local.queues.events import Message

_log = logging.getLogger(__name__)
_LARGEST_RECEIVE = 10
_LONGEST_WAIT = 1.0
_IDLE_SECONDS = 0.5
_LONGEST_PAUSE = 15.0
# Lambda begins with five batches at once; ScalingConfig can only lower that here.
_BATCHES_AT_ONCE = 5
_PARTIAL = "ReportBatchItemFailures"


class QueuePoller:
    """Polls one queue for one function; what it holds when it is stopped comes back by itself."""

    def __init__(self, mapping: Any, functions: Functions, clients: Clients) -> None:
        self._mapping = mapping
        self._functions = functions
        self._client = clients("sqs")
        self._url: str | None = None
        self._stop = threading.Event()
        self._running = 0
        self._ended = threading.Condition()
        self._batches = ThreadPoolExecutor(_BATCHES_AT_ONCE, f"queue-{mapping.uuid}")
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"queue-{mapping.uuid}")
        self._thread.start()

    def stop(self) -> None:
        """Receive nothing more; a function that runs is not waited for."""
        self._stop.set()
        self._batches.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            try:
                pause = self._round()
            except Exception:  # noqa: BLE001 - the thread's entry point: it is logged and tried again
                if self._stop.is_set():
                    return
                _log.exception("the poller of %s failed", self._mapping.event_source_arn)
                pause = min(_LONGEST_PAUSE, 2 * max(pause, _IDLE_SECONDS))

    def _round(self) -> float:
        """Start a batch when there is one and room for it; give the pause until the next round."""
        if not self._mapping.enabled:
            return _IDLE_SECONDS
        with self._ended:
            if not self._ended.wait_for(self._has_room, _LONGEST_WAIT):
                return 0.0
        messages = self._receive()
        if messages:
            with self._ended:
                self._running += 1
            self._batches.submit(self._deliver, messages)
        return 0.0

    def _has_room(self) -> bool:
        chosen = (self._mapping.scaling_config or {}).get("MaximumConcurrency", _BATCHES_AT_ONCE)
        return self._running < min(int(chosen), _BATCHES_AT_ONCE)

    def _receive(self) -> list[Message]:
        """Collect a batch: until it is full, or its window ends after the first message."""
        size, window = self._mapping.batch_size, float(self._mapping.max_batch_window or 0)
        messages = self._receive_some(size, _LONGEST_WAIT)
        until = time.monotonic() + window
        while messages and len(messages) < size and (left := until - time.monotonic()) > 0:
            if self._stop.wait(min(left, 0.1)):
                break
            messages += self._receive_some(size - len(messages), 0.0)
        return messages

    def _receive_some(self, wanted: int, wait: float) -> list[Message]:
        answer = self._client.receive_message(
            QueueUrl=self._queue_url(),
            MaxNumberOfMessages=min(wanted, _LARGEST_RECEIVE),
            WaitTimeSeconds=int(wait),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def _deliver(self, messages: Sequence[Message]) -> None:
        try:
            function = get_backend(ACCOUNT, REGION).get_function(self._mapping.function_arn)
            arn = self._mapping.event_source_arn
            outcome = self._functions.run(function, events.event(messages, arn))
            partial = _PARTIAL in (self._mapping.function_response_types or ())
            self._delete(delivery.done(outcome, messages, partial=partial))
        except Exception:  # noqa: BLE001 - the batch's entry point: logged, and its messages come back
            if not self._stop.is_set():
                _log.exception("a batch of %s failed", self._mapping.event_source_arn)
        finally:
            with self._ended:
                self._running -= 1
                self._ended.notify_all()

    def _delete(self, messages: Sequence[Message]) -> None:
        handles = [message["ReceiptHandle"] for message in messages]
        for start in range(0, len(handles), _LARGEST_RECEIVE):
            some = enumerate(handles[start : start + _LARGEST_RECEIVE])
            entries = [{"Id": str(place), "ReceiptHandle": handle} for place, handle in some]
            answer = self._client.delete_message_batch(QueueUrl=self._queue_url(), Entries=entries)
            for failed in answer.get("Failed", ()):
                _log.error("a message was not deleted and comes back: %s", failed)

    def _queue_url(self) -> str:
        if self._url is None:
            name = self._mapping.event_source_arn.rpartition(":")[2]
            self._url = str(self._client.get_queue_url(QueueName=name)["QueueUrl"])
        return self._url
