"""The tripwire: both tables' streams, the function that compares, a queue for what it could not."""

from collections.abc import Iterable

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda import StartingPosition
from aws_cdk.aws_lambda_event_sources import DynamoEventSource, SqsDlq
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.deployment import Deployment
from infra.constructs.migration_function import FunctionLimits, MigrationFunction

_LIMITS = FunctionLimits(seconds=60, reserved=4)
"""Few at once: it must keep up with the writers and take nothing from them."""
_BATCH = 500
_RETRIES = 10
_KEPT = Duration.days(14)


class StreamWatch(Construct):
    """A stream is read from its beginning, so that no write between two deployments escapes."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        deployment: Deployment,
        tables: Iterable[dynamodb.Table],
    ) -> None:
        super().__init__(scope, name)
        self._deployment = deployment
        watch = MigrationFunction(self, "watch_writes", deployment=deployment, limits=_LIMITS)
        self._grant(watch)
        failed = self._failed()
        for table in tables:
            watch.function.add_event_source(
                DynamoEventSource(
                    table,
                    starting_position=StartingPosition.TRIM_HORIZON,
                    batch_size=_BATCH,
                    max_batching_window=Duration.seconds(1),
                    bisect_batch_on_error=True,
                    report_batch_item_failures=True,
                    retry_attempts=_RETRIES,
                    on_failure=SqsDlq(failed),
                )
            )

    def _grant(self, watch: MigrationFunction) -> None:
        tables, books = self._deployment.tables, self._deployment.books
        for grant in (
            tables.grant_describe,
            tables.grant_compare,
            tables.grant_repair,
            books.grant_move_phase,
            books.grant_keep_ledger,
            self._deployment.archive.grant_store_reports,
        ):
            grant(watch.role)
        acknowledge(
            watch.role,
            "AwsSolutions-IAM5[Resource::*]",
            'ListStreams takes no resource ("Actions for Amazon DynamoDB"); neither does X-Ray.',
        )

    def _failed(self) -> sqs.Queue:
        """Return the queue of batches that were given up: each names its place in the stream."""
        queue = sqs.Queue(
            self,
            "Failed",
            queue_name=f"{self._deployment.names.function('watch_writes')}-failed",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=_KEPT,
        )
        acknowledge(queue, "AwsSolutions-SQS3", "This is a dead-letter queue; a person empties it.")
        return queue
