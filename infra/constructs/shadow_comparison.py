"""Shadow reads: the queue of sampled keys, what compares them, and what it could not."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.deployment import Deployment
from infra.constructs.migration_function import FunctionLimits, MigrationFunction
from shared.settings import shadow_queue

_LIMITS = FunctionLimits(seconds=30, reserved=2)
"""Few at once: a comparison may wait, the readers and writers may not."""
_BATCH = 50
_WINDOW = Duration.seconds(2)
_RECEIVES = 5
_HIDDEN = Duration.seconds(6 * _LIMITS.seconds)
"""Six times the function's time ("Using Lambda with Amazon SQS")."""
_KEPT = Duration.hours(4)
"""A sample that could not be compared for that long says little about the read it came from."""
_FAILED_KEPT = Duration.days(14)


class ShadowComparison(Construct):
    """Keys come in from whoever may send; each is compared, and after a few tries kept aside."""

    def __init__(self, scope: Construct, name: str, *, deployment: Deployment) -> None:
        super().__init__(scope, name)
        queue_name = shadow_queue(deployment.migration.name)
        failed = self._queue("Failed", f"{queue_name}-failed", _FAILED_KEPT)
        acknowledge(
            failed, "AwsSolutions-SQS3", "This is a dead-letter queue; a person empties it."
        )
        given_up = sqs.DeadLetterQueue(queue=failed, max_receive_count=_RECEIVES)
        self._keys = self._queue("Keys", queue_name, _KEPT, _HIDDEN, given_up)
        comparing = MigrationFunction(self, "compare_reads", deployment=deployment, limits=_LIMITS)
        self._grant(comparing, deployment)
        comparing.function.add_event_source(
            SqsEventSource(
                self._keys,
                batch_size=_BATCH,
                max_batching_window=_WINDOW,
                max_concurrency=_LIMITS.reserved,
                report_batch_item_failures=True,
            )
        )

    def grant_send(self, role: iam.Role) -> None:
        """Let a role put keys into the queue."""
        self._keys.grant(role, "sqs:GetQueueUrl", "sqs:SendMessage")

    def _queue(
        self,
        name: str,
        queue_name: str,
        kept: Duration,
        hidden: Duration | None = None,
        failed: sqs.DeadLetterQueue | None = None,
    ) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            queue_name=queue_name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=kept,
            visibility_timeout=hidden,
            dead_letter_queue=failed,
        )

    def _grant(self, comparing: MigrationFunction, deployment: Deployment) -> None:
        """Grant what the watch of the streams may: it does the same about what differs."""
        tables, books = deployment.tables, deployment.books
        for grant in (
            tables.grant_describe,
            tables.grant_compare,
            books.grant_move_phase,
            books.grant_keep_ledger,
            deployment.archive.grant_store_reports,
        ):
            grant(comparing.role)
        if deployment.kind.mended:
            tables.grant_repair(comparing.role)
