"""Buckets that go with their stack are emptied before it is destroyed.

AWS and this cloud alike refuse to delete a bucket that holds objects. What the template retains is
left alone, here as there.
"""

from __future__ import annotations

from typing import Any

import boto3

from local.places import REGION, endpoint

_TOOLKIT = "CDKToolkit"


def empty_doomed_buckets(port: int) -> None:
    """Empty every bucket of a deployed app whose template says that it is deleted."""
    options: Any = {
        "region_name": REGION,
        "endpoint_url": endpoint(port),
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
    }
    stacks = boto3.client("cloudformation", **options)
    buckets = boto3.resource("s3", **options)
    for page in stacks.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            if stack["StackName"] != _TOOLKIT:
                for name in _doomed(stacks, stack["StackName"]):
                    buckets.Bucket(name).object_versions.delete()


def _doomed(stacks: Any, stack: str) -> list[str]:
    """List the physical names of a stack's buckets that nothing retains."""
    template = stacks.get_template(StackName=stack)["TemplateBody"]["Resources"]
    resources = stacks.describe_stack_resources(StackName=stack)["StackResources"]
    return [
        resource["PhysicalResourceId"]
        for resource in resources
        if resource["ResourceType"] == "AWS::S3::Bucket"
        and template[resource["LogicalResourceId"]].get("DeletionPolicy") == "Delete"
    ]
