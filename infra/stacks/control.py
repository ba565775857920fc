"""The Control stack, deployed once: phase table, ledger table, archive bucket, topic."""

from collections.abc import Mapping

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.constructs.archive_bucket import ArchiveBucket
from infra.constructs.bookkeeping_table import BookkeepingTable
from infra.constructs.notification_topic import NotificationTopic
from infra.names import Place
from infra.stacks.placing import placing
from shared.model.environment import Environment


class ControlStack(Stack):
    """What all migrations of an account and region share.

    Phases have a small table of their own, so that ledger traffic can never throttle them.
    `snapshots` are the days for which each migration that makes snapshots keeps them.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        place: Place,
        environment: Environment,
        snapshots: Mapping[str, int],
    ) -> None:
        super().__init__(
            scope,
            "Cutover-Control",
            **placing(place, "Phases, runs, archive and notifications of all migrations"),
        )
        BookkeepingTable(
            self,
            "Control",
            name=place.control_table,
            partition="migration",
            environment=environment,
        )
        BookkeepingTable(
            self,
            "Ledger",
            name=place.ledger_table,
            partition="PK",
            sort="SK",
            environment=environment,
        )
        ArchiveBucket(
            self,
            "Archive",
            bucket_name=place.archive_bucket,
            environment=environment,
            snapshots=snapshots,
        )
        NotificationTopic(self, "Notifications", place=place, environment=environment)
        CfnOutput(self, "ControlTableName", value=place.control_table)
        CfnOutput(self, "LedgerTableName", value=place.ledger_table)
        CfnOutput(self, "ArchiveBucketName", value=place.archive_bucket)
        CfnOutput(
            self,
            "NotificationsTopicArn",
            value=place.arn("sns", place.notifications_topic),
        )
