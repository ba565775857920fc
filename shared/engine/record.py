"""One record across both tables: where it lies, how it is read, what a change does to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.engine.images import Unmovable, left_behind, pair, target_image, view
from shared.engine.lease import Operation
from shared.engine.world import PairedWorld
from shared.model.errors import AlreadyExists, InvalidInput, NotFound, RecordHeld, VersionConflict
from shared.model.item import ITEM_LIMIT_BYTES, NESTING_LIMIT, Item, Value, nesting, same, size
from shared.model.key import Key, KeySchema
from shared.model.phases import Phase
from shared.model.stamp import Seen, StampNames, life
from shared.model.writes import Side

ANY_TEXT = "?"
"""A value that stands for any, to find out which attributes of v1 hold one of v2."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record in v2's shape, without the engine's stamp; its version (0: legacy) and life."""

    item: Item
    version: int
    life: str = "0"


@dataclass(frozen=True, slots=True)
class Change:
    """What a caller wants changed, in v2's shape; `expected` is what it has seen of it."""

    assign: Mapping[str, Value]
    remove: tuple[str, ...] = ()
    expected: Seen | None = None

    @property
    def fields(self) -> frozenset[str]:
        """Return the names of all attributes that it touches."""
        return frozenset(self.assign) | frozenset(self.remove)


class Shape:
    """What every way of writing a record needs to know of its migration."""

    def __init__(self, world: PairedWorld) -> None:
        self.world = world
        self.migration = world.migration
        self.stamps = world.migration.stamps

    def keys(self, side: Side) -> KeySchema:
        """Return a table's key schema."""
        declared = self.migration.source if side is Side.SOURCE else self.migration.target
        return declared.keys

    def partition(self, side: Side) -> str:
        """Return the name of a table's partition key attribute."""
        return self.keys(side).partition

    def place(self, side: Side, key: Key) -> Key:
        """Return where the record of a source key lies in a table."""
        return key if side is Side.SOURCE else self.migration.target_key(key)

    def source_key(self, side: Side, stored: Item) -> Key:
        """Return the source key of a stored item of either table."""
        own = self.keys(side).key_of(stored)
        return own if side is Side.SOURCE else self.migration.source_key(own)

    def text(self, key: Key) -> str:
        """Return a key as people write it."""
        return self.migration.source.keys.text(key)

    def read(self, side: Side, key: Key) -> Item | None:
        """Return a record's stored item by a strongly consistent read."""
        return self.world.tables.get(side, self.place(side, key))

    def read_both(self, key: Key) -> dict[Side, Item | None]:
        """Return a record's stored items in both tables."""
        return {side: self.read(side, key) for side in Side}

    def read_together(self, key: Key) -> dict[Side, Item | None]:
        """Return a record's stored items as they were at one moment."""
        places = pair(self.migration, key)
        return dict(zip(Side, self.world.tables.get_together(places), strict=True))

    def strict(self, operation: Operation) -> bool:
        """Tell whether what callers are told is read from both tables at one moment.

        While some read v1 and others v2, a plain read may see one leg of a write that commits.
        """
        state = operation.state
        if not self.migration.strict_reads:
            return False
        now = self.world.clock.wall()
        settled = now >= state.settled_at(now, self.world.environment.timing)
        return state.phase is Phase.READ_N or (state.phase is Phase.READ_V2 and not settled)

    def refuse_left_behind(self, operation: Operation, key: Key) -> None:
        """Raise AlreadyExists where v1 holds a record that was left out of the migration.

        v2 knows nothing of it, so nothing else keeps the transaction from overwriting it. The
        wrapper writes no such records: none can appear after this look. Where a create touches
        v2 alone, v1 keeps the record, and a repair holds it (engine/repair.py).
        """
        if operation.state.phase.primary is Side.SOURCE or not operation.state.phase.dual:
            return
        stored = self.read(Side.SOURCE, key)
        if stored is not None and isinstance(target_image(self.migration, stored), Unmovable):
            raise self.taken(key)
        operation.check()

    def refuse_overwriting(self, operation: Operation, key: Key, target: Item) -> None:
        """Raise RecordHeld where v1 holds another record, left out of the migration, at this key.

        v2 may have got its own while it was written alone. A certificate proves that there is
        no such pair, so one who has it need not look.
        """
        if operation.state.certificate is not None:
            return
        if left_behind(self.migration, target, self.read(Side.SOURCE, key)):
            raise RecordHeld(
                "v1 holds another record under this key, which was left out of the migration",
                key=self.text(key),
                mend="let an operator decide which of the two stays",
            )
        operation.check()

    def taken(self, key: Key) -> AlreadyExists:
        """Return the error for a key that is not free."""
        return AlreadyExists("a record with this key exists", key=self.text(key))

    def version(self, stored: Item | None) -> int:
        """Return a stored item's version; 0 when it is absent or legacy."""
        return self.stamps.read(stored).version if stored is not None else 0

    def record(self, side: Side, stored: Item) -> Record:
        """Return what a caller sees of a stored item."""
        stamp = self.stamps.read(stored)
        return Record(view(self.migration, side, stored), stamp.version, life(stamp.birth))

    def present(self, stored: Item | None, key: Key, expected: Seen | None) -> Item:
        """Return a record that must be there and, where the caller says so, as it was seen."""
        return present(self.stamps, self.migration.source.keys, stored, key, expected)

    def image(self, side: Side, own: Item) -> Item:
        """Return a record given in v2's shape in the shape of a table."""
        return own if side is Side.TARGET else self.migration.down(own)

    def delta(self, side: Side, old: Item, change: Change) -> tuple[Item, tuple[str, ...]]:
        """Return the attributes of a table that a change in v2's shape sets and removes.

        In v1 only those on which the change has an effect: code outside the wrapper may be
        writing the others.
        """
        if side is Side.TARGET:
            return dict(change.assign), change.remove
        seen = self.migration.up(self.stamps.strip(old))
        before = self.migration.down(seen)
        after = self.migration.down(changed(seen, change.assign, change.remove))
        # what the change is about is set even to the value it had: it may not have it any more
        untouched = self.migration.down(changed(seen, {}, tuple(change.fields)))
        assign = {
            name: value
            for name, value in after.items()
            if not (_holds(before, name, value) and _holds(untouched, name, value))
        }
        # and what it removes is removed even where it was absent, whatever holds it in v1
        held = self.migration.down(changed(seen, dict.fromkeys(change.remove, ANY_TEXT), ()))
        gone = {name for name in {**before, **held} if name not in after}
        # v1 may hold under v2's own names what `down` says otherwise: it would contradict now
        gone |= {name for name in change.fields if name in old and name not in after}
        return assign, tuple(sorted(gone))

    def refuse_too_large(self, item: Item) -> None:
        """Raise InvalidInput for an item that DynamoDB would not take."""
        refuse_too_large(item)


