"""Makes the replicas of queued records follow; what cannot be done comes back with its message."""

import os
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.batches import failing
from functions.entry import count, instrumented, metrics
from functions.metering import tell
from shared import bootstrap
from shared.engine.sync import Syncing
from shared.engine.world import PairedWorld, paired
from shared.model.errors import Contended, LeaseLost
from shared.model.key_message import key_in


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Sync the records that a batch of messages names; report those to be brought again."""
    return instrumented(_work_off)(event, context)


def _work_off(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    world = paired(bootstrap.world(os.environ))
    # a failure of all messages is reported as one of some: the function itself did not fail
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    try:
        answer = process_partial_response(event, _syncing(world, context), processor, context)
    finally:
        tell(metrics(), world.meter)
    return dict(answer)


def _syncing(world: PairedWorld, context: LambdaContext) -> Callable[[SQSRecord], None]:
    """Return what is done with each message; after one that waited in vain none is tried."""
    syncing = Syncing(world)
    left = context.get_remaining_time_in_millis() / 1000
    until = world.clock.monotonic() + left - world.environment.timing.worker_operation
    away = False

    def sync_one(record: SQSRecord) -> None:
        nonlocal away
        try:
            with failing("not synced", "ReplicasNotSynced"):
                if away or world.clock.monotonic() > until:
                    raise Contended("not tried: the ones before took all the time there is")
                followed = syncing.sync(key_in(world.migration.source.keys, record.body))
        except (Contended, LeaseLost):
            away = True
            raise
        if followed:
            count("ReplicasSynced")

    return sync_one
