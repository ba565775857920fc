"""Item operations, done by DynamoDB Local in the place of our own storage."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from local.dynamodb.answers import Raw
from local.dynamodb.operations import OPERATIONS, Operation
from local.dynamodb.refusals import Refusal
from local.dynamodb.tables import Session
from local.dynamodb_local import metering, permissions
from local.dynamodb_local.connection import TABLES, Connection, Declined

_READS = frozenset({"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"})


class Forwarded(Refusal):
    """An error of DynamoDB Local, passed on as it came."""

    def __init__(self, declined: Declined) -> None:
        super().__init__(str(declined))
        self.status = declined.status
        self._body = declined.body

    def document(self) -> Any:
        """Give the body of the error answer."""
        return Raw(self._body)


class Gate:
    """Lets writes pass, any number at once, but for the moments in which a table is copied."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._writing = 0
        self._closed = False

    @contextmanager
    def write(self) -> Iterator[None]:
        """Wait until nothing is being copied, and hold off who would begin."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._writing += 1
        try:
            yield
        finally:
            with self._changed:
                self._writing -= 1
                self._changed.notify_all()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Hold off every write, once those that are under way have ended."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._closed = True
            self._changed.wait_for(lambda: not self._writing)
        try:
            yield
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()


def install(connection: Connection, gate: Gate) -> None:
    """Answer every item operation from DynamoDB Local."""
    for name in OPERATIONS:
        OPERATIONS[name] = _forwarding(name, connection, gate)
    batch = _each_on_its_own(OPERATIONS["BatchExecuteStatement"])
    OPERATIONS["BatchExecuteStatement"] = metering.telling(batch)


def _forwarding(name: str, connection: Connection, gate: Gate) -> Operation:
    opened: Callable[[], AbstractContextManager[None]] = (
        nullcontext if name in _READS else gate.write
    )

    def forward(session: Session, request: dict[str, Any]) -> Any:
        permissions.enforce(session, permissions.of_request(name, request))
        body = json.dumps(request).encode()
        try:
            with opened():
                return Raw(connection.send(TABLES, name, body))
        except Declined as declined:
            raise Forwarded(declined) from None

    return forward


def _each_on_its_own(forward: Operation) -> Operation:
    """Answer the denied statements of a batch here, and send the others on."""

    def batch(session: Session, request: dict[str, Any]) -> Any:
        statements = request.get("Statements") or []
        answers = [permissions.denial(session, each) for each in statements]
        if not any(answers):
            return forward(session, request)
        allowed = [each for each, denied in zip(statements, answers, strict=True) if not denied]
        answer: dict[str, Any] = {}
        if allowed:
            answer = json.loads(forward(session, {**request, "Statements": allowed}))  # type: ignore[arg-type]  # Raw
        done = iter(answer.get("Responses", ()))
        return {**answer, "Responses": [denied or next(done) for denied in answers]}

    return batch
