"""Insert-only batches: PartiQL INSERT, which never overwrites and costs one write unit.

Twenty-five statements go in one BatchExecuteStatement. An item that a statement cannot name
(attribute names beyond letters, digits, `_`, `.`, `-`; more than 8,192 characters) is put on
the condition that its key is absent. Repeating either is safe: what is there stays.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from shared.aws.errors import (
    CONDITION,
    CONTENTION,
    LOST,
    THROTTLING,
    by_code,
    code_of,
    said,
    translated,
)
from shared.aws.expressions import put
from shared.aws.patience import attempts
from shared.model.declaration import TableDeclaration
from shared.model.errors import InvalidInput
from shared.model.item import ITEM_LIMIT_BYTES, Item, WireItem, encode, size
from shared.model.key import Key
from shared.model.writes import Missing
from shared.ports import Clock, Insert, InsertOutcome, InsertResult

BATCH = 25
STATEMENT_LIMIT = 8192
PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]+")
RETRIED = THROTTLING | CONTENTION | LOST
UNSTORABLE = frozenset(
    {
        "ItemCollectionSizeLimitExceeded",
        "ItemCollectionSizeLimitExceededException",
        "ValidationError",
        "ValidationException",
    }
)
THERE = CONDITION | {"DuplicateItem", "DuplicateItemException"}


class Inserts:
    """Inserts into one table."""

    def __init__(self, dynamodb: Any, declaration: TableDeclaration, clock: Clock) -> None:
        self._dynamodb = dynamodb
        self._declaration = declaration
        self._clock = clock

    def insert(self, items: Sequence[Item]) -> InsertResult:
        """Store each item whose key is absent; raise Throttled when some still had no room."""
        return _Batch(self._dynamodb, self._declaration, items).finish(self._clock)


class _Batch:
    """One call's items, their outcomes so far, and those still to be sent."""

    def __init__(self, dynamodb: Any, declared: TableDeclaration, items: Sequence[Item]) -> None:
        self._dynamodb = dynamodb
        self._declared = declared
        self._items = items
        self._outcomes: dict[int, InsertOutcome] = {}
        self._keys: dict[int, Key] = {}
        self._units = 0.0
        for at, item in enumerate(items):
            self._examine(at, item)

    def finish(self, clock: Clock) -> InsertResult:
        """Send until every item has an outcome."""
        for _ in attempts(clock, f"inserting into {self._declared.name}"):
            for group in self._groups():
                self._send(group)
            if len(self._outcomes) == len(self._items):
                break
        return InsertResult([self._outcomes[at] for at in range(len(self._items))], self._units)

    def _examine(self, at: int, item: Item) -> None:
        """Settle without a request what is refused for its key or its size."""
        try:
            self._keys[at] = self._declared.keys.key_of(item)
            if size(item) > ITEM_LIMIT_BYTES:
                raise InvalidInput(f"{size(item)} bytes; at most {ITEM_LIMIT_BYTES} can be stored")
        except InvalidInput as error:
            self._outcomes[at] = InsertOutcome(Insert.REFUSED, error.message)

    def _groups(self) -> Iterator[dict[int, WireItem]]:
        """Yield what has no outcome yet, 25 at a time, in order, no key twice in a group."""
        group: dict[int, WireItem] = {}
        keys: set[Key] = set()
        for at, item in enumerate(self._items):
            if at in self._outcomes:
                continue
            if len(group) == BATCH or self._keys[at] in keys:
                yield group
                group, keys = {}, set()
            try:
                group[at] = encode(item)
                keys.add(self._keys[at])
            except InvalidInput as error:
                self._outcomes[at] = InsertOutcome(Insert.REFUSED, error.message)
        if group:
            yield group

    def _send(self, group: Mapping[int, WireItem]) -> None:
        """Send one group: by statements what can be, the others by puts."""
        statements = {at: self._statement(item) for at, item in group.items()}
        batched = [at for at, statement in statements.items() if statement is not None]
        if batched and not self._execute([statements[at] for at in batched], batched, group):
            batched = []
        for at in group:
            if at not in batched:
                self._put(at)

    def _statement(self, item: WireItem) -> str | None:
        """Return the INSERT of an item (None: it has none); values are its parameters."""
        if not all(PLAIN_NAME.fullmatch(name) for name in item):
            return None
        pairs = ", ".join(f"'{name}': ?" for name in item)
        text = f'INSERT INTO "{self._declared.name}" VALUE {{{pairs}}}'
        return text if len(text) <= STATEMENT_LIMIT else None

    def _execute(
        self, statements: Sequence[str | None], at: Sequence[int], items: Mapping[int, WireItem]
    ) -> bool:
        """Run statements and note their outcomes; False when the whole batch was not taken."""
        with translated(writes=True):
            try:
                answer = self._dynamodb.batch_execute_statement(
                    Statements=[
                        {"Statement": statement, "Parameters": list(items[position].values())}
                        for statement, position in zip(statements, at, strict=True)
                    ],
                    ReturnConsumedCapacity="TOTAL",
                )
            except ClientError as error:
                # One bad statement may spoil the batch: then each is put alone, to find it.
                if code_of(error) in UNSTORABLE:
                    return False
                if code_of(error) in THROTTLING:
                    return True
                raise
        self._units += sum(each["CapacityUnits"] for each in answer.get("ConsumedCapacity", []))
        for position, response in zip(at, answer["Responses"], strict=True):
            error_part = response.get("Error", {})
            self._note(position, error_part.get("Code"), error_part.get("Message", ""))
        return True

    def _put(self, at: int) -> None:
        """Put one item where its key is absent, and note the outcome."""
        condition = Missing(self._declared.keys.partition)
        with translated(writes=True):
            try:
                answer = self._dynamodb.put_item(
                    **put(self._declared.name, self._items[at], condition),
                    ReturnConsumedCapacity="TOTAL",
                )
            except ClientError as error:
                if code_of(error) not in UNSTORABLE | THERE | THROTTLING | CONTENTION:
                    raise
                message = error.response.get("Error", {}).get("Message", "")
                self._note(at, code_of(error), message)
                return
        self._units += answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0)
        self._note(at, None, "")

    def _note(self, at: int, code: str | None, message: str) -> None:
        """Note an item's outcome; what is to be tried again gets none."""
        if code is None:
            self._outcomes[at] = InsertOutcome(Insert.WRITTEN)
        elif code in THERE:
            self._outcomes[at] = InsertOutcome(Insert.PRESENT)
        elif code in UNSTORABLE:
            self._outcomes[at] = InsertOutcome(Insert.REFUSED, message or code)
        elif code not in RETRIED:
            told = f"inserting into {self._declared.name}: {said(code, message)}"
            raise by_code(code, told, writes=True)
