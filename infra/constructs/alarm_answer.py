"""The way from the alarm that watches a migration to the function that takes readers home."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.deployment import Deployment
from infra.constructs.migration_function import MigrationFunction

_TRIES = 2
"""Further tries of a call that failed, Lambda's most; each does only what is still undone."""
_KEPT = Duration.days(14)
_AGE = Duration.hours(1)
"""How long an event is delivered at all: later, a person has long been at work."""


class AlarmAnswer(Construct):
    """A rule on one alarm's change to ALARM, its function, and a queue for what was not answered.

    The rule knows the alarm by its name, which is another stack's, and by its account and region:
    a bus may be sent another account's events, whose alarm of the same name is none of ours.
    """

    def __init__(
        self, scope: Construct, name: str, *, deployment: Deployment, function: MigrationFunction
    ) -> None:
        super().__init__(scope, name)
        rule_name = deployment.names.function("answer_alarm")
        failed = self._failed(rule_name)
        function.function.configure_async_invoke(
            on_failure=destinations.SqsDestination(failed),
            retry_attempts=_TRIES,
            max_event_age=_AGE,
        )
        events.Rule(
            self,
            "Rule",
            rule_name=rule_name,
            description="Takes readers home when the alarm that watches them goes off",
            enabled=deployment.environment.has_source,  # without v1 there is no home
            event_pattern=events.EventPattern(
                account=[deployment.place.account],
                region=[deployment.place.region],
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                detail={
                    "alarmName": [deployment.migration.watch_alarm],
                    "state": {"value": ["ALARM"]},
                },
            ),
            targets=[
                targets.LambdaFunction(
                    function.function,
                    dead_letter_queue=failed,
                    retry_attempts=_TRIES,
                    max_event_age=_AGE,
                )
            ],
        )

    def _failed(self, name: str) -> sqs.Queue:
        """Return the queue of events that nobody answered: readers may still be on v2."""
        queue = sqs.Queue(
            self,
            "Failed",
            queue_name=f"{name}-failed",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=_KEPT,
        )
        acknowledge(queue, "AwsSolutions-SQS3", "This is a dead-letter queue; a person empties it.")
        return queue
