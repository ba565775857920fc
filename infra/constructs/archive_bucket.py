"""The bucket of exports, reports, segment lists and snapshots."""

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.retention import removal
from shared.model.environment import Environment


class ArchiveBucket(Construct):
    """A versioned bucket that nobody can read from outside, or over an open connection."""

    def __init__(
        self, scope: Construct, name: str, *, bucket_name: str, environment: Environment
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
                s3.LifecycleRule(
                    id="SnapshotsExpire",
                    prefix="snapshots/",
                    expiration=Duration.days(30),
                    noncurrent_version_expiration=Duration.days(1),
                ),
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
