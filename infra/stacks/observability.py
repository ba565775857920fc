"""The Observability stack of one migration: its dashboard and its alarms."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.migration_alarms import MigrationAlarms
from infra.constructs.migration_dashboard import MigrationDashboard
from infra.kinds import kind_of
from infra.names import Place
from infra.stacks.placing import placing
from shared.model.declaration import Migration
from shared.model.environment import Environment


class ObservabilityStack(Stack):
    """Looks at metrics by their names only, so that it may go up and down by itself."""

    def __init__(
        self,
        scope: Construct,
        *,
        migration: Migration,
        place: Place,
        environment: Environment,
    ) -> None:
        super().__init__(
            scope,
            f"Cutover-{migration.name.capitalize()}-Observability",
            **placing(place, f"{migration.title}: the dashboard and the alarms"),
        )
        topic = place.arn("sns", place.notifications_topic)
        kind = kind_of(migration, environment)
        alarms = MigrationAlarms(
            self,
            "Alarms",
            migration=migration.name,
            rules=kind.rules,
            thresholds=environment.thresholds,
            topic=sns.Topic.from_topic_arn(self, "Notifications", topic),
        )
        name = f"cutover-{migration.name}"
        MigrationDashboard(
            self,
            "Dashboard",
            dashboard_name=name,
            migration=migration,
            kind=kind,
            alarms=[alarms.watch, *alarms.alarms.values()],
        )
        CfnOutput(self, "DashboardName", value=name)
