"""What is deployed in the local cloud, as the status page tells it."""

from __future__ import annotations

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.awslambda.utils import get_backend
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local.places import ACCOUNT, REGION


def functions(report: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    """List every deployed function with its workers and counts, also those never invoked."""
    idle: dict[str, object] = {"worker_pids": [], "invocations": 0, "errors": 0}
    names = {function.function_name for function in get_backend(ACCOUNT, REGION).list_functions()}
    return [{"name": name, **report.get(name, idle)} for name in sorted(names)]


def apis() -> list[dict[str, object]]:
    """List the HTTP APIs and where they answer."""
    stored = apigatewayv2_backends[ACCOUNT][REGION].apis.values()
    return [{"id": api.api_id, "name": api.name, "endpoint": api.api_endpoint} for api in stored]


def state_machines() -> list[dict[str, object]]:
    """List the state machines with the number of executions running."""
    return [
        {
            "name": machine.name,
            "arn": machine.arn,
            "running": sum(execution.status == "RUNNING" for execution in machine.executions),
        }
        for machine in stepfunctions_parser_backends[ACCOUNT][REGION].state_machines
    ]
