"""The way to moto's tables: found by name or ARN, with our storage in place of moto's items."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table

from local.dynamodb import policies
from local.dynamodb.keys import Schema
from local.dynamodb.refusals import Invalid, TableMissing
from local.dynamodb.storage import Index, Record, Storage
from local.dynamodb.values import Item, check_item
from local.mend import replace

#: Held by everything that reads or changes tables; the interpreter runs one thread at a time
#: anyway, so finer locks would cost and gain nothing.
LOCK = threading.RLock()

MAX_ITEM = 400 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """A table that a request may use."""

    table: Table
    storage: Storage

    @property
    def name(self) -> str:
        """The table's name."""
        name: str = self.table.name
        return name

    @property
    def schema(self) -> Schema:
        """The table's key."""
        return self.storage.schema

    def index(self, name: str) -> Index:
        """Find an index; raises Invalid for an unknown one."""
        if name not in self.storage.indexes:
            raise Invalid(f"The table does not have the specified index: {name}")
        return self.storage.indexes[name]

    def check_indexes(self, item: Item) -> None:
        """Refuse an item that an index could not hold."""
        for index in self.storage.indexes.values():
            index.schema.check_index(item, index.name)

    def read_item(self, item: object) -> Record:
        """Check a whole item and make a record of it; raises Invalid."""
        checked, size = check_item(item)
        self.schema.check_item(checked)
        self.check_indexes(checked)
        if size > MAX_ITEM:
            raise Invalid("Item size has exceeded the maximum allowed size")
        return Record(checked, size)


@dataclass(frozen=True, slots=True)
class Session:
    """Whose request it is: the account and the region it reaches."""

    account: str
    region: str

    @property
    def backend(self) -> DynamoDBBackend:
        """Moto's tables, exports and policies of that account and region."""
        return dynamodb_backends[self.account][self.region]

    def open(self, name: object, actions: Iterable[str], index: str | None = None) -> Opened:
        """Open a table for some actions; raises TableMissing, or Denied by the table's policy."""
        table = self._find(name)
        policies.enforce(self.backend, table.table_arn, self.account, actions, index)
        storage = cast("Storage", table.items)
        with LOCK:
            storage.index_as(table.all_indexes(), table.attr)
        return Opened(table, storage)

    def _find(self, name: object) -> Table:
        if not isinstance(name, str) or not name:
            raise Invalid(
                "1 validation error detected: Value null at 'tableName' failed to satisfy "
                "constraint: Member must not be null"
            )
        tables: dict[str, Table] = self.backend.tables
        name = name.rsplit("table/", 1)[-1] if name.startswith("arn:") else name
        table = tables.get(name)
        if table is None:
            raise TableMissing
        return table


def install() -> None:
    """Give every table of moto our storage in place of its own items."""
    replace(Table, "__init__", _with_storage(Table.__init__))
    replace(Table, "__len__", lambda self: len(self.items))


def _with_storage(create: Callable[..., None]) -> Callable[..., None]:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        create(self, *args, **kwargs)
        self.items = Storage(Schema.read(self.schema, self.attr))

    return init
