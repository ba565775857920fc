"""What a role may do to metrics."""

from aws_cdk import aws_iam as iam

from infra.constructs.acknowledge import acknowledge
from infra.constructs.table_access import allow


def grant_read_metrics(role: iam.Role) -> None:
    """Let a role read metrics, which cannot be told apart by resource."""
    allow(role, ["cloudwatch:GetMetricData"], ["*"])
    acknowledge(
        role,
        "AwsSolutions-IAM5[Resource::*]",
        'GetMetricData takes no resource ("Actions for Amazon CloudWatch"); neither does X-Ray.',
    )
