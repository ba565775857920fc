"""When the tests on AWS's DynamoDB Local run, are skipped, or fail."""

import os

import pytest

from local.dynamodb_local import library


def require_dynamodb_local() -> None:
    """Skip the test where DynamoDB Local cannot run; fail it in CI, which has all it needs."""
    try:
        library.java()
        library.verify()
    except library.Unusable as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI runs all three engines. {reason}")
        pytest.skip(str(reason))
