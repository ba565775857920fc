"""Up, down, and every way in which a server can be in the way or gone."""

from __future__ import annotations

import os
import signal
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from local import lifecycle
from local.places import Places, endpoint
from tests.local.conftest import Clients, archive, eventually, free_port, outputs


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Places]:
    places = Places(tmp_path / "other")
    yield places
    lifecycle.down(places)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # a child that was not waited for keeps its number; it runs no more
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def warm_worker(port: int) -> int:
    """Create and invoke a function; gives the pid of its worker."""
    options = {
        "endpoint_url": endpoint(port),
        "region_name": "us-east-1",
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
    }
    role = boto3.client("iam", **options).create_role(
        RoleName="anyone", AssumeRolePolicyDocument="{}"
    )
    client = boto3.client("lambda", **options)
    client.create_function(
        FunctionName="busy",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="tiny.handler",
        Code={"ZipFile": archive("import os\ndef handler(e, c): return os.getpid()")},
    )
    return int(client.invoke(FunctionName="busy")["Payload"].read())


def test_down_when_nothing_runs_says_so(other: Places) -> None:
    assert lifecycle.down(other) is False
    assert lifecycle.status(other).running is False


def test_deploy_when_nothing_runs_says_how_to_start(other: Places) -> None:
    with pytest.raises(lifecycle.LocalCloudError, match="cutover local up"):
        lifecycle.deploy(places=other)


def test_up_then_down_leaves_no_process(other: Places) -> None:
    port = free_port()
    lifecycle.up(port, detach=True, places=other)
    worker = warm_worker(port)
    status = lifecycle.status(other)
    assert status.endpoint == f"http://localhost:{port}"
    assert [function.worker_pids for function in status.functions] == [[worker]]
    assert lifecycle.down(other) is True
    assert status.pid is not None
    assert eventually(lambda: gone(status.pid) and gone(worker))


def test_up_twice_names_the_first(other: Places) -> None:
    port = free_port()
    lifecycle.up(port, detach=True, places=other)
    pid = lifecycle.status(other).pid
    with pytest.raises(lifecycle.LocalCloudError, match=f"process {pid}"):
        lifecycle.up(free_port(), detach=True, places=other)


def test_up_on_the_port_of_another_local_cloud_names_its_home(
    port: int, places: Places, other: Places
) -> None:
    with pytest.raises(lifecycle.LocalCloudError, match=str(places.home)):
        lifecycle.up(port, detach=True, places=other)


def test_up_on_a_strangers_port_says_so(other: Places) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        with pytest.raises(lifecycle.LocalCloudError, match="not ours"):
            lifecycle.up(stranger.server_address[1], detach=True, places=other)
        stranger.shutdown()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_server_that_ends_takes_its_workers_along_and_blocks_nothing(
    other: Places, how: signal.Signals
) -> None:
    port = free_port()
    lifecycle.up(port, detach=True, places=other)
    worker = warm_worker(port)
    pid = lifecycle.status(other).pid
    assert pid is not None
    os.kill(pid, how)
    assert eventually(lambda: gone(worker) and gone(pid))
    assert lifecycle.status(other).running is False
    lifecycle.up(port, detach=True, places=other)
    assert lifecycle.status(other).pid != pid


def test_environment_points_every_client_at_the_cloud() -> None:
    assert lifecycle.environment(4570)["AWS_ENDPOINT_URL"] == "http://localhost:4570"
    assert lifecycle.environment(4570)["AWS_REGION"] == "us-east-1"


def test_status_lists_what_the_app_deployed(
    spike: dict[str, str], clients: Clients, places: Places
) -> None:
    status = lifecycle.status(places)
    assert [api.endpoint for api in status.apis] == [outputs(clients)["ApiUrl"]]
    assert "spike-machine" in [machine.name for machine in status.state_machines]
    assert "spike-echo" in [function.name for function in status.functions]


def test_a_failing_app_raises_with_its_last_lines(
    spike: dict[str, str], deploy_spike: Callable[..., None]
) -> None:
    with pytest.raises(lifecycle.ToolkitFailed, match="AWS::Odd::Thing is unknown"):
        deploy_spike("broken=1")
