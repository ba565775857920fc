"""The bucket of exports, reports, segment lists and snapshots."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.retention import removal
from shared.model.environment import Environment
from shared.settings import SNAPSHOTS, snapshot_prefix

_FORGOTTEN = 365
"""Days after which snapshots go whose migration is declared no more."""


class ArchiveBucket(Construct):
    """A versioned bucket that nobody can read from outside, or over an open connection.

    `snapshots` are the days for which each migration keeps what its records were.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        bucket_name: str,
        environment: Environment,
        snapshots: Mapping[str, int],
    ) -> None:
        super().__init__(scope, name)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=bucket_name,
            versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=removal(environment),
            lifecycle_rules=[
                *(
                    _expiring(f"Snapshots-{name}", snapshot_prefix(name), days)
                    for name, days in snapshots.items()
                ),
                _expiring("ForgottenSnapshots", SNAPSHOTS, max([_FORGOTTEN, *snapshots.values()])),
                s3.LifecycleRule(
                    id="AbandonedUploadsEnd",
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                ),
            ],
        )
        acknowledge(
            self.bucket,
            "AwsSolutions-S1",
            "Only this product's roles reach the bucket; who reads it is in CloudTrail's data "
            "events, and a bucket of access logs would need one more bucket to log.",
        )


def _expiring(rule: str, prefix: str, days: int) -> s3.LifecycleRule:
    """Return the rule that snapshots under a prefix go after some days, with their versions.

    Of two rules for one object the shorter time counts ("Examples of S3 Lifecycle").
    """
    return s3.LifecycleRule(
        id=rule,
        prefix=prefix,
        expiration=Duration.days(days),
        noncurrent_version_expiration=Duration.days(1),
    )
