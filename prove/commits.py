"""What plain reads see while a transaction commits: one table's items late."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from prove import toy
from shared.model.errors import Contended
from shared.model.item import Item
from shared.model.key import Key
from shared.model.writes import Side
from shared.ports import Page

Place = tuple[Side, Key]


class HalfCommits:
    """The transactions that are being committed; `late` is the table that shows them late."""

    def __init__(self, late: Side | None, branches: set[str]) -> None:
        self.late = late
        self.branches = branches
        self._masks: dict[Place, Item | None] = {}
        self._locks: set[Place] = set()

    def masked(self, side: Side, key: Key, item: Item | None) -> Item | None:
        """Return the item as a plain read sees it now."""
        if not self._masks:
            return item
        return self._masks.get((side, key), item)

    def masked_page(self, side: Side, page: Page) -> Page:
        """Return a page as plain reads see it now."""
        if not self._masks:
            return page
        items = {toy.key_of(side, item): item for item in page.items}
        for (where, key), old in self._masks.items():
            if where is side and old is not None:
                items[key] = old
            elif where is side:
                items.pop(key, None)
        return replace(page, items=list(items.values()))

    def refuse_locked(self, places: Sequence[Place]) -> None:
        """Raise Contended when a transaction that is being committed holds one of the items."""
        if self._locks and not self._locks.isdisjoint(places):
            self.branches.add("contended by a transaction")
            raise Contended("another transaction holds an item")

    @contextmanager
    def torn_commit(self, before: dict[Place, Item | None]) -> Iterator[None]:
        """Let plain reads see one table's items as they were, and nobody else write any."""
        self._locks |= set(before)
        late = {place: old for place, old in before.items() if place[0] is self.late}
        self._masks |= late
        try:
            yield
        finally:
            self._locks -= set(before)
            for place in late:
                del self._masks[place]
