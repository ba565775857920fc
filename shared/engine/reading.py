"""Where a reader looks: by phase, and during the ramp by a sticky hash of the key."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.engine.exclusions import Exclusions
from shared.engine.lease import Operation
from shared.engine.record import Record, Shape
from shared.engine.shares import in_share
from shared.model.control import ControlState
from shared.model.declaration import Decision, Search
from shared.model.errors import InvalidInput, NotFound, PageExpired
from shared.model.item import Item, Value, canonical, decode, json_ready, same
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.writes import Side
from shared.ports import Page

SCANNED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Records of one page, and the cursor of the next as a JSON-ready dict (None: no more).

    `keys` are the records' source keys, in their order.
    """

    records: list[Record]
    next: dict[str, Any] | None
    keys: tuple[Key, ...] = ()


class Reader:
    """Reads records for callers, in v2's shape whatever the phase."""

    def __init__(self, shape: Shape, exclusions: Exclusions) -> None:
        self._shape = shape
        self._world = shape.world
        self._migration = shape.migration
        self._exclusions = exclusions

    def get(self, operation: Operation, key: Key) -> Record:
        """Return one record; raise NotFound."""
        state = operation.state
        side = route(state, self._shape.text(key))
        if state.phase.source_exists and self._exclusions.holds(state, key):
            side = Side.SOURCE  # an excluded record never left v1
        operation.check()
        with self._world.meter.reading(side, self._world.clock, one=True):
            stored = self._read(operation, side, key)
        if stored is None:
            raise NotFound("there is no record with this key", key=self._shape.text(key))
        return self._shape.record(side, stored)

    def _read(self, operation: Operation, side: Side, key: Key) -> Item | None:
        if self._shape.strict(operation):
            return self._shape.read_together(key)[side]
        return self._shape.read(side, key)

    def search(
        self,
        operation: Operation,
        search: Search,
        values: Mapping[str, str],
        cursor: Mapping[str, Any] | None,
        limit: int,
    ) -> RecordPage:
        """Return one page of the records that a search finds, on the table where it began."""
        operation.check()
        side, start = self._continue(operation.state, search, values, cursor)
        with self._world.meter.reading(side, self._world.clock, one=False):
            if side is Side.TARGET:
                keys = [values[name] for name in search.parameters]
                page = self._world.tables.query(side, search.index, keys, start, limit)
            else:
                page = self._search_source(operation, search, values, start, limit)
        served = [item for item in page.items if self._served(side, item)]
        records = [self._shape.record(side, item) for item in served]
        found = tuple(self._shape.source_key(side, item) for item in served)
        return RecordPage(records, following(side, search, values, page.cursor), found)

    # -- lists

    def _search_source(
        self,
        operation: Operation,
        search: Search,
        values: Mapping[str, str],
        start: Item | None,
        limit: int,
    ) -> Page:
        if search.derived is not None and (key := search.derived(values)) is not None:
            stored = self._shape.read(Side.SOURCE, key)
            found = [stored] if stored is not None and self._matches(search, values, stored) else []
            return Page(found, None)
        if search.source_index is not None and search.source_values is not None:
            wanted = search.source_values(values)
            if wanted is None:
                return Page([], None)
            return self._world.tables.query(Side.SOURCE, search.source_index, wanted, start, limit)
        return self._scan_source(operation, search, values, start, limit)

    def _scan_source(
        self,
        operation: Operation,
        search: Search,
        values: Mapping[str, str],
        start: Item | None,
        limit: int,
    ) -> Page:
        """Return matching v1 records of a paged scan, stopping early when time runs out."""
        keys = self._migration.source.keys
        found: list[Item] = []
        cursor = start
        while True:
            page = self._world.tables.scan(Side.SOURCE, 0, 1, cursor, SCANNED_AT_ONCE, strong=True)
            for item in page.items:
                if self._matches(search, values, item):
                    found.append(item)
                    if len(found) == limit:
                        return Page(found, keys.attributes(keys.key_of(item)))
            cursor = page.cursor
            if cursor is None or operation.expired:
                return Page(found, cursor)

    def _matches(self, search: Search, values: Mapping[str, str], stored: Item) -> bool:
        if not self._served(Side.SOURCE, stored):
            return False
        shown = self._shape.record(Side.SOURCE, stored).item
        names = self._migration.target.index(search.index).keys.names
        wanted = (values[name] for name in search.parameters)
        return all(
            name in shown and same(shown[name], value)
            for name, value in zip(names, wanted, strict=False)
        )

    def _served(self, side: Side, stored: Item) -> bool:
        """Tell whether a stored item is a record of this migration, by its key."""
        if side is Side.TARGET:
            return True
        verdict = self._migration.classify(self._shape.stamps.strip(stored))
        foreign = verdict.decision in (Decision.REJECT, Decision.SKIP)
        return not (foreign and verdict.field in self._migration.source.keys.names)

    # -- cursors

    def _continue(
        self,
        state: ControlState,
        search: Search,
        values: Mapping[str, str],
        cursor: Mapping[str, Any] | None,
    ) -> tuple[Side, Item | None]:
        """Return the table and the place where a page begins."""
        if cursor is None:
            return route(state, str([values[name] for name in search.parameters])), None
        side, start = continued(search, values, cursor)
        if not answerable(state, side):
            raise PageExpired(
                "the list was begun on a table that no longer answers",
                field="cursor",
                mend="start the list again without a cursor",
            )
        return side, start


def continued(
    search: Search, values: Mapping[str, str], cursor: Mapping[str, Any]
) -> tuple[Side, Item]:
    """Return the table and the place where the next page of this very search begins."""
    if cursor.get("query") != _query(search, values):
        raise InvalidInput(
            "the cursor belongs to another search",
            field="cursor",
            mend="repeat the parameters of the first page",
        )
    return Side(cursor["table"]), decode(cursor["start"])


def following(
    side: Side, search: Search, values: Mapping[str, str], start: Item | None
) -> dict[str, Any] | None:
    """Return the cursor of a search's next page, None when there is none."""
    if start is None:
        return None
    return {"table": side.value, "query": _query(search, values), "start": json_ready(start)}


def route(state: ControlState, text: str) -> Side:
    """Return the table that answers for a key; the same key always gets the same answer."""
    if state.phase is not Phase.READ_N:
        return state.phase.primary
    return Side.TARGET if in_share(text, state.percent) else Side.SOURCE


def answerable(state: ControlState, side: Side) -> bool:
    """Tell whether a list can be finished on a table: the primary, or one certified to be alike."""
    phase = state.phase
    if phase.primary is side or phase is Phase.READ_N:
        return True
    return phase.dual and state.certificate is not None


def _query(search: Search, values: Mapping[str, str]) -> str:
    given: Sequence[Value] = [search.index, *(values[name] for name in search.parameters)]
    return hashlib.sha256(str(canonical(list(given))).encode()).hexdigest()[:16]
