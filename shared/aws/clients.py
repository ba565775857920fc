"""boto3's clients, each made once, on first use."""

from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from shared.model.environment import Timing

POOL = 50
ATTEMPTS = 4


class Clients:
    """The clients of one process; they are safe to share between threads.

    DynamoDB's does not retry: a second attempt behind our back would meet the first one's
    effect as a failed condition. The engine retries, by token. Its requests are already in
    DynamoDB JSON, so botocore's validation of them would only cost time.
    """

    def __init__(self, region: str, timing: Timing) -> None:
        self._session = boto3.session.Session(region_name=region)
        self._region = region
        self._timing = timing

    @property
    def partition(self) -> str:
        """Return the partition of the region: `aws` nearly everywhere."""
        return str(self._session.get_partition_for_region(self._region))

    @cached_property
    def dynamodb(self) -> Any:
        """Return the client of DynamoDB."""
        return self._session.client("dynamodb", config=self._config(1, parameter_validation=False))

    @cached_property
    def s3(self) -> Any:
        """Return the client of S3."""
        return self._session.client("s3", config=self._config(ATTEMPTS))

    @cached_property
    def stepfunctions(self) -> Any:
        """Return the client of Step Functions."""
        return self._session.client("stepfunctions", config=self._config(ATTEMPTS))

    @cached_property
    def sqs(self) -> Any:
        """Return the client of SQS; it gives up soon, since writers send on a request's path."""
        return self._session.client("sqs", config=self._config(1))

    @cached_property
    def cloudwatch(self) -> Any:
        """Return the client of CloudWatch."""
        return self._session.client("cloudwatch", config=self._config(ATTEMPTS))

    @cached_property
    def sns(self) -> Any:
        """Return the client of SNS; it gives up soon, since work waits for it that must go on."""
        return self._session.client("sns", config=self._config(2))

    def _config(self, attempts: int, **more: Any) -> Config:
        return Config(
            connect_timeout=self._timing.request,
            read_timeout=self._timing.request,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            tcp_keepalive=True,
            max_pool_connections=POOL,
            **more,
        )
