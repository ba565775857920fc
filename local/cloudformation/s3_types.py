"""AWS::S3 types: buckets with the settings that moto drops, and policies it would misread."""

from __future__ import annotations

import json
from typing import Any

from typing_extensions import override

from local.cloudformation.resource import Made, Properties, ResourceType
from local.places import endpoint


class Bucket(ResourceType):
    """A bucket with encryption, versions, lifecycle and its block on public access."""

    type_name = "AWS::S3::Bucket"
    name_property = "BucketName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the bucket."""
        self.clients("s3").create_bucket(Bucket=name)
        self._settle(name, properties)
        return self._made(name)

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Change the settings; a new name is a new bucket."""
        if name != made.physical_id:
            return super().update(made, name, properties)
        self._settle(name, properties)
        return made

    @override
    def delete(self, made: Made) -> None:
        """Delete the bucket; refused as on AWS while it holds objects."""
        self.clients("s3").delete_bucket(Bucket=made.physical_id)

    def _made(self, name: str) -> Made:
        return Made(
            name,
            {
                "Arn": f"arn:aws:s3:::{name}",
                "DomainName": f"{name}.s3.amazonaws.com",
                "RegionalDomainName": f"{name}.s3.us-east-1.amazonaws.com",
                "WebsiteURL": f"{endpoint(self.clients.port)}/{name}",
            },
        )

    def _settle(self, name: str, properties: Properties) -> None:
        client = self.clients("s3")
        if "BucketEncryption" in properties:
            rules = [
                {
                    "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                    "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
                }
                for rule in properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            ]
            client.put_bucket_encryption(
                Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules}
            )
        if "VersioningConfiguration" in properties:
            client.put_bucket_versioning(
                Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"]
            )
        if "PublicAccessBlockConfiguration" in properties:
            block = properties["PublicAccessBlockConfiguration"]
            client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
        if "LifecycleConfiguration" in properties:
            rules = [_lifecycle(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
            client.put_bucket_lifecycle_configuration(
                Bucket=name, LifecycleConfiguration={"Rules": rules}
            )
        if "Tags" in properties:
            client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": properties["Tags"]})


class BucketPolicy(ResourceType):
    """A bucket's policy, without the statement that refuses plain HTTP.

    This cloud speaks plain HTTP to its own machine, and moto takes a statement whose condition does
    not hold for a denial: the policy that `enforce_ssl` makes would refuse every put.
    """

    type_name = "AWS::S3::BucketPolicy"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Put the rest of the policy."""
        document = properties["PolicyDocument"]
        statements = [part for part in document["Statement"] if not _refuses_plain_http(part)]
        bucket = properties["Bucket"]
        if statements:
            policy = json.dumps(document | {"Statement": statements})
            self.clients("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
        else:
            self.clients("s3").delete_bucket_policy(Bucket=bucket)
        return Made(bucket)

    @override
    def delete(self, made: Made) -> None:
        """Delete the policy."""
        self.clients("s3").delete_bucket_policy(Bucket=made.physical_id)


def _refuses_plain_http(statement: dict[str, Any]) -> bool:
    return "aws:SecureTransport" in statement.get("Condition", {}).get("Bool", {})


def _lifecycle(rule: dict[str, Any]) -> dict[str, Any]:
    """Turn a rule of a template into one of the API, whose names differ."""
    wanted: dict[str, Any] = {
        "ID": rule.get("Id", "rule"),
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
    }
    expiration = {
        there: rule[here]
        for here, there in (
            ("ExpirationInDays", "Days"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if here in rule
    }
    if expiration:
        wanted["Expiration"] = expiration
    same = ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    wanted |= {key: rule[key] for key in same if key in rule}
    if "Transitions" in rule:
        wanted["Transitions"] = [
            {"Days": move["TransitionInDays"], "StorageClass": move["StorageClass"]}
            for move in rule["Transitions"]
        ]
    return wanted


TYPES = (Bucket, BucketPolicy)
