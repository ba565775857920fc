"""Which faults are wanted; each share is a probability from 0 to 1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
_STATEMENT_TABLE = re.compile(r'(?:INTO|FROM|UPDATE)\s+"?([A-Za-z0-9_.-]+)"?', re.IGNORECASE)


class Wish(BaseModel):
    """Shares of the requests to some tables (None: to all) that meet each fault.

    `refuse` answers 500 before the effect and `lose` after it, `throttle` and `conflict` refuse
    as DynamoDB does, `slow` answers `slow_seconds` late.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    tables: frozenset[str] | None = None
    seed: int = 0
    refuse: Share = 0.0
    lose: Share = 0.0
    throttle: Share = 0.0
    conflict: Share = 0.0
    slow: Share = 0.0
    slow_seconds: Annotated[float, Field(ge=0.0, le=60.0)] = 0.5

    def concerns(self, request: dict[str, Any]) -> bool:
        """Tell whether a request touches one of the tables."""
        return self.tables is None or not self.tables.isdisjoint(tables_named(request))


def tables_named(request: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the tables that a request names, in whichever way."""
    if isinstance(request.get("TableName"), str):
        yield request["TableName"].rpartition("/")[2]
    yield from request.get("RequestItems", {})
    for part in request.get("TransactItems", ()):
        for action in part.values():
            yield str(action.get("TableName"))
    for statement in (
        request,
        *request.get("Statements", ()),
        *request.get("TransactStatements", ()),
    ):
        yield from _STATEMENT_TABLE.findall(str(statement.get("Statement", "")))
