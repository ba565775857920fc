"""TransactWriteItems: all of up to 100 actions, or none.

moto copies whole tables to be able to undo, is not safe under concurrency and ignores the
ClientRequestToken. Here every action is decided first, and only then is any done.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from local.dynamodb import capacity
from local.dynamodb.actions import READERS, Action, Write
from local.dynamodb.capacity import Bill
from local.dynamodb.refusals import Invalid, Refusal, TokenReused, TransactionCanceled
from local.dynamodb.tables import LOCK, Session

_MAX_ACTIONS = 100
_MAX_BYTES = 4 * 1024 * 1024
_TOKEN_SECONDS = 600.0


class Tokens:
    """Remembers for ten minutes which transactions were done, by their ClientRequestToken."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._done: dict[tuple[str, str, str], tuple[float, bytes]] = {}

    def seen(self, key: tuple[str, str, str], digest: bytes) -> bool:
        """Tell whether this very transaction was done; raises TokenReused for another one."""
        self._forget()
        if key not in self._done:
            return False
        if self._done[key][1] != digest:
            raise TokenReused
        return True

    def remember(self, key: tuple[str, str, str], digest: bytes) -> None:
        """Note that a transaction was done now."""
        self._done[key] = (self._clock() + _TOKEN_SECONDS, digest)

    def _forget(self) -> None:
        """Drop what is too old; entries are in the order of their age."""
        now = self._clock()
        for key, (until, _) in list(self._done.items()):
            if until > now:
                return
            del self._done[key]


_tokens = Tokens(time.monotonic)


def transact_write_items(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Do all actions or none; the same token within ten minutes does nothing a second time."""
    detail = capacity.detail_of(request)
    actions = _read(session, request.get("TransactItems"))
    with LOCK:
        bill = _once(session, request, actions)
    return {"ConsumedCapacity": bill.reports(detail)} if detail else {}


def _once(session: Session, request: dict[str, Any], actions: list[Action]) -> Bill:
    token = request.get("ClientRequestToken")
    key = (session.account, session.region, str(token))
    digest = _digest(request) if token else b""
    if token and _tokens.seen(key, digest):
        return _bill_again(actions)
    bill = Bill("write")
    writes = _decide(actions, bill)
    for write in writes:
        write.charge(bill, times=2)
        write.do()
    if token:
        _tokens.remember(key, digest)
    return bill


def _decide(actions: list[Action], bill: Bill) -> list[Write]:
    writes: list[Write] = []
    reasons: list[dict[str, Any]] = []
    for action in actions:
        try:
            writes.append(action.decide())
            reasons.append({"Code": "None"})
        except Refusal as refusal:
            reason = {"Code": refusal.short, "Message": refusal.message, **refusal.members}
            reasons.append(reason)
    if len(writes) < len(actions):
        for action in actions:
            bill.add(action.opened.name, 2 * capacity.write_units(action.held()))
        raise TransactionCanceled(reasons)
    held = [write.new or write.old for write in writes]
    if sum(record.size for record in held if record) > _MAX_BYTES:
        raise Invalid("Transaction request exceeds the maximum size of 4 MB")
    return writes


def _read(session: Session, items: object) -> list[Action]:
    if not isinstance(items, list) or not 1 <= len(items) <= _MAX_ACTIONS:
        side = "less than or equal to 100" if items else "greater than or equal to 1"
        raise Invalid(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
            f"Member must have length {side}"
        )
    actions = [_read_one(session, item) for item in items]
    if len({(action.opened.name, action.place) for action in actions}) < len(actions):
        raise Invalid("Transaction request cannot include multiple operations on one item")
    return actions


def _read_one(session: Session, item: dict[str, Any]) -> Action:
    if len(item) != 1 or not item.keys() <= READERS.keys():
        raise Invalid("TransactItems can only contain one of Check, Put, Update or Delete")
    ((kind, content),) = item.items()
    return READERS[kind](session, content)


def _digest(request: dict[str, Any]) -> bytes:
    """Tell requests apart by what they do, not by how much they want to be told."""
    items = json.dumps(request["TransactItems"], sort_keys=True)
    return hashlib.sha256(items.encode()).digest()


def _bill_again(actions: list[Action]) -> Bill:
    """Bill the repetition of a transaction: AWS charges it as transactional reads."""
    bill = Bill("read")
    for action in actions:
        held = action.held()
        units = capacity.read_units(held.size if held else 0, consistent=True)
        bill.add(action.opened.name, 2 * units)
    return bill
