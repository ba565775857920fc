"""The reference table in RAM (the port `References`)."""

from shared.model.declaration import TableDeclaration
from shared.model.errors import Refused, TableGone
from shared.model.item import Item, Value, same
from shared.model.key import KeySchema
from shared.ports import Page


class MemoryReferences:
    """A list of items, in the order in which they were put there."""

    def __init__(self, table: TableDeclaration | None) -> None:
        self._table = table
        self.items: list[Item] = []
        self.gone = False

    def partition(self, value: Value) -> list[Item]:
        """Return all items of a partition."""
        name = self._table.keys.partition if self._table else ""
        return [dict(item) for item in self.items if same(item.get(name), value)]

    def scan(self, cursor: Item | None, limit: int) -> Page:
        """Return one page of all items."""
        start = int(cursor["at"]) if cursor else 0
        end = start + limit
        more = {"at": end} if end < len(self.items) else None
        return Page([dict(item) for item in self.items[start:end]], more)

    def keys(self) -> tuple[str, KeySchema]:
        """Return the status and key of a table in good order; raise TableGone when it is gone."""
        if self._table is None:
            raise Refused("the migration declares no reference table")
        if self.gone:
            raise TableGone(f"table {self._table.name} does not exist")
        return "ACTIVE", self._table.keys
