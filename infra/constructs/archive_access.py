"""What a role may do to the archive bucket, by the prefixes of one migration."""

from collections.abc import Iterable
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.constructs.acknowledge import acknowledge
from infra.constructs.table_access import allow
from infra.names import Place
from shared.model.inputs import lists_prefix
from shared.settings import snapshot_prefix


@dataclass(frozen=True)
class ArchiveAccess:
    """Grants on the archive by name; objects are named at run time, hence the stars."""

    migration: str
    place: Place

    def grant_read_segments(self, role: iam.Role) -> None:
        """Let a role read the lists of segments that runs stored."""
        self._allow(role, ["s3:GetObject"], [f"runs/{self.migration}/*"])

    def grant_read_lists(self, role: iam.Role) -> None:
        """Let a role read the lists of keys that people put where the engine looks for them."""
        self._allow(role, ["s3:GetObject"], [f"{lists_prefix(self.migration)}*"])

    def grant_store_segments(self, role: iam.Role) -> None:
        """Let a role store a run's list of segments."""
        self._allow(role, ["s3:PutObject"], [f"runs/{self.migration}/*"])

    def grant_store_reports(self, role: iam.Role) -> None:
        """Let a role store reports."""
        self._allow(role, ["s3:PutObject"], [f"reports/{self.migration}/*"])

    def grant_store_snapshots(self, role: iam.Role) -> None:
        """Let a role keep records as they were before it changed them."""
        self._allow(role, ["s3:PutObject"], [f"{snapshot_prefix(self.migration)}*"])

    def grant_read_snapshots(self, role: iam.Role) -> None:
        """Let a role read records as they were, and learn that what it looks for has expired.

        Who may not list the whole bucket is told of a missing object that it is forbidden
        ("GetObject"): then the role looks whether it is among the names under its prefix.
        """
        snapshots = f"{snapshot_prefix(self.migration)}*"
        allow(
            role,
            ["s3:ListBucket"],
            [self.place.archive_arn],
            conditions={"StringLike": {"s3:prefix": snapshots}},
        )
        self._allow(role, ["s3:GetObject"], [snapshots])

    def grant_export(self, role: iam.Role, purposes: Iterable[str]) -> None:
        """Let DynamoDB write exports with this role's rights, and let the role read them back.

        The write actions are those of "Requesting a table export in DynamoDB".
        """
        actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"]
        self._allow(role, actions, [f"{each}/{self.migration}/*" for each in purposes])

    def _allow(self, role: iam.Role, actions: list[str], objects: Iterable[str]) -> None:
        arns = [f"{self.place.archive_arn}/{each}" for each in objects]
        allow(role, actions, arns)
        for arn in arns:
            acknowledge(
                role,
                f"AwsSolutions-IAM5[Resource::{arn}]",
                "Objects are named when they are made; the bucket holds nothing but the archive.",
            )
