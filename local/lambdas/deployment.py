"""What one deployed function version is, and the environment AWS would give its process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.places import REGION

DEFAULT_CONCURRENCY = 8
# What a process needs from this machine; everything else comes from the deployment.
_PASSED_ON = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Deployment:
    """One function version: equal ones share workers, any difference retires them."""

    name: str
    version: str
    arn: str
    handler: str
    digest: str
    timeout: float
    memory: int
    variables: tuple[tuple[str, str], ...]
    concurrency: int

    @property
    def key(self) -> tuple[str, str]:
        """Name the place whose workers this deployment replaces."""
        return self.name, self.version


def deployment_of(function: Any) -> Deployment:
    """Read moto's function object; its concurrency is the reserved one, or a bound for laptops."""
    reserved = function.reserved_concurrency
    variables = function.environment_vars or {}
    return Deployment(
        name=function.function_name,
        version=str(function.version),
        arn=function.function_arn,
        handler=function.handler,
        digest=function.code_sha_256,
        timeout=float(function.timeout),
        memory=int(function.memory_size),
        variables=tuple(sorted((name, str(value)) for name, value in variables.items())),
        concurrency=DEFAULT_CONCURRENCY if reserved is None else int(reserved),
    )


def process_environment(
    deployment: Deployment, code: Path, endpoint: str, runtime_api: str
) -> dict[str, str]:
    """Build a worker's whole environment; the operator's own never leaks into a function."""
    fixed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return (
        fixed
        | dict(deployment.variables)
        | {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_NAME": deployment.name,
            "AWS_LAMBDA_FUNCTION_VERSION": deployment.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(deployment.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{deployment.name}",
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "AWS_XRAY_SDK_ENABLED": "false",  # there is no X-Ray daemon to send segments to
            "LAMBDA_TASK_ROOT": str(code),
            "LAMBDA_RUNTIME_DIR": str(code),
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            "_HANDLER": deployment.handler,
        }
    )
