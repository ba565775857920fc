"""One local cloud of its own for all of these tests, with the spike app deployed on it."""

from __future__ import annotations

import io
import json
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local import lifecycle, tokens, toolkit
from local.places import Places, endpoint

SPIKE = Path(__file__).parent / "spike"
Clients = Callable[[str], Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return Places(tmp_path_factory.mktemp("cloud"))


@pytest.fixture(scope="session")
def port(places: Places) -> Iterator[int]:
    chosen = free_port()
    lifecycle.up(chosen, detach=True, places=places)
    yield chosen
    lifecycle.down(places)


@pytest.fixture(scope="session")
def clients(port: int) -> Clients:
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(
                service,
                endpoint_url=endpoint(port),
                region_name="us-east-1",
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
            )
        return made[service]

    return client


@pytest.fixture(scope="session")
def deploy_spike(port: int, places: Places) -> Callable[..., None]:
    """Deploy the spike app with the real CLI, in one of its stages."""
    toolkit.bootstrap(port, places)

    def deploy(*context: str) -> None:
        options = ["--all", "--method=direct", "--require-approval", "never"]
        chosen = [f"issuer={tokens.issuer(port)}", *context]
        pairs = [part for one in chosen for part in ("-c", one)]
        toolkit.run(["deploy", *options, *pairs], port, places, app=SPIKE)

    return deploy


@pytest.fixture(scope="session")
def spike(deploy_spike: Callable[..., None], clients: Clients) -> dict[str, str]:
    """Deploy the first stage and give the outputs."""
    deploy_spike("stage=1")
    return outputs(clients)


def outputs(clients: Clients) -> dict[str, str]:
    (stack,) = clients("cloudformation").describe_stacks(StackName="SpikeRun")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


@pytest.fixture(scope="session")
def role(clients: Clients) -> str:
    answer = clients("iam").create_role(RoleName="anyone", AssumeRolePolicyDocument="{}")
    return str(answer["Role"]["Arn"])


def archive(source: str) -> bytes:
    """Zip one module as a function's code."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as files:
        files.writestr("tiny.py", source)
    return content.getvalue()


@pytest.fixture
def make_function(clients: Clients, role: str) -> Iterator[Callable[..., str]]:
    """Create functions from source, and delete them afterwards."""
    made: list[str] = []

    def make(source: str, **settings: Any) -> str:
        name = f"tiny-{len(made)}-{time.time_ns()}"
        clients("lambda").create_function(
            **{"Timeout": 10, "Runtime": "python3.13"} | settings,
            FunctionName=name,
            Role=role,
            Handler="tiny.handler",
            Code={"ZipFile": archive(source)},
        )
        made.append(name)
        return name

    yield make
    for name in made:
        clients("lambda").delete_function(FunctionName=name)


@pytest.fixture
def invoke(clients: Clients) -> Callable[..., tuple[str | None, Any]]:
    """Invoke a function and give its error kind and what it answered."""

    def run(name: str, event: Any = None, **options: Any) -> tuple[str | None, Any]:
        answer = clients("lambda").invoke(
            FunctionName=name, Payload=json.dumps(event or {}), **options
        )
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())

    return run


def eventually(check: Callable[[], Any]) -> Any:
    """Give the first true answer; fails when there is none for a long time."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail("nothing came of it")
