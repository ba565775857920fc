"""Exports: AWS's layout in the bucket, and an honest description."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time

import pytest

from local.dynamodb import exports

PITR = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}


@pytest.fixture
def s3(connect):
    return connect("s3")


@pytest.fixture
def bucket(s3, table):
    s3.create_bucket(Bucket=f"bucket-{table}")
    return f"bucket-{table}"


def arn(table):
    return f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}"


def finish(dynamodb, export):
    while export["ExportStatus"] == "IN_PROGRESS":
        time.sleep(0.01)
        export = dynamodb.describe_export(ExportArn=export["ExportArn"])["ExportDescription"]
    return export


def start(dynamodb, table, bucket, **more):
    return dynamodb.export_table_to_point_in_time(
        TableArn=arn(table), S3Bucket=bucket, S3Prefix="dated/2026", **more
    )["ExportDescription"]


def md5(content):
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def test_export_writes_awss_layout(dynamodb, s3, table, bucket, monkeypatch):
    monkeypatch.setattr(exports, "_ITEMS_PER_FILE", 4)
    dynamodb.update_continuous_backups(TableName=table, **PITR)
    items = [{"pk": {"S": f"k{i}é"}, "b": {"B": b"\x00"}, "n": {"N": "1"}} for i in range(10)]
    for item in items:
        dynamodb.put_item(TableName=table, Item=item)
    begun = start(dynamodb, table, bucket)
    assert begun["ExportStatus"] == "IN_PROGRESS"
    done = finish(dynamodb, begun)
    assert (done["ExportStatus"], done["ItemCount"]) == ("COMPLETED", 10)
    table_info = dynamodb.describe_table(TableName=table)["Table"]
    assert done["BilledSizeBytes"] == table_info["TableSizeBytes"]
    assert done["TableId"] == table_info["TableId"]

    folder = f"dated/2026/AWSDynamoDB/{begun['ExportArn'].rsplit('/', 1)[-1]}"
    assert done["ExportManifest"] == f"{folder}/manifest-summary.json"

    def read(key):
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    assert read(f"{folder}/_started") == b""
    summary = json.loads(read(f"{folder}/manifest-summary.json"))
    assert summary["itemCount"] == 10
    assert summary["manifestFilesS3Key"] == f"{folder}/manifest-files.json"
    assert (summary["outputFormat"], summary["tableArn"]) == ("DYNAMODB_JSON", arn(table))
    for name in ("manifest-summary", "manifest-files"):
        assert read(f"{folder}/{name}.md5").decode() == md5(read(f"{folder}/{name}.json"))

    files = [json.loads(line) for line in read(f"{folder}/manifest-files.json").splitlines()]
    assert [one["itemCount"] for one in files] == [4, 4, 2]
    found = []
    for one in files:
        assert one["dataFileS3Key"].startswith(f"{folder}/data/")
        content = read(one["dataFileS3Key"])
        assert one["md5Checksum"] == md5(content)
        head = s3.head_object(Bucket=bucket, Key=one["dataFileS3Key"])
        assert head["ETag"].strip('"') == one["etag"]
        found += [json.loads(line)["Item"] for line in gzip.decompress(content).splitlines()]
    assert sorted(item["pk"]["S"] for item in found) == [item["pk"]["S"] for item in items]
    assert all(item["b"] == {"B": "AA=="} for item in found)

    listed = dynamodb.list_exports(TableArn=arn(table))["ExportSummaries"]
    assert listed == [
        {"ExportArn": begun["ExportArn"], "ExportStatus": "COMPLETED", "ExportType": "FULL_EXPORT"}
    ]


def test_export_of_an_empty_table_has_one_empty_file(dynamodb, s3, table, bucket):
    dynamodb.update_continuous_backups(TableName=table, **PITR)
    done = finish(dynamodb, start(dynamodb, table, bucket))
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    (data,) = [key for key in keys if "/data/" in key]
    assert gzip.decompress(s3.get_object(Bucket=bucket, Key=data)["Body"].read()) == b""
    assert done["ItemCount"] == 0


def test_same_client_token_starts_one_export(dynamodb, table, bucket):
    dynamodb.update_continuous_backups(TableName=table, **PITR)
    one, two = (start(dynamodb, table, bucket, ClientToken=table) for _ in range(2))
    assert one["ExportArn"] == two["ExportArn"]


def test_export_without_pitr_is_refused(dynamodb, table, bucket, refused):
    refused(
        "PointInTimeRecoveryUnavailableException",
        dynamodb.export_table_to_point_in_time,
        TableArn=arn(table),
        S3Bucket=bucket,
    )


def test_export_to_no_bucket_fails_and_says_so(dynamodb, table):
    dynamodb.update_continuous_backups(TableName=table, **PITR)
    done = finish(dynamodb, start(dynamodb, table, "no-such-bucket-anywhere"))
    assert (done["ExportStatus"], done["FailureCode"]) == ("FAILED", "S3NoSuchBucket")


def test_unknown_export_or_table_is_not_found(dynamodb, bucket, refused):
    refused("ExportNotFoundException", dynamodb.describe_export, ExportArn="arn:aws:nope")
    refused(
        "TableNotFoundException",
        dynamodb.export_table_to_point_in_time,
        TableArn=arn("no-such-table"),
        S3Bucket=bucket,
    )
