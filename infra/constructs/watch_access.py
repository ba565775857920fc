"""What a role may do with the alarms, and with the topic through which people are told."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.constructs.acknowledge import acknowledge
from infra.constructs.table_access import allow
from infra.names import Place


@dataclass(frozen=True)
class WatchAccess:
    """Grants by name, as the alarms and the topic are of other stacks."""

    place: Place

    def grant_look(self, role: iam.Role) -> None:
        """Let a role see how alarms are."""
        allow(role, ["cloudwatch:DescribeAlarms"], ["*"])
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            "Of composite alarms nothing is told to a narrower scope (DescribeAlarms API"
            " reference); X-Ray takes no resource either.",
        )

    def grant_tell(self, role: iam.Role) -> None:
        """Let a role publish notifications; the key's own policy lets it encrypt them."""
        allow(role, ["sns:Publish"], [self.place.arn("sns", self.place.notifications_topic)])
