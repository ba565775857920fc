"""Watches both tables' streams for writes that went around the wrapper."""

import os
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.batches import comparing
from functions.entry import count, instrumented, metrics
from functions.metering import tell
from functions.watch_writes.changes import changed_key, oldest
from shared import bootstrap
from shared.engine.lag import heed_lag
from shared.engine.tripwire import examine, suspects
from shared.engine.world import PairedWorld, paired
from shared.model.metrics import Metric


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Compare what a batch of stream records names; report those to be brought again."""
    return instrumented(_watch)(event, context)


def _watch(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    world = paired(bootstrap.world(os.environ))
    # a failure of all records is reported as one of some, so that the poller goes on from the first
    processor = BatchProcessor(EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    try:
        answer = process_partial_response(event, _examining(world, event), processor, context)
    finally:
        tell(metrics(), world.meter)
    count("BatchesWatched")
    return dict(answer)


def _examining(world: PairedWorld, event: dict[str, Any]) -> Callable[[DynamoDBRecord], None]:
    """Return what is done with each record: a key is examined once, and only if in doubt."""
    records = list(DynamoDBStreamEvent(event).records)
    if heed_lag(world, oldest(records)):
        count("BatchesLate")
    doubtful = set(suspects(world, [changed_key(world.migration, each) for each in records]))

    def examine_once(record: DynamoDBRecord) -> None:
        key = changed_key(world.migration, record)
        if key not in doubtful:
            return
        found = None
        with comparing("WritesNotCompared"):
            found = examine(world, key)
        doubtful.discard(key)
        if found is not None:
            count("DifferencesMended" if found.repaired else "DifferencesReported")
            world.meter.sample(Metric.MISMATCHED, float(not found.repaired))

    return examine_once
