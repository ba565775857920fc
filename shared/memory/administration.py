"""Denial of writes and deletion of tables in RAM (the port `TableAdministration`)."""

from shared.memory.store import MemoryStore
from shared.model.errors import TableGone
from shared.model.writes import Side
from shared.ports import STREAM


class MemoryAdministration:
    """Closes, opens and deletes the tables of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def protect(self, side: Side, *, stream: bool) -> tuple[str, ...]:
        """Switch on what is off, the stream only if wanted, and return its names."""
        with self._store.lock:
            table = self._store.table(side)
            found = {each for each in table.off if stream or each != STREAM}
            table.off -= found
            return tuple(sorted(found))

    def deny_writes(self, side: Side) -> None:
        """Close a table for writes."""
        with self._store.lock:
            self._store.table(side).denied = True

    def allow_writes(self, side: Side) -> None:
        """Lift the denial."""
        with self._store.lock:
            self._store.table(side).denied = False

    def writes_denied(self, side: Side) -> bool:
        """Tell whether the denial is in force."""
        with self._store.lock:
            return self._store.table(side).denied

    def delete_table(self, side: Side, table_id: str) -> None:
        """Delete a table if it is still the one with this id; one that is gone is no error."""
        with self._store.lock:
            if not self._store.exists(side):
                return
            table = self._store.table(side)
            if table.table_id != table_id:
                raise TableGone(
                    f"{table.declaration.name} has id {table.table_id}, not {table_id}",
                    mend="look who dropped the table and made it again; nothing was deleted",
                )
            self._store.drop(side)
