"""What was acknowledged to a service's callers, to be held against what is there at the end."""

import random
from collections.abc import Sequence
from decimal import Decimal

from migrations.personnel.transform import TARGET_ONLY
from shared.engine.records import Records
from shared.model.errors import AlreadyExists, Contended, LeaseLost, NotFound
from shared.model.item import Item, canonical
from tests.unit.engine.conductor import key, person

BUSY = (LeaseLost, Contended)


class History:
    """Writers on a handful of keys, and the one state that their answers allow."""

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self.names = list(names)
        self.known: dict[str, Item] = {}
        self.acknowledged = 0
        self.refused = 0
        self._chance = random.Random(seed)  # noqa: S311 made-up writers, not secrets

    def adopt(self, records: Records) -> "History":
        """Take what the service shows now as acknowledged."""
        for name in self.names:
            self._learn(name, records)
        return self

    def write(self, records: Records) -> None:
        """Do one write by chance; its answer must be the one that the history allows."""
        name = self._chance.choice(self.names)
        actions = [self._update, self._update, self._create, self._delete]
        try:
            self._chance.choice(actions)(records, name)
            self.acknowledged += 1
        except BUSY:
            self.refused += 1

    def check(self, records: Records) -> None:
        """Compare every key with what was acknowledged last."""
        for name in self.names:
            found = _read(records, name)
            assert _comparable(found) == _comparable(self.known.get(name)), name

    def _create(self, records: Records, name: str) -> None:
        item = person(name, full_name=f"N{self._chance.randrange(1000)}", team_id="T1")
        try:
            self.known[name] = records.create(item, key(name)).item
        except AlreadyExists:
            assert name in self.known, f"{name} exists, though it was deleted"
            return
        assert len(self.known[name]) > len(item), "the record lacks v2's defaults"

    def _update(self, records: Records, name: str) -> None:
        changes = {
            "full_name": f"N{self._chance.randrange(1000)}",
            "hourly_rate": Decimal(self._chance.randrange(1, 99)),
        }
        if self._chance.random() < 0.5:
            changes["status"] = self._chance.choice(("active", "inactive"))
        remove = ("team_id",) if self._chance.random() < 0.3 else ()
        try:
            self.known[name] = records.update(key(name), changes, remove, None).item
        except NotFound:
            assert name not in self.known, f"{name} is not found, though it was acknowledged"

    def _delete(self, records: Records, name: str) -> None:
        try:
            records.delete(key(name), None)
        except NotFound:
            assert name not in self.known, f"{name} is not found, though it was acknowledged"
        self.known.pop(name, None)

    def _learn(self, name: str, records: Records) -> None:
        found = _read(records, name)
        if found is not None:
            self.known[name] = found


def _read(records: Records, name: str) -> Item | None:
    try:
        return records.get(key(name)).item
    except NotFound:
        return None


def _comparable(item: Item | None) -> object:
    """Return a record without what only v2 holds, which is seen or not by the phase."""
    if item is None:
        return None
    return canonical({name: v for name, v in item.items() if name not in TARGET_ONLY})
