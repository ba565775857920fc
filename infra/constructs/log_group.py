"""Log groups that last as long as a migration and go with the data's own policy."""

from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.retention import LOG_RETENTION, removal
from shared.model.environment import Environment

DELIVERED = "/aws/vendedlogs"
"""The prefix of groups that services deliver to: without it each new group makes the account's
one log policy longer, up to its limit ("Enable logging from AWS services")."""


def log_group(scope: Construct, *, name: str, environment: Environment) -> logs.LogGroup:
    """Add a log group with an explicit name to a construct."""
    return logs.LogGroup(
        scope,
        "Logs",
        log_group_name=name,
        retention=LOG_RETENTION,
        removal_policy=removal(environment),
    )
