"""What a role may do to the phase table and to the ledger."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.names import Place
from shared.aws.ledger_layout import partitions

_READ = ("dynamodb:GetItem", "dynamodb:Query")
_WRITE = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)


@dataclass(frozen=True)
class BookAccess:
    """Grants on the engine's own books by name, and there only on what is this migration's."""

    migration: str
    place: Place

    def _on_own_phase(self, role: iam.Role, *actions: str) -> None:
        """Allow actions on the one item whose key is the migration's name.

        "Using IAM policy conditions for fine-grained access control". A request without a key
        meets `ForAllValues` by having none; of these actions every request has one.
        """
        role.add_to_policy(
            iam.PolicyStatement(
                actions=list(actions),
                resources=[self.place.table_arn(self.place.control_table)],
                conditions={
                    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [self.migration]}
                },
            )
        )

    def _on_own_ledger(self, role: iam.Role, *actions: str) -> None:
        """Allow actions on the ledger's partitions of this migration, whose keys name it."""
        role.add_to_policy(
            iam.PolicyStatement(
                actions=list(actions),
                resources=[self.place.table_arn(self.place.ledger_table)],
                conditions={
                    "ForAllValues:StringLike": {
                        "dynamodb:LeadingKeys": list(partitions(self.migration))
                    }
                },
            )
        )

    def grant_read_phase(self, role: iam.Role) -> None:
        """Let a role read the control item."""
        self._on_own_phase(role, "dynamodb:GetItem")

    def grant_move_phase(self, role: iam.Role) -> None:
        """Let a role read and replace the control item; nobody may delete it."""
        self._on_own_phase(role, "dynamodb:GetItem", "dynamodb:PutItem")

    def grant_read_ledger(self, role: iam.Role) -> None:
        """Let a role read runs, checkpoints, exclusions and approvals."""
        self._on_own_ledger(role, *_READ)

    def grant_keep_ledger(self, role: iam.Role) -> None:
        """Let a role read and write the ledger; what it deletes is a lock it held."""
        self._on_own_ledger(role, *_READ, *_WRITE)
