"""Compares in both tables what readers read a moment ago; a queue of keys calls it."""

import os
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.batches import comparing
from functions.entry import count, instrumented, metrics
from functions.metering import tell
from shared import bootstrap
from shared.engine.shadow import ShadowReads
from shared.engine.world import PairedWorld, paired
from shared.model.errors import InvalidInput
from shared.model.key import Key
from shared.model.key_message import key_in


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Compare the keys of a batch of messages; report those to be brought again."""
    return instrumented(_compare)(event, context)


def _compare(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    world = paired(bootstrap.world(os.environ))
    reads = ShadowReads(world, _keys(world, event))
    # a failure of all messages is reported as one of some: what was compared must be counted
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    try:
        answer = process_partial_response(event, _explaining(world, reads), processor, context)
        reads.count()
    finally:
        tell(metrics(), world.meter)
    return dict(answer)


def _keys(world: PairedWorld, event: dict[str, Any]) -> list[Key]:
    """Return the keys of a batch; a message that is none fails by itself, later."""
    found = []
    for record in SQSEvent(event).records:
        try:
            found.append(key_in(world.migration.source.keys, record.body))
        except InvalidInput:
            count("ReadsUnreadable")
    return found


def _explaining(world: PairedWorld, reads: ShadowReads) -> Callable[[SQSRecord], None]:
    """Return what is done with each message."""

    def explain(record: SQSRecord) -> None:
        with comparing("ReadsNotCompared"):
            reads.explain(key_in(world.migration.source.keys, record.body))

    return explain
