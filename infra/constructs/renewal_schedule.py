"""The schedule on which it is asked whether the certificate is to be renewed."""

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


class RenewalSchedule(Construct):
    """A rule that calls the renewing function.

    It has no dead-letter queue: an event carries nothing, and the next one asks the same.
    """

    def __init__(
        self, scope: Construct, name: str, *, deployment: Deployment, renewing: MigrationFunction
    ) -> None:
        super().__init__(scope, name)
        rate = Duration.minutes(minutes_between(deployment.environment.certificate_age))
        target = targets.LambdaFunction(
            renewing.function, retry_attempts=RETRIES, max_event_age=rate
        )
        events.Rule(
            self,
            "Rule",
            rule_name=deployment.names.function("renew_certificate"),
            description="Asks whether the certificate of validation is to be renewed",
            schedule=events.Schedule.rate(rate),
            enabled=deployment.environment.has_source,  # without v1 nothing is compared again
            targets=[target],
        )


def minutes_between(certificate_age: float) -> int:
    """Return the minutes between two looks: whole ones, as a rate has, and at least one.

    An event may wait that long for its function, of which EventBridge allows a day at most.
    """
    return min(max(1, int(certificate_age / LOOKS // 60)), 24 * 60)
