"""Which faults are wanted; each share is a probability from 0 to 1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Reason = Literal[
    "ConditionalCheckFailed",
    "ItemCollectionSizeLimitExceeded",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "TransactionConflict",
    "ValidationError",
]
"""Why DynamoDB cancels a transaction (API reference, "TransactWriteItems")."""
_STATEMENT_TABLE = re.compile(r'(?:INTO|FROM|UPDATE)\s+"?([A-Za-z0-9_.-]+)"?', re.IGNORECASE)


class Wish(BaseModel):
    """Shares of what is done somewhere that meet each fault, at most `times` of them.

    Where: requests to `tables` (None: to all) and to `services` (by the name they are signed
    for: s3, sqs …), calls of `functions` (None: of all), streams of `tables`.

    `refuse` answers 500 before the effect and `lose` after it; `slow` is late with it and
    `hang` has the effect and is late with the answer, by `slow_seconds`. Of tables alone:
    `throttle` and `conflict` refuse as DynamoDB does, `cancel` cancels a transaction for
    `reason`, `partial` does only half of a batch. Of functions: `twice` calls them twice with
    one event, `time_out` loses their answer. Of streams: a batch comes again by `repeat`, and
    late by `late`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    tables: frozenset[str] | None = None
    services: frozenset[str] = frozenset()
    functions: frozenset[str] | None = None
    seed: int = 0
    times: Annotated[int, Field(ge=1)] | None = None
    refuse: Share = 0.0
    lose: Share = 0.0
    slow: Share = 0.0
    hang: Share = 0.0
    slow_seconds: Annotated[float, Field(ge=0.0, le=60.0)] = 0.5
    throttle: Share = 0.0
    conflict: Share = 0.0
    cancel: Share = 0.0
    reason: Reason = "TransactionConflict"
    partial: Share = 0.0
    twice: Share = 0.0
    time_out: Share = 0.0
    repeat: Share = 0.0
    late: Share = 0.0

    def concerns(self, request: dict[str, Any]) -> bool:
        """Tell whether a request touches one of the tables."""
        return self.tables is None or not self.tables.isdisjoint(tables_named(request))

    def concerns_table(self, name: str) -> bool:
        """Tell whether a table is one of them."""
        return self.tables is None or name in self.tables

    def concerns_function(self, name: str) -> bool:
        """Tell whether a function is one of them."""
        return self.functions is None or name in self.functions


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
