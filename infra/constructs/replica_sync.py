"""What makes a replica follow that could not at once: a queue of keys and who works it off."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.deployment import Deployment
from infra.constructs.migration_function import FunctionLimits, MigrationFunction

_AT_ONCE = 4
"""Functions at once: a replica that comes back is not to be met by all that it missed."""
_BATCH = 10
_OPERATIONS = 2
"""Worker operations that fit into one invocation: one that fails slowly, and those that do not."""
_OUTAGE = Duration.hours(1)
"""How long a replica may be away before its keys are given up, and left to a validation."""
_KEPT = Duration.days(14)


class ReplicaSync(Construct):
    """Keys wait in a queue, are tried again while the replica is away, and end with a person."""

    def __init__(self, scope: Construct, name: str, *, deployment: Deployment) -> None:
        super().__init__(scope, name)
        self._deployment = deployment
        whole = _OPERATIONS * deployment.environment.timing.worker_operation
        limits = FunctionLimits(seconds=int(whole), reserved=_AT_ONCE)
        sync = MigrationFunction(self, "sync_replica", deployment=deployment, limits=limits)
        self._grant(sync)
        sync.function.add_event_source(
            SqsEventSource(
                self._queue(hidden=2 * limits.seconds),
                batch_size=_BATCH,
                max_concurrency=_AT_ONCE,
                report_batch_item_failures=True,
            )
        )

    def _grant(self, sync: MigrationFunction) -> None:
        tables, books = self._deployment.tables, self._deployment.books
        for grant in (
            tables.grant_describe,
            tables.grant_compare,
            tables.grant_repair,
            books.grant_read_phase,
            books.grant_read_ledger,
        ):
            grant(sync.role)

    def _queue(self, *, hidden: int) -> sqs.Queue:
        """Return the queue; a key that failed comes back after `hidden` seconds."""
        return sqs.Queue(
            self,
            "Waiting",
            queue_name=self._deployment.names.syncs,
            visibility_timeout=Duration.seconds(hidden),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=_KEPT,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self._failed(), max_receive_count=int(_OUTAGE.to_seconds()) // hidden
            ),
        )

    def _failed(self) -> sqs.Queue:
        """Return the queue of keys that were given up; a validation with repair stands in."""
        queue = sqs.Queue(
            self,
            "Failed",
            queue_name=f"{self._deployment.names.syncs}-failed",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=_KEPT,
        )
        acknowledge(queue, "AwsSolutions-SQS3", "This is a dead-letter queue; a person empties it.")
        return queue
