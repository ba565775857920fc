"""What an operator does with the local cloud: up, down, status, deploy, destroy, token.

Every function takes the `Places` of one local cloud; two on different ports and homes never meet.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from local import server, tokens, toolkit
from local.dynamodb_local import library
from local.places import CHECKOUT, DEFAULT_PORT, Places, Running, endpoint
from local.roles import Role
from local.toolkit import ToolkitFailed, environment

__all__ = [
    "LocalCloudError",
    "LocalStatus",
    "ToolkitFailed",
    "deploy",
    "destroy",
    "down",
    "environment",
    "status",
    "token",
    "up",
]

_PATIENCE_SECONDS = 60.0
_HERE = Places()


class LocalCloudError(Exception):
    """The local cloud cannot do what was asked; the message says what to do."""


class FunctionStatus(BaseModel):
    """One deployed function."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    worker_pids: list[int]
    invocations: int
    errors: int


class ApiStatus(BaseModel):
    """One deployed HTTP API and the URL it answers at."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    name: str
    endpoint: str


class StateMachineStatus(BaseModel):
    """One deployed state machine and how many executions it runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    arn: str
    running: int


class ScheduleStatus(BaseModel):
    """One rule with a rate, and the seconds until it fires."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rule: str
    schedule: str
    fires_in: float


class LocalStatus(BaseModel):
    """What runs here; everything but `running` is empty when nothing does."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    running: bool
    pid: int | None = None
    port: int | None = None
    endpoint: str | None = None
    home: str | None = None
    dynamodb: str | None = None
    functions: list[FunctionStatus] = []
    apis: list[ApiStatus] = []
    state_machines: list[StateMachineStatus] = []
    schedules: list[ScheduleStatus] = []


def up(
    port: int = DEFAULT_PORT,
    *,
    detach: bool = False,
    dynamodb: str = "moto",
    places: Places = _HERE,
) -> None:
    """Start the local cloud; in the foreground it returns when it is stopped.

    Raises LocalCloudError when one runs already, the port is taken, or `dynamodb` is "local" and
    AWS's DynamoDB Local cannot run here.
    """
    _refuse_if_taken(port, places)
    if dynamodb == "local":
        _refuse_without_dynamodb_local()
    if detach:
        _start_detached(port, dynamodb, places)
    else:
        server.serve(Running(os.getpid(), port, dynamodb), places)


def down(places: Places = _HERE) -> bool:
    """Stop the local cloud and wait until its processes are gone; False when none was running."""
    running = places.running()
    if running is None:
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):  # it ended in between, which is what we want
            os.kill(running.pid, number)
        if any(places.running() is None for _ in _ticks(15)):
            return True
    raise LocalCloudError(f"process {running.pid} does not end; end it by hand")


def status(places: Places = _HERE) -> LocalStatus:
    """Ask the server what is deployed and running."""
    running = places.running()
    if running is None:
        return LocalStatus(running=False)
    page = _status_page(running.port)
    if page is None:
        raise LocalCloudError(
            f"the server (process {running.pid}) does not answer on {endpoint(running.port)}"
        )
    return LocalStatus.model_validate({**page, "running": True, "endpoint": endpoint(running.port)})


def deploy(
    stacks: Sequence[str] = (),
    *,
    progress: Callable[[str], None] | None = None,
    places: Places = _HERE,
) -> None:
    """Bootstrap once and deploy the app's stacks, all of them by default; raises ToolkitFailed."""
    port = _port(places)
    if not _bootstrapped(port):
        toolkit.bootstrap(port, places, progress)
    chosen = list(stacks) or ["--all"]
    options = ["--method=direct", "--require-approval", "never"]
    toolkit.run(["deploy", *chosen, *options], port, places, progress=progress)


def destroy(*, progress: Callable[[str], None] | None = None, places: Places = _HERE) -> None:
    """Delete the app's stacks; what their templates retain stays. Raises ToolkitFailed."""
    from local.emptying import empty_doomed_buckets

    port = _port(places)
    empty_doomed_buckets(port)
    toolkit.run(["destroy", "--all", "--force"], port, places, progress=progress)


def token(
    role: Role, subject: str | None = None, ttl: int = 3600, *, places: Places = _HERE
) -> str:
    """Issue a token of the running local cloud, good for `ttl` seconds."""
    return tokens.issue_token(role, subject or role, ttl, port=_port(places), places=places)


def _port(places: Places) -> int:
    running = places.running()
    if running is None:
        raise LocalCloudError("no local cloud is running; start one with `cutover local up`")
    return running.port


def _refuse_if_taken(port: int, places: Places) -> None:
    """Say who is in the way, where that can be known."""
    running = places.running()
    if running is not None:
        raise LocalCloudError(
            f"a local cloud is already running on {endpoint(running.port)}"
            f" (process {running.pid}); stop it with `cutover local down`"
        )
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return
    page = _status_page(port)
    holder = (
        "a program that is not ours"
        if page is None
        else f"the local cloud of {page['home']} (process {page['pid']})"
    )
    raise LocalCloudError(f"port {port} is taken by {holder}; choose another with --port")


def _refuse_without_dynamodb_local() -> None:
    try:
        library.java()
        library.verify()
    except library.Unusable as error:
        raise LocalCloudError(str(error)) from error


def _start_detached(port: int, dynamodb: str, places: Places) -> None:
    """Start the server in a session of its own, which outlives the shell, and await its answer."""
    places.make()
    log = places.logs / "server.log"
    home = str(places.home.resolve())
    arguments = ["--port", str(port), "--home", home, "--dynamodb", dynamodb]
    with log.open("a", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.server", *arguments],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    for _ in _ticks(_PATIENCE_SECONDS):
        if process.poll() is not None:
            raise LocalCloudError(f"the server ended at once; {log} ends with:\n{_tail(log)}")
        page = _status_page(port)
        if page is not None and page["pid"] == process.pid:
            return
    process.kill()
    raise LocalCloudError(f"the server did not answer in time; {log} ends with:\n{_tail(log)}")


def _tail(log: os.PathLike[str]) -> str:
    with open(log, encoding="utf-8") as file:  # noqa: PTH123 - takes any PathLike
        return "".join(file.readlines()[-15:])


def _ticks(seconds: float) -> Iterator[None]:
    """Yield ten times a second until the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.1)


def _status_page(port: int) -> dict[str, object] | None:
    """Fetch a local cloud's status; None when what listens there is not one."""
    try:
        with urllib.request.urlopen(f"{endpoint(port)}/_cutover/status", timeout=10) as answer:  # noqa: S310 - http by construction
            page = json.load(answer)
    except (OSError, ValueError):
        return None
    return page if isinstance(page, dict) and "home" in page else None


def _bootstrapped(port: int) -> bool:
    """Tell whether the bootstrap stack is there."""
    import boto3

    client = boto3.client(
        "cloudformation",
        endpoint_url=endpoint(port),
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 - the local cloud takes any credentials
    )
    pages = client.get_paginator("list_stacks").paginate(StackStatusFilter=["CREATE_COMPLETE"])
    return any(
        stack["StackName"] == "CDKToolkit" for page in pages for stack in page["StackSummaries"]
    )
