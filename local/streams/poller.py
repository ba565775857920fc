"""One thread for each mapping of a DynamoDB stream."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.awslambda.utils import get_backend

from local.clients import Clients
from local.lambdas.invoke import Functions
from local.lambdas.runtime_api import Outcome
from local.places import ACCOUNT, REGION
from local.streams import events
from local.streams.delivery import Delivery
from local.streams.settings import settings_of
from local.streams.shards import Batch, Record, Shards

#: Asked before each batch with the stream's table how often to deliver it; may wait.
Guard = Callable[[str], int]

_log = logging.getLogger(__name__)

guards: list[Guard] = []
_IDLE_SECONDS = 0.5
_LONGEST_PAUSE = 15.0


class StreamPoller:
    """Reads one mapping's stream; where it stands outlives a time in which it is disabled."""

    def __init__(self, mapping: Any, functions: Functions, clients: Clients) -> None:
        self._mapping = mapping
        self._functions = functions
        self._clients = clients
        self._shards: Shards | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, daemon=True, name=f"stream-{mapping.uuid}"
        )
        self._thread.start()

    def stop(self) -> None:
        """Let the thread end at its next step."""
        self._stop.set()

    def _run(self) -> None:
        pause = _IDLE_SECONDS
        while not self._stop.wait(pause):
            try:
                found = self._mapping.enabled and self._round()
                pause = 0.0 if found else _IDLE_SECONDS
            except Exception:  # noqa: BLE001 - the thread's entry point: it is logged and tried again
                if self._stop.is_set():
                    return
                _log.exception("the poller of %s failed", self._mapping.event_source_arn)
                pause = min(_LONGEST_PAUSE, 2 * max(pause, _IDLE_SECONDS))

    def _round(self) -> bool:
        """Deliver one batch of each shard; tell whether there was any."""
        if self._shards is None:
            client = self._clients("dynamodbstreams")
            arn, start = self._mapping.event_source_arn, self._mapping.starting_position
            self._shards = Shards(client, arn, start)
        found = False
        for batch in self._shards.batches(settings_of(self._mapping).batch_size):
            if batch.records and not self._delivered(batch):
                return False
            self._shards.advance(batch)
            found = found or bool(batch.records)
        return found

    def _delivered(self, batch: Batch) -> bool:
        """Deliver a batch, once unless a fault was asked for; tell whether to go on."""
        table = self._mapping.event_source_arn.partition(":table/")[2].partition("/")[0]
        times = max((guard(table) for guard in guards), default=1)
        delivery = self._delivery(batch.shard)
        return all(delivery.deliver(batch.records) for _ in range(times))

    def _delivery(self, shard: str) -> Delivery:
        def give_up(records: Sequence[Record], reason: str) -> None:
            self._give_up(shard, records, reason)

        return Delivery(lambda: settings_of(self._mapping), self._invoke, give_up, self._wait)

    def _invoke(self, records: Sequence[Record]) -> Outcome:
        function = get_backend(ACCOUNT, REGION).get_function(self._mapping.function_arn)
        self._functions.usage.sent(function.function_name, events.age(records[-1]))
        return self._functions.run(function, events.event(records, self._mapping.event_source_arn))

    def _wait(self, seconds: float) -> bool:
        return not self._stop.wait(seconds) and self._mapping.enabled

    def _give_up(self, shard: str, records: Sequence[Record], reason: str) -> None:
        """Send a dead letter; what no queue takes is dropped, as on AWS, but not in silence."""
        settings = settings_of(self._mapping)
        if settings.destination is None:
            _log.error("%d records were dropped: %s", len(records), reason)
            return
        letter = events.dead_letter(
            records,
            stream_arn=self._mapping.event_source_arn,
            shard=shard,
            function_arn=settings.function_arn,
            reason=reason,
        )
        queue = settings.destination.rpartition(":")[2]
        try:
            client = self._clients("sqs")
            url = client.get_queue_url(QueueName=queue)["QueueUrl"]
            client.send_message(QueueUrl=url, MessageBody=letter)
        except (BotoCoreError, ClientError):
            _log.exception("no dead letter for %d records: %s", len(records), reason)
