"""One record in its two shapes: which it has, what it becomes, and "exactly as it was read".

An upgrade changes nothing that a caller sees: it keeps version and birth, and only the write id
tells the shapes apart. So whoever writes in place holds to all three ("In place" in
docs/protocol.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.engine.images import UNMOVABLE, Unmovable, unstorable
from shared.engine.world import InPlaceWorld
from shared.model.declaration import Decision
from shared.model.errors import InvalidInput
from shared.model.in_place import Found
from shared.model.item import LARGEST_CHANGE, Item, Value, same
from shared.model.key import Key, KeyValue
from shared.model.runs import FindingKind
from shared.model.stamp import StampNames
from shared.model.writes import Condition, Equals, Every, Exists, Missing, Side, Update
from shared.ports import References

MARK_BYTES = 92
"""How much longer than an id a write id is that names a snapshot."""

LARGEST_CONDITION = 150
"""Parts that one condition may have: DynamoDB takes 300 operators and functions in an expression,
and each part is one and needs an AND."""

STAMP_PARTS = 4
"""Parts that are compared of every record: that it is there, and its stamp."""


@dataclass(frozen=True, slots=True)
class Change:
    """A stored item and what becomes of it, both with their stamps."""

    before: Item
    after: Item


class Lookups:
    """What is found in the reference table, each partition read once for a page or a request."""

    def __init__(self, world: InPlaceWorld) -> None:
        self._declared = world.migration.reference
        self._references: References = world.references
        self._found: dict[KeyValue, Found] = {}

    def of(self, own: Item) -> Found:
        """Return what the transform of a record may look things up in."""
        value = None if self._declared is None else self._declared.partition(own)
        if value is None:
            return ()
        if value not in self._found:
            self._found[value] = tuple(self._references.partition(value))
        return self._found[value]


class Shapes:
    """What every way of changing records in place needs to know of its migration."""

    def __init__(self, world: InPlaceWorld) -> None:
        self.world = world
        self.migration = world.migration
        self.stamps: StampNames = world.migration.stamps
        self.keys = world.migration.source.keys

    def text(self, item: Mapping[str, Value]) -> str:
        """Return the key of an item as people write it."""
        return self.keys.text(self.keys.key_of(item))

    def read(self, key: Key) -> Item | None:
        """Return a stored item by a strongly consistent read."""
        return self.world.tables.get(Side.SOURCE, key)

    def upgraded(self, stored: Item) -> bool:
        """Tell whether a stored item is in the new shape."""
        return self.migration.upgraded(self.stamps.strip(stored))

    def view(self, stored: Item, lookups: Lookups) -> Item:
        """Return a record in the new shape and without its stamp, for a reader."""
        own = self.stamps.strip(stored)
        return own if self.migration.upgraded(own) else self.migration.up(own, lookups.of(own))

    def upgrade(self, stored: Item, lookups: Lookups) -> Item | Unmovable:
        """Return the new shape of an item, with the same stamp, or why it has none."""
        try:
            stamp = self.stamps.read(stored)
        except InvalidInput as error:
            return Unmovable(FindingKind.REJECTED, error.message, error.field)
        own = self.stamps.strip(stored)
        found = lookups.of(own)
        verdict = self.migration.classify(own, found)
        if verdict.decision is not Decision.TRANSFORM:
            return Unmovable(UNMOVABLE[verdict.decision], verdict.reason, verdict.field)
        image = {**self.migration.up(own, found), **self.stamps.write_out(stamp)}
        return self._unfit(own, image) or image

    def _unfit(self, own: Item, image: Item) -> Unmovable | None:
        """Tell why what the transform made cannot be stored in place of a record."""
        if any(not same(own.get(name), image.get(name)) for name in self.keys.names):
            return Unmovable(FindingKind.COLLIDES, "the transform changes the record's key")
        if not self.migration.upgraded(self.stamps.strip(image)):
            return Unmovable(FindingKind.REJECTED, "the transform leaves it in the old shape")
        if not self.comparable(own, image):
            return Unmovable(FindingKind.REJECTED, str(self._obstacle(own, image)))
        return unstorable(self.migration.source, self.stamps, image, MARK_BYTES)

    def lowered(self, own: Item, lookups: Lookups) -> Item | None:
        """Return a record in the old shape, or None when that could not hold all of it."""
        image = self.migration.down(own)
        back = self.migration.up(image, lookups.of(image))
        whole = not self.migration.upgraded(image) and same(back, own)
        return image if whole else None

    def relowered(self, before: Item, seen: Item, after: Item, lookups: Lookups) -> Item | None:
        """Return a record of the old shape with a change that was made to how it is seen.

        What the change is not about stays as it is written: only where the old shape can hold
        the change in no other way is the record written anew; None when not even then.
        """
        old, new = self.migration.down(seen), self.migration.down(after)
        image = {name: value for name, value in before.items() if name in new or name not in old}
        image |= {n: v for n, v in new.items() if n not in old or not same(old[n], v)}
        if not self.migration.upgraded(image):
            back = self.migration.up(image, lookups.of(image))
            if same(back, after):
                return image
        return self.lowered(after, lookups)

    def derived(self, own: Item, lookups: Lookups) -> Item:
        """Return a record of the new shape with its derived attributes computed anew."""
        if not self.migration.derived:
            return own
        image = self.migration.down(own)
        again = self.migration.up(image, lookups.of(image))
        kept = {name: v for name, v in own.items() if name not in self.migration.derived}
        return {**kept, **{n: again[n] for n in self.migration.derived if n in again}}

    def exactly(self, seen: Mapping[str, Value]) -> Condition:
        """Return "the item is exactly as read": version, birth and write id, and with writers
        beside the wrapper every attribute."""
        self._refuse_incomparable(seen, seen)
        stamp = self.stamps.read(seen)
        held: Item = {
            self.stamps.version: Decimal(stamp.version) if stamp.version else None,
            self.stamps.birth: stamp.birth,
            self.stamps.write: stamp.write,
        }
        parts: list[Condition] = [Exists(self.keys.partition)]
        parts += [Missing(n) if v is None else Equals(n, v) for n, v in held.items()]
        if self.migration.writers == "any":
            parts += [Equals(name, value) for name, value in self._compared(seen).items()]
        return Every(tuple(parts))

    def _compared(self, seen: Mapping[str, Value]) -> Item:
        own = self.stamps.strip(seen)
        return {name: v for name, v in own.items() if name not in self.keys.names}

    def comparable(self, before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
        """Tell whether one write can make a change, and one condition hold the record still while
        it does, and on its way back as well: with writers beside the wrapper it names every
        attribute of both."""
        return self._obstacle(before, after) is None

    def _obstacle(self, before: Mapping[str, Value], after: Mapping[str, Value]) -> str | None:
        """Return why a change cannot be made by one write, or None."""
        names = {*before, *after}
        if len(names) > LARGEST_CHANGE:
            changes = sum(not _alike(before, after, name) for name in names)
            if changes > LARGEST_CHANGE:
                return f"{changes} attributes change; one write changes at most {LARGEST_CHANGE}"
        if self.migration.writers == "wrapped":
            return None
        few = self._parts(before, after) <= LARGEST_CONDITION
        return None if few else self._incomparable(before, after)

    def _refuse_incomparable(self, before: Mapping[str, Value], after: Mapping[str, Value]) -> None:
        obstacle = self._obstacle(before, after)
        if obstacle is None:
            return
        wrapped = self.migration.writers == "wrapped"
        mend = 'let all writers go through the wrapper, and declare writers="wrapped"'
        raise InvalidInput(
            obstacle,
            key=self.text(before),
            mend="change fewer of them at once" if wrapped else mend,
        )

    def _parts(self, before: Mapping[str, Value], after: Mapping[str, Value]) -> int:
        return STAMP_PARTS + len({*self._compared(before), *self._compared(after)})

    def _incomparable(self, before: Mapping[str, Value], after: Mapping[str, Value]) -> str:
        attributes = self._parts(before, after) - STAMP_PARTS
        return (
            f"it has {attributes} attributes in both shapes together; with writers beside the"
            f" wrapper at most {LARGEST_CONDITION - STAMP_PARTS} can be compared in one condition"
        )

    def update(self, change: Change) -> Update:
        """Return the write that makes a change: only what differs, if nobody wrote meanwhile."""
        before, after = change.before, change.after
        self._refuse_incomparable(before, after)
        assign = {
            name: value
            for name, value in after.items()
            if name not in before or not same(before[name], value)
        }
        return Update(
            Side.SOURCE,
            self.keys.key_of(before),
            assign,
            remove=tuple(sorted(set(before) - set(after))),
            condition=self._unchanged(before, assign),
        )

    def _unchanged(self, before: Item, assign: Item) -> Condition:
        """Return the condition of a change; what it adds must still be absent."""
        exactly = self.exactly(before)
        if self.migration.writers == "wrapped":
            return exactly
        added = tuple(Missing(name) for name in sorted(assign) if name not in before)
        known = {each.name for each in _named(exactly)}
        return Every((exactly, *(each for each in added if each.name not in known)))

    def marked(self, item: Item, write: str) -> Item:
        """Return an item with another write id and otherwise as it is."""
        stamp = replace(self.stamps.read(item), write=write)
        return {**self.stamps.strip(item), **self.stamps.write_out(stamp)}


def _alike(before: Mapping[str, Value], after: Mapping[str, Value], name: str) -> bool:
    return name in before and name in after and same(before[name], after[name])


def _named(condition: Condition) -> list[Missing]:
    parts = condition.parts if isinstance(condition, Every) else ()
    return [each for each in parts if isinstance(each, Missing)]
