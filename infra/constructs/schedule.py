"""A function that is called at a rate, and the rate at which a certificate is asked after."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.constructs.deployment import Deployment
from infra.constructs.migration_function import MigrationFunction

LOOKS = 4
"""Looks within the age limit. A renewal is due at half of it. With two looks, each certificate
would be seconds short of due at the first, and expire while the second one renews it."""

RETRIES = 2


class Schedule(Construct):
    """A rule that calls one function of a migration, as long as there is a v1 to migrate from.

    It has no dead-letter queue: an event carries nothing, and the next one asks the same.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        deployment: Deployment,
        calls: str,
        function: MigrationFunction,
        minutes: int,
        description: str,
    ) -> None:
        super().__init__(scope, name)
        rate = Duration.minutes(minutes)
        target = targets.LambdaFunction(
            function.function, retry_attempts=RETRIES, max_event_age=rate
        )
        events.Rule(
            self,
            "Rule",
            rule_name=deployment.names.function(calls),
            description=description,
            schedule=events.Schedule.rate(rate),
            enabled=deployment.environment.has_source,
            targets=[target],
        )


def minutes_between(certificate_age: float) -> int:
    """Return the minutes between two looks: whole ones, as a rate has, and at least one.

    An event may wait that long for its function, of which EventBridge allows a day at most.
    """
    return min(max(1, int(certificate_age / LOOKS // 60)), 24 * 60)
