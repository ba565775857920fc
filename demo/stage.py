"""The demo's own local cloud, and the clients that play the operator and the application."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import urllib3

from functions.serve_records.json_values import read_json, write_json
from local import lifecycle
from local.places import Places
from shared.model.item import Item

CONTROL = "Cutover-Control"
"""The stack that all migrations share."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: status, body as an item where it is JSON, the record's version and ETag.

    `retry_after` is when to try again, in seconds (0: not said).
    """

    status: int
    body: Item
    version: int
    tag: str
    retry_after: float


class Stage:
    """A deployed local cloud: its endpoint, its outputs, and ways to talk to it."""

    def __init__(self, places: Places, migration: str) -> None:
        self.places = places
        self.migration = migration
        found = lifecycle.status(places)
        self.endpoint = str(found.endpoint)
        self.port = int(found.port or 0)
        # boto3 makes its clients at run time, from a name: they have no static type
        self._session: Any = boto3.session.Session("testing", "testing", region_name="us-east-1")
        self._outputs: dict[str, str] | None = None
        self._http = urllib3.PoolManager(maxsize=32, retries=False, timeout=urllib3.Timeout(30.0))

    def client(self, service: str) -> Any:
        """Return a boto3 client of the local cloud."""
        return self._session.client(service, endpoint_url=self.endpoint)

    @property
    def outputs(self) -> dict[str, str]:
        """Return the outputs of all stacks by name."""
        if self._outputs is None:
            stacks = self.client("cloudformation").describe_stacks()["Stacks"]
            own = (CONTROL, f"{stacks_of(self.migration)}-")
            self._outputs = {
                each["OutputKey"]: each["OutputValue"]
                for stack in stacks
                if stack["StackName"].startswith(own)
                for each in stack.get("Outputs", [])
            }
        return self._outputs

    def token(self, role: str = "user") -> str:
        """Return a token that the deployed authorizer accepts."""
        return lifecycle.token(role, places=self.places)  # type: ignore[arg-type] # a known role

    def call(
        self, method: str, path: str, token: str, body: Item | None = None, **headers: str
    ) -> Answer:
        """Call the deployed API."""
        answer = self._http.request(
            method,
            self.outputs["ApiUrl"].rstrip("/") + path,
            body=write_json(body).encode() if body is not None else None,
            headers={
                "authorization": f"Bearer {token}",
                "content-type": "application/json",
                **headers,
            },
        )
        text = answer.data.decode()
        parsed = read_json(text) if text.startswith("{") else {}
        tag = answer.headers.get("etag", "")
        version = tag.strip('"').partition("-")[0]
        retry_after = float(answer.headers.get("retry-after", 0))
        return Answer(answer.status, parsed, int(version or 0), tag, retry_after)

    def start(self, machine: str, **given: Any) -> str:
        """Start a state machine and return the execution's ARN."""
        arn = self.outputs[f"{machine.capitalize()}StateMachineArn"]
        payload = json.dumps({"migration": self.migration, **given})
        started = self.client("stepfunctions").start_execution(stateMachineArn=arn, input=payload)
        return str(started["executionArn"])

    def wait(self, execution: str, each_tick: Callable[[], None], limit: float) -> dict[str, Any]:
        """Return an execution's output; raise RuntimeError when it failed or took too long."""
        client = self.client("stepfunctions")
        deadline = time.monotonic() + limit
        while True:
            found = client.describe_execution(executionArn=execution)
            if found["status"] == "SUCCEEDED":
                return dict(json.loads(found["output"]))
            if found["status"] != "RUNNING":
                raise RuntimeError(f"{found['status']}: {found.get('error')} {found.get('cause')}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{execution} took longer than {limit:.0f} s")
            each_tick()
            time.sleep(0.3)


def stacks_of(migration: str) -> str:
    """Return how the names of a migration's stacks begin."""
    return f"Cutover-{migration.capitalize()}"


@contextmanager
def stage(folder: Path, migration: str, say: Callable[[str], None]) -> Iterator[Stage]:
    """Bring up a local cloud on a free port, deploy a migration, and take it down at the end."""
    places = Places(folder / "cloud")
    port = _free_port()
    lifecycle.up(port, detach=True, places=places)
    try:
        own = f"{stacks_of(migration)}-*"
        say(f"the local cloud is up on http://localhost:{port}; cdk deploy {CONTROL} '{own}'")
        lifecycle.deploy([CONTROL, own], places=places)
        yield Stage(places, migration)
    finally:
        lifecycle.down(places)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
