"""Both tables of a migration in RAM (the port `Tables`)."""

from collections.abc import Callable, Sequence
from math import ceil

from shared.memory.changes import after, key_of
from shared.memory.copies import unshared_action
from shared.memory.refusals import refuse_transaction, storable
from shared.memory.store import MemoryStore, MemoryTable, Position
from shared.model.errors import ConditionFailed, Refused
from shared.model.item import Item, Value, size
from shared.model.key import Key, KeySchema
from shared.model.writes import Action, Check, Delete, Side, holds
from shared.ports import Clock, Insert, InsertOutcome, InsertResult, Page, TableDescription

TOKEN_SECONDS = 600.0
"""How long DynamoDB remembers a transaction's token ("TransactWriteItems")."""
GET_LIMIT = 100


class MemoryTables:
    """Two tables behind one lock; `index_page` is how many entries an index page counts."""

    def __init__(self, store: MemoryStore, clock: Clock, index_page: int = 1000) -> None:
        self._store = store
        self._clock = clock
        self._index_page = index_page
        self._tokens: dict[str, tuple[float, list[Action]]] = {}

    def get(self, side: Side, key: Key) -> Item | None:
        """Return one item."""
        with self._store.lock:
            return self._store.table(side).read(key)

    def get_many(self, side: Side, keys: Sequence[Key]) -> list[Item | None]:
        """Return items in the order of their keys."""
        with self._store.lock:
            table = self._store.table(side)
            return [table.read(key) for key in keys]

    def get_together(self, keys: Sequence[tuple[Side, Key]]) -> list[Item | None]:
        """Return items of both tables as they are at this moment."""
        if len(keys) > GET_LIMIT:
            raise Refused(f"{len(keys)} items; one transaction reads at most {GET_LIMIT}")
        with self._store.lock:
            return [self._store.table(side).read(key) for side, key in keys]

    def write(self, action: Action) -> Item | None:
        """Do one write and return the new item of a put or update, the old one of a delete."""
        if isinstance(action, Check):
            raise Refused("a check is part of a transaction, not a write of its own")
        with self._store.lock:
            table = self._writable(action)
            key = key_of(action, table.declaration)
            old = table.read(key)
            if not holds(action.condition, old):
                raise ConditionFailed(f"the condition on {action.side} does not hold")
            new = after(action, old, table.declaration)
            table.store(key, new)
            return old if isinstance(action, Delete) else table.read(key)

    def write_together(self, actions: Sequence[Action], token: str) -> None:
        """Do all writes or none; the same token with the same actions takes effect once."""
        with self._store.lock:
            tables = [self._writable(action) for action in actions]
            keys = [
                key_of(action, table.declaration)
                for action, table in zip(actions, tables, strict=True)
            ]
            refuse_transaction(actions, keys, token)
            if self._took_effect(token, actions):
                return
            old = [table.read(key) for table, key in zip(tables, keys, strict=True)]
            failed = tuple(
                at
                for at, (action, item) in enumerate(zip(actions, old, strict=True))
                if not holds(action.condition, item)
            )
            if failed:
                raise ConditionFailed(f"conditions of actions {failed} do not hold", failed=failed)
            new = [
                after(action, item, table.declaration)
                for action, item, table in zip(actions, old, tables, strict=True)
            ]
            for table, key, item in zip(tables, keys, new, strict=True):
                table.store(key, item)
            self._tokens[token] = (
                self._clock.wall(),
                [unshared_action(action) for action in actions],
            )

    def insert_absent(self, side: Side, items: Sequence[Item]) -> InsertResult:
        """Store each item whose key is absent."""
        with self._store.lock:
            table = self._store.writable(side)
            outcomes = [_insert(table, item) for item in items]
        return InsertResult([outcome for outcome, _ in outcomes], sum(u for _, u in outcomes))

    def scan(
        self,
        side: Side,
        segment: int,
        total: int,
        cursor: Item | None,
        limit: int,
        *,
        strong: bool,  # noqa: ARG002 (the port's; RAM has no stale reads)
    ) -> Page:
        """Return one page of one segment; every read is strong here."""
        _refuse_segment(segment, total)
        _refuse_limit(limit)
        with self._store.lock:
            table = self._store.table(side)
            positions = table.segment(segment, total, cursor)[:limit]
            items = [table.copy(position) for position in positions]
        return Page(items, _last(items, limit, table.declaration.keys))

    def scan_index(
        self, side: Side, index: str, segment: int, total: int, cursor: Item | None, limit: int
    ) -> Page:
        """Return one page of an index's entries, keys only and in the index's order."""
        _refuse_segment(segment, total)
        _refuse_limit(limit)
        declared = self._store.declaration(side)
        names = {*declared.index(index).keys.names, *declared.keys.names}
        page = self._entries(
            side,
            index,
            cursor,
            limit,
            lambda position: position[0] * total >> 32 == segment,
        )
        return Page(
            [{n: v for n, v in item.items() if n in names} for item in page.items], page.cursor
        )

    def query(
        self, side: Side, index: str, values: Sequence[Value], cursor: Item | None, limit: int
    ) -> Page:
        """Return one page of an index's entries with these key values, in the index's order."""
        _refuse_limit(limit)
        schema = self._store.declaration(side).index(index).keys
        wanted = _wanted(schema, values)
        return self._entries(
            side, index, cursor, limit, lambda position: position[: len(wanted)] == wanted
        )

    def describe(self, side: Side) -> TableDescription:
        """Return what a table says of itself."""
        with self._store.lock:
            return self._store.table(side).describe()

    def _writable(self, action: Action) -> MemoryTable:
        """Return the table of an action; a check writes nothing, so no denial stops it."""
        if isinstance(action, Check):
            return self._store.table(action.side)
        return self._store.writable(action.side)

    def _took_effect(self, token: str, actions: Sequence[Action]) -> bool:
        """Tell whether this transaction was done already; refuse a token used for another."""
        done_at, done = self._tokens.get(token, (None, None))
        if done_at is None or self._clock.wall() - done_at >= TOKEN_SECONDS:
            return False
        if done != list(actions):
            raise Refused(f"token {token!r} was used for other actions")
        return True

    def _entries(
        self,
        side: Side,
        index: str,
        cursor: Item | None,
        limit: int,
        wanted: Callable[[Position], bool],
    ) -> Page:
        """Return one page of an index's entries: those that have its keys, in its order."""
        with self._store.lock:
            table = self._store.table(side)
            keys = table.declaration.index(index).keys
            entries = table.index_positions(keys, cursor)
            chosen = [primary for entry, primary in entries if wanted(entry)][:limit]
            items = [table.copy(primary) for primary in chosen]
        return Page(items, _last(items, limit, keys, table.declaration.keys))


