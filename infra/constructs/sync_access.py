"""What a role may do to the queue of records that their replica has yet to follow."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.constructs.table_access import allow
from infra.names import Names
from shared.model.declaration import Migration


@dataclass(frozen=True)
class SyncAccess:
    """Grants on the queue by name; without the mode there is no queue, and nothing is granted."""

    migration: Migration
    names: Names

    def grant_ask(self, role: iam.Role) -> None:
        """Let a role queue keys; the queue is found by its name."""
        self._allow(role, "sqs:GetQueueUrl", "sqs:SendMessage")

    def grant_count(self, role: iam.Role) -> None:
        """Let a role see how many keys wait."""
        self._allow(role, "sqs:GetQueueAttributes", "sqs:GetQueueUrl")

    def _allow(self, role: iam.Role, *actions: str) -> None:
        if self.migration.follows:
            allow(role, actions, [self.names.syncs_arn])
