"""CloudFormation as the deployment needs it: missing types, honest failures, updates in order.

`resource` is what a type of ours is and how moto sees it; `ordering` and `changes` update and
delete stacks as AWS does; `failures` makes a failed stack say so; the other modules are the types,
grouped by service. `AWS::DynamoDB::Table` is mended in `local.dynamodb`.
"""

from __future__ import annotations

from local.clients import Clients
from local.cloudformation import (
    changes,
    event_types,
    failures,
    http_api_types,
    lambda_types,
    messaging_types,
    metadata_types,
    resource,
    s3_types,
    secret_types,
    watching_types,
)

_MODULES = (
    event_types,
    http_api_types,
    lambda_types,
    messaging_types,
    metadata_types,
    s3_types,
    secret_types,
    watching_types,
)


def install(port: int) -> None:
    """Teach moto the types and the order; must run before the server takes requests."""
    clients = Clients(port)
    resource.install([make(clients) for module in _MODULES for make in module.TYPES])
    changes.install()
    failures.install()
