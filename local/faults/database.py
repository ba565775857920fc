"""Faults of DynamoDB: refusals, cancelled transactions, half-done batches, lost answers."""

from __future__ import annotations

import json
from typing import Any

from local.dynamodb.answers import render
from local.dynamodb.operations import OPERATIONS, Operation
from local.dynamodb.refusals import Broken, Refusal, TransactionCanceled
from local.dynamodb.tables import Session
from local.faults.chaos import Chaos
from local.faults.wish import Wish

_TRANSACTIONS = frozenset({"TransactWriteItems", "TransactGetItems"})
_SINGLE_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
_BATCHES = {
    "BatchGetItem": "UnprocessedKeys",
    "BatchWriteItem": "UnprocessedItems",
    "BatchExecuteStatement": "",
}

Document = dict[str, Any]


class Throttled(Refusal):
    """The table asks for less traffic."""

    code = "ProvisionedThroughputExceededException"
    short = "ThrottlingError"

    def __init__(self) -> None:
        super().__init__(
            "The level of configured provisioned throughput for the table was exceeded"
        )


class Conflict(Refusal):
    """A transaction holds the item."""

    code = "TransactionConflictException"
    short = "TransactionConflict"

    def __init__(self) -> None:
        super().__init__("Transaction is ongoing for the item")


class Database:
    """Stands between the door and every item operation."""

    def __init__(self, chaos: Chaos) -> None:
        self._chaos = chaos

    def install(self) -> None:
        """Take the place of every item operation there is by now."""
        for name, operation in list(OPERATIONS.items()):
            OPERATIONS[name] = self._around(name, operation)

    def _around(self, name: str, operation: Operation) -> Operation:
        chaos = self._chaos

        def answer(session: Session, request: Document) -> Document:
            if chaos.wish == Wish() or not chaos.wish.concerns(request):
                return operation(session, request)
            chaos.pause("slow")
            if chaos.happens("refuse"):
                raise Broken
            self._refuse(name, request)
            result = self._do(name, operation, session, request)
            chaos.pause("hang")
            if chaos.happens("lose"):
                raise Broken
            return result

        return answer

    def _refuse(self, name: str, request: Document) -> None:
        """Refuse as DynamoDB does; a transaction with a reason for one of its actions."""
        whole = name in _TRANSACTIONS
        for kind, refusal in (("throttle", Throttled()), ("conflict", Conflict())):
            possible = kind == "throttle" or whole or name in _SINGLE_WRITES
            if possible and self._chaos.happens(kind):
                raise _cancelled(request, 0, refusal.short) if whole else refusal
        if name == "TransactWriteItems" and self._chaos.happens("cancel"):
            at = self._chaos.one_of(len(request["TransactItems"]))
            raise _cancelled(request, at, self._chaos.wish.reason)

    def _do(self, name: str, operation: Operation, session: Session, request: Document) -> Document:
        """Do an operation, or of a batch the first half, leaving the rest to the caller."""
        split = _halves(request) if name in _BATCHES else None
        if split is None or not self._chaos.happens("partial"):
            return operation(session, request)
        done, left = split
        answer: Document = json.loads(render(operation(session, done)))
        if "Statements" in left:
            error = {"Code": Throttled.short, "Message": Throttled().message}
            refused = [{"Error": error} for _ in left["Statements"]]
            return {**answer, "Responses": [*answer["Responses"], *refused]}
        return {**answer, _BATCHES[name]: left["RequestItems"]}


def _cancelled(request: Document, at: int, code: str) -> TransactionCanceled:
    """Return the refusal of a transaction for what is the matter with one of its actions."""
    reasons: list[Document] = [{"Code": "None"} for _ in request["TransactItems"]]
    reasons[at] = {"Code": code, "Message": "This fault was asked for"}
    return TransactionCanceled(reasons)


def _halves(request: Document) -> tuple[Document, Document] | None:
    """Return a batch cut in two, each a request; None for one that is too small, or not so made."""
    if "Statements" in request:
        members = request["Statements"]
        half = len(members) // 2
        cut = [{**request, "Statements": each} for each in (members[:half], members[half:])]
        return (cut[0], cut[1]) if half else None
    tables = request.get("RequestItems") or {}
    if len(tables) != 1:
        return None
    ((table, asked),) = tables.items()
    keys = asked["Keys"] if isinstance(asked, dict) else asked
    half = len(keys) // 2
    halves = (keys[:half], keys[half:])
    made = [{**asked, "Keys": each} if isinstance(asked, dict) else each for each in halves]
    first, second = ({**request, "RequestItems": {table: each}} for each in made)
    return (first, second) if half else None
