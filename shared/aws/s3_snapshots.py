"""Snapshots in S3, compressed (the port `Snapshots`); a lifecycle rule lets them expire."""

import gzip
import json
from typing import Any

from botocore.exceptions import ClientError

from shared.aws.errors import code_of, translated
from shared.model.errors import NotFound

GONE = frozenset({"NoSuchKey", "404"})
FORBIDDEN = frozenset({"AccessDenied", "403"})
"""Also what is said of an object that is not there, to whom may not list the whole bucket."""


class S3Snapshots:
    """Documents of one migration under a prefix of the archive bucket."""

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix

    def store(self, name: str, document: Any) -> None:
        """Store a JSON document under a name that was never used before."""
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        with translated(writes=True):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=self._key(name),
                Body=gzip.compress(text.encode(), mtime=0),
                ContentType="application/json",
                ContentEncoding="gzip",
            )

    def load(self, name: str) -> Any:
        """Return the document of a name; raise NotFound when there is none, or no longer."""
        body = b""
        with translated(writes=False):
            try:
                body = self._s3.get_object(Bucket=self._bucket, Key=self._key(name))["Body"].read()
            except ClientError as error:
                if code_of(error) not in GONE and not self._missing(name, error):
                    raise
        if not body:
            raise NotFound(f"there is no snapshot {name}")
        return json.loads(gzip.decompress(body))

    def _missing(self, name: str, error: ClientError) -> bool:
        """Tell whether a document is said to be forbidden, and is none of the bucket's names."""
        if code_of(error) not in FORBIDDEN:
            return False
        key = self._key(name)
        found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        return all(each["Key"] != key for each in found.get("Contents", ()))

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}.json.gz"
