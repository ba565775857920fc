"""JSON documents in S3 (the port `Archive`)."""

import json
from typing import Any

from botocore.exceptions import ClientError

from shared.aws.errors import code_of, translated
from shared.model.errors import InvalidInput

SCHEME = "s3://"
UNREADABLE = frozenset({"NoSuchKey", "NoSuchBucket", "AccessDenied", "403", "404"})


class S3Archive:
    """Documents of one bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def store(self, name: str, document: Any) -> str:
        """Store a JSON document and return its URI; the same name again replaces it."""
        with translated(writes=True):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=json.dumps(document, ensure_ascii=False, allow_nan=False).encode(),
                ContentType="application/json",
            )
        return f"{SCHEME}{self._bucket}/{name}"

    def holds(self, uri: str, prefix: str) -> bool:
        """Tell whether a URI names something of this archive whose name begins so."""
        return uri.startswith(f"{SCHEME}{self._bucket}/{prefix}")

    def load(self, uri: str) -> Any:
        """Return the JSON document at a URI; raise InvalidInput when it cannot be read."""
        bucket, _, key = uri.removeprefix(SCHEME).partition("/")
        if not uri.startswith(SCHEME) or not bucket or not key:
            raise InvalidInput(
                f"{uri!r} is not an S3 URI", field="uri", mend="write s3://bucket/key"
            )
        body, refusal = b"", ""
        with translated(writes=False):
            try:
                body = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            except ClientError as error:
                refusal = code_of(error)
                if refusal not in UNREADABLE:
                    raise
        if refusal:
            raise InvalidInput(
                f"{uri} cannot be read: {refusal}",
                field="uri",
                mend="check the address, and that the workflow's role may read it",
            )
        try:
            return json.loads(body)
        except ValueError as error:
            raise InvalidInput(f"{uri} is not JSON: {error}", field="uri") from error
