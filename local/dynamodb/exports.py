"""Exports to S3 in the layout AWS writes; moto writes one data file and no manifest.

AWS: "DynamoDB table export output format". The items are those of the moment of the request, which
is as recent as a point in time can be.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import (
    DynamodbException,
    MockValidationException,
    PointInTimeRecoveryUnavailable,
    TableNotFoundException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.s3.exceptions import MissingBucket
from moto.s3.models import S3Backend, s3_backends
from moto.utilities.utils import get_partition

from local.dynamodb.description import id_of
from local.dynamodb.storage import Record, Storage
from local.dynamodb.tables import LOCK
from local.mend import replace

_ITEMS_PER_FILE = 5000
_VERSION = "2020-06-30"

_log = logging.getLogger(__name__)


class ExportMissing(DynamodbException):
    """No export has that ARN."""

    def __init__(self, arn: str) -> None:
        kind = "com.amazonaws.dynamodb.v20120810#ExportNotFoundException"
        super().__init__(kind, f"Export not found: {arn}")


@dataclass(slots=True)
class Export:
    """One export, from its request to its last file."""

    table: Table
    request: dict[str, Any]
    at: float
    id: str
    status: str = "IN_PROGRESS"
    ended: float | None = None
    items: int = 0
    size: int = 0
    failure: tuple[str, str] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """The export's own ARN."""
        return f"{self.table.table_arn}/export/{self.id}"

    @property
    def folder(self) -> str:
        """Where in the bucket its files lie."""
        prefix = str(self.request.get("S3Prefix") or "").strip("/")
        return f"{prefix}/AWSDynamoDB/{self.id}" if prefix else f"AWSDynamoDB/{self.id}"

    def describe(self) -> dict[str, Any]:
        """Give the ExportDescription."""
        description: dict[str, Any] = {
            "ExportArn": self.arn,
            "ExportStatus": self.status,
            "StartTime": self.at,
            "ExportTime": self.at,
            "TableArn": self.table.table_arn,
            "TableId": id_of(self.table),
            "ExportFormat": "DYNAMODB_JSON",
            "ExportType": "FULL_EXPORT",
            "S3SseAlgorithm": self.request.get("S3SseAlgorithm") or "AES256",
        }
        for member in ("S3Bucket", "S3BucketOwner", "S3Prefix", "ClientToken", "S3SseKmsKeyId"):
            if self.request.get(member):
                description[member] = self.request[member]
        if self.ended is not None:
            description["EndTime"] = self.ended
        if self.failure is not None:
            description["FailureCode"], description["FailureMessage"] = self.failure
        if self.status == "COMPLETED":
            description["ExportManifest"] = f"{self.folder}/manifest-summary.json"
            description["ItemCount"] = self.items
            description["BilledSizeBytes"] = self.size
        return description

    def write(self, records: list[Record]) -> None:
        """Write every file, the summary last; the status tells how it went."""
        try:
            self._write(_bucket_of(self.table, str(self.request["S3Bucket"])), records)
            self.status = "COMPLETED"
        except MissingBucket:
            self.failure = ("S3NoSuchBucket", "The specified bucket does not exist")
            self.status = "FAILED"
        except Exception:  # noqa: BLE001 a thread's entry point: whoever waits must learn of it
            _log.exception("The export %s failed", self.id)
            self.failure = ("INTERNAL_ERROR", "The export failed; see the local cloud's log")
            self.status = "FAILED"
        finally:
            self.ended = time.time()

    def _write(self, bucket: Bucket, records: list[Record]) -> None:
        bucket.put(f"{self.folder}/_started", b"")
        for part in _parts(records):
            self._write_data(bucket, part)
        self.items = len(records)
        self.size = sum(record.size for record in records)
        lines = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in self.files)
        self._write_manifest(bucket, "manifest-files", lines)
        self._write_manifest(bucket, "manifest-summary", json.dumps(self._summary(bucket.name)))

    def _write_data(self, bucket: Bucket, records: list[Record]) -> None:
        key = f"{self.folder}/data/{uuid4().hex[:26]}.json.gz"
        lines = b"".join([b'{"Item":' + record.raw + b"}\n" for record in records])
        content = gzip.compress(lines, compresslevel=1)
        digest = hashlib.md5(content, usedforsecurity=False).digest()
        etag = bucket.put(key, content)
        self.files.append({
            "itemCount": len(records),
            "md5Checksum": base64.b64encode(digest).decode(),
            "etag": etag.strip('"'),
            "dataFileS3Key": key,
        })  # fmt: skip

    def _write_manifest(self, bucket: Bucket, name: str, content: str) -> None:
        raw = content.encode()
        digest = hashlib.md5(raw, usedforsecurity=False).digest()
        bucket.put(f"{self.folder}/{name}.json", raw)
        bucket.put(f"{self.folder}/{name}.md5", base64.b64encode(digest))

    def _summary(self, bucket: str) -> dict[str, Any]:
        return {
            "version": _VERSION,
            "exportArn": self.arn,
            "startTime": _iso(self.at),
            "endTime": _iso(time.time()),
            "tableArn": self.table.table_arn,
            "tableId": id_of(self.table),
            "exportTime": _iso(self.at),
            "s3Bucket": bucket,
            "s3Prefix": self.request.get("S3Prefix"),
            "s3SseAlgorithm": self.request.get("S3SseAlgorithm") or "AES256",
            "s3SseKmsKeyId": self.request.get("S3SseKmsKeyId"),
            "manifestFilesS3Key": f"{self.folder}/manifest-files.json",
            "billedSizeBytes": self.size,
            "itemCount": self.items,
            "outputFormat": "DYNAMODB_JSON",
            "exportType": "FULL_EXPORT",
        }


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of moto's S3."""

    backend: S3Backend
    name: str

    def put(self, key: str, content: bytes) -> str:
        """Write an object and give its ETag."""
        return str(self.backend.put_object(self.name, key, content).etag)


