"""Exports of a table to S3 by DynamoDB, and their proof (the port `Exports`).

Formats are those of "DynamoDB table export output format" in the developer guide.
"""

import gzip
import hashlib
import io
import json
import zlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from shared.aws.errors import code_of, translated
from shared.model.declaration import Migration
from shared.model.errors import Refused
from shared.model.writes import Side
from shared.ports import ExportProof, ExportStatus


class S3Exports:
    """Exports of both tables to one bucket."""

    def __init__(self, dynamodb: Any, s3: Any, migration: Migration, bucket: str) -> None:
        self._dynamodb = dynamodb
        self._s3 = s3
        self._names = {side: each.name for side, each in migration.tables.items()}
        self._bucket = bucket

    def start(self, side: Side, prefix: str, token: str) -> str:
        """Begin an export under a prefix and return its ARN; a token starts it once (8 hours)."""
        with translated(writes=True):
            table = self._dynamodb.describe_table(TableName=self._names[side])["Table"]
            answer = self._dynamodb.export_table_to_point_in_time(
                TableArn=table["TableArn"],
                S3Bucket=self._bucket,
                S3Prefix=prefix,
                ClientToken=token,
                ExportFormat="DYNAMODB_JSON",
            )
        return str(answer["ExportDescription"]["ExportArn"])

    def status(self, arn: str) -> tuple[ExportStatus, str]:
        """Return how far an export is, and why it failed."""
        description = self._describe(arn)
        return ExportStatus(description["ExportStatus"]), description.get("FailureMessage", "")

    def verify(self, arn: str) -> ExportProof:
        """Read an export back, compare counts and checksums; raise Refused naming what differs."""
        description = self._describe(arn)
        if description["ExportStatus"] != ExportStatus.COMPLETED:
            raise Refused(f"export {arn} is {description['ExportStatus']}, not complete")
        directory = _directory(description, arn)
        manifest = f"{directory}/manifest-summary.json"
        try:
            summary = json.loads(self._manifest(manifest))
            _same(manifest, "itemCount", summary["itemCount"], description["ItemCount"])
            _same(manifest, "exportArn", summary["exportArn"], arn)
            lines = self._manifest(f"{directory}/manifest-files.json").splitlines()
            counted = [self._verify_file(json.loads(line)) for line in lines]
        except (ValueError, KeyError) as error:
            raise Refused(f"manifest {manifest} cannot be read: {error!r}") from error
        items = sum(items for items, _ in counted)
        _same(manifest, "itemCount", summary["itemCount"], items)
        stored = sum(size for _, size in counted)
        return ExportProof(arn, items, len(counted), stored, f"s3://{self._bucket}/{manifest}")

    def _describe(self, arn: str) -> dict[str, Any]:
        with translated(writes=False):
            answer: dict[str, Any] = self._dynamodb.describe_export(ExportArn=arn)
        description: dict[str, Any] = answer["ExportDescription"]
        return description

    def _manifest(self, key: str) -> bytes:
        """Return a manifest, compared with the checksum file beside it where there is one."""
        with translated(writes=False):
            text: bytes = self._open(key).read()
            try:
                checksum = self._open(key.removesuffix(".json") + ".md5").read().decode().strip()
            except MissingObject:
                # AWS does not promise this file; counts and data checksums are compared anyway.
                return text
        found = b64encode(hashlib.md5(text, usedforsecurity=False).digest()).decode()
        if checksum != found:
            raise Refused(f"manifest {key}: its checksum is {found}, expected {checksum}")
        return text

    def _verify_file(self, entry: Mapping[str, Any]) -> tuple[int, int]:
        """Return the items and bytes of one data file, when it is as its manifest says."""
        key = entry["dataFileS3Key"]
        with translated(writes=False):
            content = _Digested(self._open(key))
            try:
                with gzip.GzipFile(fileobj=content) as lines:
                    items = sum(1 for _ in lines)
            except (OSError, EOFError, zlib.error) as error:
                raise Refused(f"data file {key}: no gzip of its checksum: {error}") from error
        if content.checksum != entry["md5Checksum"]:
            raise Refused(
                f"data file {key}: checksum {content.checksum}, manifest {entry['md5Checksum']}"
            )
        if items != entry["itemCount"]:
            raise Refused(f"data file {key}: {items} items, manifest {entry['itemCount']}")
        return items, content.length

    def _open(self, key: str) -> Any:
        """Return an object's content as a stream."""
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
        except ClientError as error:
            if code_of(error) in ("NoSuchKey", "404"):
                raise MissingObject(f"s3://{self._bucket}/{key} is missing") from error
            raise


class _Digested(io.BufferedIOBase):
    """A stream that knows the checksum and the length of what was read from it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._digest = hashlib.md5(usedforsecurity=False)
        self.length = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes."""
        content: bytes = self._stream.read(None if size is None or size < 0 else size)
        self._digest.update(content)
        self.length += len(content)
        return content

    @property
    def checksum(self) -> str:
        """Return the MD5 of what was read, as manifests write it."""
        return b64encode(self._digest.digest()).decode()


class MissingObject(Refused):
    """A file that an export should have is not there."""


def _directory(description: Mapping[str, Any], arn: str) -> str:
    """Return the folder of an export: `<prefix>/AWSDynamoDB/<export id>`."""
    own = f"AWSDynamoDB/{arn.rpartition('/')[2]}"
    prefix = description.get("S3Prefix", "").strip("/")
    return f"{prefix}/{own}" if prefix else own


def _same(manifest: str, name: str, claimed: object, found: object) -> None:
    """Refuse a manifest that claims something else than was found."""
    if claimed != found:
        raise Refused(f"manifest {manifest}: {name} is {claimed}, found {found}")
