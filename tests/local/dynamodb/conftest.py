"""One moto server with the front in it; CUTOVER_PLAIN_MOTO=1 leaves the front out.

Run so, a test that still fails shows a gap of moto; one that passes may have become needless.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

import local.dynamodb


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    if not os.environ.get("CUTOVER_PLAIN_MOTO"):
        local.dynamodb.install()
        local.dynamodb.install()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield f"http://localhost:{server.get_host_and_port()[1]}"
    server.stop()


@pytest.fixture(scope="session")
def connect(endpoint: str) -> Callable[[str], Any]:
    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(
                retries={"total_max_attempts": 1},
                parameter_validation=False,
                max_pool_connections=20,
                s3={"addressing_style": "path"},
            ),
        )

    return client


@pytest.fixture(scope="session")
def dynamodb(connect: Callable[[str], Any]) -> Any:
    return connect("dynamodb")


@pytest.fixture
def make_table(dynamodb: Any) -> Callable[..., str]:
    """Make a table with the key `pk` (and `sk` when asked), and indexes {name: (hash, range)}."""

    def make(
        *,
        range_key: bool = False,
        indexes: dict[str, tuple[str, ...]] | None = None,
        types: dict[str, str] | None = None,
        projection: dict[str, Any] | None = None,
        **more: Any,
    ) -> str:
        keys = ("pk", "sk") if range_key else ("pk",)
        used = dict.fromkeys((*keys, *(name for one in (indexes or {}).values() for name in one)))
        more |= (
            {
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": name,
                        "KeySchema": schema(index),
                        "Projection": projection or {"ProjectionType": "ALL"},
                    }
                    for name, index in indexes.items()
                ]
            }
            if indexes
            else {}
        )
        name = f"table-{uuid4().hex[:12]}"
        dynamodb.create_table(
            TableName=name,
            KeySchema=schema(keys),
            AttributeDefinitions=[
                {"AttributeName": one, "AttributeType": (types or {}).get(one, "S")} for one in used
            ],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )
        return name

    return make


@pytest.fixture
def table(make_table: Callable[..., str]) -> str:
    return make_table()


@pytest.fixture
def refused() -> Callable[..., dict[str, Any]]:
    """Call something that must be refused with this code, and give the answer."""

    def call(code: str, operation: Callable[..., Any], **request: Any) -> dict[str, Any]:
        with pytest.raises(ClientError) as caught:
            operation(**request)
        answer: dict[str, Any] = caught.value.response
        assert answer["Error"]["Code"] == code, answer["Error"]
        return answer

    return call


def schema(names: tuple[str, ...]) -> list[dict[str, str]]:
    roles = ("HASH", "RANGE")
    return [
        {"AttributeName": name, "KeyType": role} for name, role in zip(names, roles, strict=False)
    ]
