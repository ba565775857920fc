"""A snapshot that is gone is told from one that is forbidden, by a role that lists its own only."""

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.aws.s3_snapshots import S3Snapshots
from shared.model.errors import NotFound, Refused

PREFIX = "snapshots/notes/"


class Forbidding:
    """An S3 as a role meets it that may not list the whole bucket, but the names under PREFIX."""

    def __init__(self, *keys: str, readable: bool = True, code: str = "AccessDenied") -> None:
        self.keys, self.readable, self.code = sorted(keys), readable, code

    def get_object(self, **call: Any) -> dict[str, Any]:
        if call["Key"] in self.keys and self.readable:
            return {"Body": io.BytesIO(b"")}
        raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "GetObject")

    def list_objects_v2(self, **call: Any) -> dict[str, Any]:
        if not call["Prefix"].startswith(PREFIX):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjects")
        found = [key for key in self.keys if key.startswith(call["Prefix"])][: call["MaxKeys"]]
        return {"Contents": [{"Key": key} for key in found]} if found else {}


@pytest.mark.parametrize("code", ["AccessDenied", "403", "NoSuchKey", "404"])
@pytest.mark.parametrize("others", [(), (f"{PREFIX}run/a.json.gz-later",)])
def test_a_snapshot_that_has_expired_is_not_found_whatever_s3_calls_it(
    code: str, others: tuple[str, ...]
) -> None:
    with pytest.raises(NotFound):
        S3Snapshots(Forbidding(*others, code=code), "bucket", PREFIX).load("run/a")


def test_a_snapshot_that_is_there_and_forbidden_is_refused_and_never_taken_for_expired() -> None:
    s3 = Forbidding(f"{PREFIX}run/a.json.gz", readable=False)
    with pytest.raises(Refused):
        S3Snapshots(s3, "bucket", PREFIX).load("run/a")


def test_a_role_that_may_not_even_list_its_own_is_refused() -> None:
    with pytest.raises(Refused):
        S3Snapshots(Forbidding(), "bucket", "snapshots/others/").load("run/a")


def test_another_fault_of_s3_is_no_missing_snapshot() -> None:
    with pytest.raises(Refused):
        S3Snapshots(Forbidding(code="InvalidObjectState"), "bucket", PREFIX).load("run/a")
