"""Faults of the local cloud, asked for by a test and ended by it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from local.places import endpoint
from tests.e2e.cloud import Cloud


@dataclass(frozen=True, slots=True)
class Faults:
    """What was asked for, while it lasts."""

    page: str

    def happened(self) -> dict[str, int]:
        """Return how often each kind of fault has happened since it was asked for."""
        return dict(urllib3.request("GET", self.page).json()["happened"])

    def end(self) -> None:
        """Let all be well; ending twice is no error."""
        urllib3.request("DELETE", self.page)


@contextmanager
def faulty(cloud: Cloud, **wish: Any) -> Iterator[Faults]:
    """Have faults for a while (local/faults/wish.py); tables only where they are named."""
    faults = Faults(f"{endpoint(cloud.port)}/_cutover/faults")
    body = json.dumps({"tables": [], "functions": [], **wish}).encode()
    answer = urllib3.request("PUT", faults.page, body=body)
    assert answer.status == 200, answer.data
    try:
        yield faults
    finally:
        faults.end()