def _insert(table: MemoryTable, item: Item) -> tuple[InsertOutcome, float]:
    """Store one item if its key is absent; a present one is billed as well."""
    try:
        normal = storable(table.declaration, item)
    except Refused as refused:
        return InsertOutcome(Insert.REFUSED, refused.message), 0.0
    key = table.declaration.keys.key_of(normal)
    units = float(ceil(size(normal) / 1024))
    if table.read(key) is not None:
        return InsertOutcome(Insert.PRESENT), units
    table.store(key, normal)
    return InsertOutcome(Insert.WRITTEN), units


def _last(items: Sequence[Item], limit: int, *schemas: KeySchema) -> Item | None:
    """Return the cursor after a full page; as in DynamoDB the next page may be empty."""
    if len(items) < limit:
        return None
    return {name: items[-1][name] for schema in schemas for name in schema.names}


def _wanted(schema: KeySchema, values: Sequence[Value]) -> Position:
    """Return the beginning of the positions of all entries with these key values."""
    if not 1 <= len(values) <= len(schema.names):
        raise Refused(f"{len(values)} key values; the index has {len(schema.names)} keys")
    given = dict(zip(schema.names, values, strict=False))
    return MemoryTable.index_position(schema, given)[: len(values) + 1]


def _refuse_segment(segment: int, total: int) -> None:
    if not 0 <= segment < total:
        raise Refused(f"segment {segment} of {total} does not exist")


def _refuse_limit(limit: int) -> None:
    if limit < 1:
        raise Refused(f"a page of {limit} items cannot be read")
