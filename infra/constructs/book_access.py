"""What a role may do to the phase table and to the ledger."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.constructs.table_access import allow
from infra.names import Place

_READ = ("dynamodb:GetItem", "dynamodb:Query")
_WRITE = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)


@dataclass(frozen=True)
class BookAccess:
    """Grants on the engine's own books by name."""

    place: Place

    @property
    def _control(self) -> list[str]:
        return [self.place.table_arn(self.place.control_table)]

    @property
    def _ledger(self) -> list[str]:
        return [self.place.table_arn(self.place.ledger_table)]

    def grant_read_phase(self, role: iam.Role) -> None:
        """Let a role read the control item."""
        allow(role, ["dynamodb:GetItem"], self._control)

    def grant_move_phase(self, role: iam.Role) -> None:
        """Let a role read and replace the control item; nobody may delete it."""
        allow(role, ["dynamodb:GetItem", "dynamodb:PutItem"], self._control)

    def grant_read_ledger(self, role: iam.Role) -> None:
        """Let a role read runs, checkpoints, exclusions and approvals."""
        allow(role, _READ, self._ledger)

    def grant_keep_ledger(self, role: iam.Role) -> None:
        """Let a role read and write the ledger; what it deletes is a lock it held."""
        allow(role, (*_READ, *_WRITE), self._ledger)