def present(
    stamps: StampNames, keys: KeySchema, stored: Item | None, key: Key, expected: Seen | None
) -> Item:
    """Return a record that must be there and, where the caller says so, as it was seen."""
    if stored is None:
        raise NotFound("there is no record with this key", key=keys.text(key))
    stamp = stamps.read(stored)
    if expected is None or expected.holds(stamp):
        return stored
    told = f"the record has version {stamp.version}, not {expected.version}"
    if stamp.version == expected.version:
        told = "the record was deleted and created anew"
    mend = "read it again and repeat the change"
    raise VersionConflict(told, key=keys.text(key), mend=mend)


def refuse_too_large(item: Item) -> None:
    """Raise InvalidInput for an item that DynamoDB would not take."""
    bytes_ = size(item)
    if bytes_ > ITEM_LIMIT_BYTES:
        raise InvalidInput(
            f"the record would be {bytes_} bytes; at most {ITEM_LIMIT_BYTES} can be stored",
            field="body",
            mend="keep long attributes elsewhere",
        )
    for name, value in item.items():
        if nesting(value) > NESTING_LIMIT:
            raise InvalidInput(
                f"{name} would be nested {nesting(value)} deep; at most {NESTING_LIMIT} can be",
                field=name,
                mend="nest it less deep",
            )


def changed(item: Item, assign: Mapping[str, Value], remove: tuple[str, ...]) -> Item:
    """Return an item with attributes set and removed."""
    return {name: v for name, v in {**item, **assign}.items() if name not in remove}


def _holds(item: Mapping[str, Value], name: str, value: Value) -> bool:
    return name in item and same(item[name], value)