def install() -> None:
    """Take the three operations of exports over from moto."""
    replace(DynamoHandler, "export_table_to_point_in_time", _start)
    replace(DynamoHandler, "describe_export", _describe)
    replace(DynamoHandler, "list_exports", _list)


def _start(self: Any) -> ActionResult:
    backend: DynamoDBBackend = self.dynamodb_backend
    request: dict[str, Any] = self.body
    table = _table_of(backend, request["TableArn"])
    _refuse(table, request)
    exports = cast("dict[str, Export]", backend.table_exports)
    again = _repeated(exports, request)
    if again is not None:
        return ActionResult({"ExportDescription": again.describe()})
    with LOCK:
        records = cast("Storage", table.items).all()
    now = time.time()
    export = Export(table, request, now, f"{int(now * 1000):014d}-{uuid4().hex[:8]}")
    exports[export.arn] = export
    answer = export.describe()
    threading.Thread(target=export.write, args=(records,), daemon=True).start()
    return ActionResult({"ExportDescription": answer})


def _describe(self: Any) -> ActionResult:
    arn = self.body["ExportArn"]
    export = self.dynamodb_backend.table_exports.get(arn)
    if export is None:
        raise ExportMissing(arn)
    return ActionResult({"ExportDescription": export.describe()})


def _list(self: Any) -> ActionResult:
    arn = self.body.get("TableArn")
    exports: Iterable[Export] = list(self.dynamodb_backend.table_exports.values())
    summaries = [
        {"ExportArn": one.arn, "ExportStatus": one.status, "ExportType": "FULL_EXPORT"}
        for one in exports
        if arn in (None, one.table.table_arn)
    ]
    return ActionResult({"ExportSummaries": summaries})


def _table_of(backend: DynamoDBBackend, arn: str) -> Table:
    table = backend.tables.get(arn.rsplit("/", 1)[-1])
    if table is None or table.table_arn != arn:
        raise TableNotFoundException(name=arn)
    return table


def _refuse(table: Table, request: dict[str, Any]) -> None:
    recovery = table.continuous_backups["PointInTimeRecoveryDescription"]
    if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
        raise PointInTimeRecoveryUnavailable(name=table.name)
    if request.get("ExportFormat") not in (None, "DYNAMODB_JSON"):
        raise MockValidationException("The local cloud exports DYNAMODB_JSON only")
    if request.get("ExportType") not in (None, "FULL_EXPORT"):
        raise MockValidationException("The local cloud makes full exports only")


def _repeated(exports: dict[str, Export], request: dict[str, Any]) -> Export | None:
    token = request.get("ClientToken")
    same = (one for one in exports.values() if one.request.get("ClientToken") == token)
    return next(same, None) if token else None


def _bucket_of(table: Table, name: str) -> Bucket:
    backend = s3_backends[table.account_id][get_partition(table.region_name)]
    backend.get_bucket(name)
    return Bucket(backend, name)


def _parts(records: list[Record]) -> list[list[Record]]:
    """Split records into files; an empty table has one empty file, as an empty partition has."""
    starts = range(0, max(1, len(records)), _ITEMS_PER_FILE)
    return [records[start : start + _ITEMS_PER_FILE] for start in starts]


def _iso(moment: float) -> str:
    stamp = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return stamp.replace("+00:00", "Z")
