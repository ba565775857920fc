"""What happens to data when its stack goes: kept in production, removed on a laptop."""

from aws_cdk import RemovalPolicy
from aws_cdk.aws_logs import RetentionDays

from shared.model.environment import Environment

LOG_RETENTION = RetentionDays.THREE_MONTHS
"""Longer than the longest soak of a phase, so that a whole migration can be read back."""


def keeps_data(environment: Environment) -> bool:
    """Tell whether data outlives its stack and is protected from deletion."""
    return environment.removal == "retain"


def removal(environment: Environment) -> RemovalPolicy:
    """Return the removal policy of whatever holds data."""
    return RemovalPolicy.RETAIN if keeps_data(environment) else RemovalPolicy.DESTROY
