"""What a role may do to the archive bucket."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.constructs.acknowledge import acknowledge
from infra.constructs.table_access import allow
from infra.names import Place


@dataclass(frozen=True)
class ArchiveAccess:
    """Grants on the archive by name; object names are made at run time, hence the stars."""

    place: Place

    @property
    def _objects(self) -> str:
        return f"{self.place.archive_arn}/*"

    def grant_read(self, role: iam.Role) -> None:
        """Let a role read documents: segment lists, and key lists that a person put there."""
        allow(role, ["s3:GetObject"], [self._objects])
        self._accept(role)

    def grant_store(self, role: iam.Role) -> None:
        """Let a role store documents and read them."""
        allow(role, ["s3:GetObject", "s3:PutObject"], [self._objects])
        self._accept(role)

    def grant_export(self, role: iam.Role) -> None:
        """Let DynamoDB write an export with this role's rights ("Requesting a table export")."""
        actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"]
        allow(role, actions, [self._objects])
        self._accept(role)

    def _accept(self, role: iam.Role) -> None:
        acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::{self._objects}]",
            "Objects are named when they are made; the bucket holds nothing but the archive.",
        )
