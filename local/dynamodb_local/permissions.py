"""Resource policies before DynamoDB Local, which has none: what a request does to which tables.

Actions are named as AWS asks for them: a batch for the batch's own, a transaction and a PartiQL
statement for those of their members.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from local.dynamodb import policies
from local.dynamodb.refusals import Denied
from local.dynamodb.tables import Session

#: A table's name, an action on it, and the index it goes through.
Permission = tuple[str, str, str | None]

_TRANSACTED = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_STATEMENT = re.compile(
    r"""\s*(?P<verb>INSERT|UPDATE|DELETE|SELECT)\b.*?(?:\bINTO\s+|\bFROM\s+|(?<=UPDATE)\s+)"""
    r"""(?:"(?P<quoted>[^"]+)"|(?P<plain>[\w.\-]+))(?:\s*\.\s*"(?P<index>[^"]+)")?""",
    re.IGNORECASE | re.DOTALL,
)


def enforce(session: Session, asked: Iterator[Permission]) -> None:
    """Raise Denied when a table's policy denies one of the actions to everybody."""
    backend = session.backend
    for name, action, index in asked:
        table = backend.tables.get(name.rpartition("table/")[2])
        if table is not None:  # of one that is missing DynamoDB Local says so
            policies.enforce(backend, table.table_arn, session.account, (action,), index)


def of_request(operation: str, request: dict[str, Any]) -> Iterator[Permission]:
    """Tell what a request needs; nothing for a batch of statements, each of which stands alone."""
    if operation in ("BatchWriteItem", "BatchGetItem"):
        yield from ((name, operation, None) for name in request.get("RequestItems") or {})
    elif operation in ("TransactWriteItems", "TransactGetItems"):
        for member in request.get("TransactItems") or ():
            for kind, content in member.items():
                yield content.get("TableName") or "", _TRANSACTED[kind], None
    elif operation == "ExecuteStatement":
        yield from of_statement(request)
    elif operation == "ExecuteTransaction":
        for statement in request.get("TransactStatements") or ():
            yield from of_statement(statement)
    elif operation != "BatchExecuteStatement":
        yield request.get("TableName") or "", operation, request.get("IndexName")


def of_statement(statement: dict[str, Any]) -> Iterator[Permission]:
    """Tell what a PartiQL statement needs; what cannot be read needs nothing and is refused."""
    match = _STATEMENT.match(str(statement.get("Statement") or ""))
    if match:
        table = match["quoted"] or match["plain"]
        yield table, f"PartiQL{match['verb'].capitalize()}", match["index"]


def denial(session: Session, statement: dict[str, Any]) -> dict[str, Any] | None:
    """Give the answer to a statement of a batch that is denied; None to one that is not."""
    try:
        enforce(session, of_statement(statement))
    except Denied as denied:
        return {"Error": {"Code": denied.short, "Message": denied.message}}
    return None
