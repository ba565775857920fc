"""Resource-based policies of tables, of which moto keeps the text and enforces nothing.

Enforced are Deny statements for everybody (Principal "*" or {"AWS": "*"}) without a Condition:
callers of the local cloud have no identity that anything finer could ask about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend as Backend
from moto.dynamodb.models.table import Table

from local.dynamodb.refusals import Denied
from local.mend import replace

_EVERYBODY = ("*", {"AWS": "*"}, {"AWS": ["*"]})


@dataclass(frozen=True, slots=True)
class Denial:
    """What one Deny statement forbids: patterns of actions on patterns of ARNs."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, action: str, arn: str) -> bool:
        """Tell whether it forbids an action; action names ignore case, ARNs do not."""
        return any(fnmatchcase(action.lower(), one) for one in self.actions) and any(
            fnmatchcase(arn, one) for one in self.resources
        )


def enforce(
    backend: Backend,
    table_arn: str,
    account: str,
    actions: Iterable[str],
    index: str | None = None,
) -> None:
    """Raise Denied when the table's policy denies one of the actions (`PutItem`) to everybody."""
    policy = backend.resource_policies.get(table_arn)
    if policy is None:
        return
    arn = f"{table_arn}/index/{index}" if index else table_arn
    for name in actions:
        action = f"dynamodb:{name}"
        if any(denial.covers(action, arn) for denial in read(policy.policy_doc)):
            raise Denied(
                f"User: arn:aws:iam::{account}:root is not authorized to perform: {action} on "
                f"resource: {arn} with an explicit deny in a resource-based policy"
            )


@lru_cache(maxsize=256)
def read(document: str) -> tuple[Denial, ...]:
    """Give the denials of a policy document."""
    return tuple(
        Denial(
            tuple(one.lower() for one in _several(statement.get("Action"))),
            tuple(_several(statement.get("Resource"))),
        )
        for statement in _several(json.loads(document).get("Statement"))
        if statement.get("Effect") == "Deny"
        and statement.get("Principal") in _EVERYBODY
        and not statement.get("Condition")
    )


def install() -> None:
    """Refuse bad documents, delete as often as asked, and let a policy end with its table."""
    replace(Backend, "put_resource_policy", _well_formed(Backend.put_resource_policy))
    replace(Backend, "delete_resource_policy", _idempotent(Backend.delete_resource_policy))
    replace(Backend, "delete_table", _with_policy(Backend.delete_table))


def _well_formed(put: Callable[..., Any]) -> Callable[..., Any]:
    def put_policy(
        self: Backend, resource_arn: str, policy_doc: str, expected_revision_id: str | None
    ) -> Any:
        try:
            read(policy_doc)
        except (ValueError, AttributeError, TypeError):
            raise MockValidationException("Resource policy document is malformed") from None
        return put(self, resource_arn, policy_doc, expected_revision_id)

    return put_policy


def _idempotent(delete: Callable[..., None]) -> Callable[..., None]:
    def delete_policy(self: Backend, resource_arn: str, expected_revision_id: str | None) -> None:
        known = resource_arn.split("/")[-1] in self.tables
        if known and resource_arn not in self.resource_policies and not expected_revision_id:
            return
        delete(self, resource_arn, expected_revision_id)

    return delete_policy


def _with_policy(delete: Callable[..., Table]) -> Callable[..., Table]:
    def delete_table(self: Backend, name: str) -> Table:
        table = delete(self, name)
        self.resource_policies.pop(table.table_arn, None)
        return table

    return delete_table


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
