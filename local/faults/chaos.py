"""Makes the wanted faults happen, and counts them by their kind."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any

from local.dynamodb.operations import OPERATIONS, Operation
from local.dynamodb.refusals import Broken, Refusal, TransactionCanceled
from local.dynamodb.tables import Session
from local.faults.wish import Wish

_TRANSACTIONS = frozenset({"TransactWriteItems", "TransactGetItems"})
_SINGLE_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})


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


class Chaos:
    """The faults of one server; nothing happens until there is a wish."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.wish = Wish()
        self._chance = random.Random(0)  # noqa: S311 - faults, not secrets
        self._happened: Counter[str] = Counter()

    def install(self) -> None:
        """Stand between the door and every item operation."""
        for name, operation in list(OPERATIONS.items()):
            OPERATIONS[name] = self._around(name, operation)

    def ask(self, wish: Wish) -> None:
        """Have these faults from now on, counted from zero."""
        with self._lock:
            self.wish = wish
            self._chance = random.Random(wish.seed)  # noqa: S311 - faults, not secrets
            self._happened = Counter()

    def report(self) -> dict[str, object]:
        """Tell what is wanted and what has happened."""
        with self._lock:
            return {"wish": self.wish.model_dump(mode="json"), "happened": dict(self._happened)}

    def _around(self, name: str, operation: Operation) -> Operation:
        def answer(session: Session, request: dict[str, Any]) -> dict[str, Any]:
            if self.wish == Wish() or not self.wish.concerns(request):
                return operation(session, request)
            if self._happens("slow"):
                time.sleep(self.wish.slow_seconds)
            if self._happens("refuse"):
                raise Broken
            self._refuse(name, request)
            result = operation(session, request)
            if self._happens("lose"):
                raise Broken
            return result

        return answer

    def _refuse(self, name: str, request: dict[str, Any]) -> None:
        """Refuse as DynamoDB does; a transaction with a reason for its first action."""
        for kind, refusal in (("throttle", Throttled()), ("conflict", Conflict())):
            whole = name in _TRANSACTIONS
            possible = kind == "throttle" or whole or name in _SINGLE_WRITES
            if not possible or not self._happens(kind):
                continue
            if not whole:
                raise refusal
            others = [{"Code": "None"}] * (len(request["TransactItems"]) - 1)
            first = {"Code": refusal.short, "Message": refusal.message}
            raise TransactionCanceled([first, *others])

    def _happens(self, kind: str) -> bool:
        with self._lock:
            share: float = getattr(self.wish, kind)
            happens = self._chance.random() < share
            self._happened[kind] += happens
            return happens
