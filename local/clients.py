"""Clients by which parts of this cloud call its own APIs, as any caller would."""

from __future__ import annotations

import threading
from typing import Any

import boto3
from botocore.config import Config

from local.places import REGION, endpoint


class Clients:
    """Makes one client per service, pointed at this server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._made: dict[str, Any] = {}
        self._guard = threading.Lock()

    def __call__(self, service: str) -> Any:
        """Give the client of a service."""
        make: Any = boto3.client  # typed by an overload per service; this name is known at run time
        with self._guard:
            if service not in self._made:
                self._made[service] = make(
                    service,
                    REGION,
                    endpoint_url=endpoint(self.port),
                    aws_access_key_id="testing",
                    aws_secret_access_key="testing",  # noqa: S106 - any credentials do
                    config=Config(retries={"total_max_attempts": 1}),
                )
            return self._made[service]
