"""The topic through which people are told, and the key that encrypts what it holds."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.retention import removal
from infra.names import Place
from shared.model.environment import Environment

_TELLER = "cloudwatch.amazonaws.com"
"""The one service that publishes by itself: an alarm's actions. No rule has the topic as target."""

_ENCRYPT = ("kms:Decrypt", "kms:GenerateDataKey*")
"""What a publisher to an encrypted topic needs (SNS guide, "Key management"), under the guide's
name: which of the two GenerateDataKey calls is made is SNS's affair."""


class NotificationTopic(Construct):
    """A topic for this account's roles and alarms, over TLS only.

    The key is one of ours because CloudWatch cannot publish to a topic under the AWS managed key.
    """

    def __init__(
        self, scope: Construct, name: str, *, place: Place, environment: Environment
    ) -> None:
        super().__init__(scope, name)
        self._place = place
        key = kms.Key(
            self,
            "Key",
            description="Encrypts the notifications of all migrations",
            enable_key_rotation=True,
            removal_policy=removal(environment),
        )
        for statement in (self._for_own_roles(), self._for_services()):
            key.add_to_resource_policy(statement)
        topic = sns.Topic(
            self, "Topic", topic_name=place.notifications_topic, master_key=key, enforce_ssl=True
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="OwnAlarms",
                principals=[iam.ServicePrincipal(_TELLER)],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": place.account}},
            )
        )

    def _for_own_roles(self) -> iam.PolicyStatement:
        """Return what AWS's own keys say: whoever may publish may use the key, through SNS only."""
        return iam.PolicyStatement(
            sid="OwnRolesThroughSns",
            principals=[iam.AnyPrincipal()],
            actions=list(_ENCRYPT),
            resources=["*"],  # in a key's policy this is the key itself
            conditions={
                "StringEquals": {
                    "kms:CallerAccount": self._place.account,
                    "kms:ViaService": f"sns.{self._place.region}.amazonaws.com",
                }
            },
        )

    def _for_services(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            sid="OwnAlarms",
            principals=[iam.ServicePrincipal(_TELLER)],
            actions=list(_ENCRYPT),
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": self._place.account}},
        )
