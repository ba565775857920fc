"""What a record looks like in the other table, stamp included."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.model.declaration import Decision, TableDeclaration, TableToTable
from shared.model.errors import InvalidInput, RecordHeld
from shared.model.item import ITEM_LIMIT_BYTES, LARGEST_CHANGE, Item, Value, size
from shared.model.key import Key
from shared.model.runs import FindingKind
from shared.model.stamp import Stamp, StampNames
from shared.model.writes import Side


@dataclass(frozen=True, slots=True)
class Unmovable:
    """Why a record has no image in v2."""

    kind: FindingKind
    reason: str
    field: str | None = None


UNMOVABLE = {
    Decision.SKIP: FindingKind.SKIPPED,
    Decision.AMBIGUOUS: FindingKind.AMBIGUOUS,
    Decision.REJECT: FindingKind.REJECTED,
}


def target_image(migration: TableToTable, source: Mapping[str, Value]) -> Item | Unmovable:
    """Return the complete v2 image of a v1 record, or why there is none."""
    try:
        stamp = migration.stamps.read(source)
    except InvalidInput as error:
        return Unmovable(FindingKind.REJECTED, error.message, error.field)
    own = migration.stamps.strip(source)
    verdict = migration.classify(own)
    if verdict.decision is not Decision.TRANSFORM:
        return Unmovable(UNMOVABLE[verdict.decision], verdict.reason, verdict.field)
    image = {**migration.up(own), **migration.stamps.write_out(stamp)}
    return _unwritable(image) or unstorable(migration.target, migration.stamps, image) or image


def source_image(migration: TableToTable, target: Mapping[str, Value]) -> Item:
    """Return the complete v1 image of a v2 record."""
    stamp = migration.stamps.read(target)
    own = migration.stamps.strip(target)
    return {**migration.down(own), **migration.stamps.write_out(stamp)}


def view(migration: TableToTable, side: Side, stored: Mapping[str, Value]) -> Item:
    """Return a record of either table in v2's shape and without its stamp, for a reader."""
    own = migration.stamps.strip(stored)
    return own if side is Side.TARGET else migration.up(own)


def keep_target_only(migration: TableToTable, image: Item, stored: Item | None) -> Item:
    """Return a v2 image with the v2-only attributes of the stored row of the same birth."""
    stamps = migration.stamps
    if stored is None or stamps.read(stored).birth != stamps.read(image).birth:
        return image
    kept = {name: stored[name] for name in migration.target_only if name in stored}
    own = {name: value for name, value in image.items() if name not in migration.target_only}
    absent = {
        name: image[name] for name in migration.target_only if name in image and name not in stored
    }
    return {**own, **absent, **kept}


def movable(migration: TableToTable, source: Item, key: str) -> Item:
    """Return the v2 image of a record that is written now; raise when it has none."""
    image = target_image(migration, source)
    if isinstance(image, Unmovable) and image.kind is FindingKind.TOO_LARGE:
        raise InvalidInput(
            f"the record is too large: {image.reason}",
            field="body",
            key=key,
            mend="keep long attributes elsewhere",
        )
    if isinstance(image, Unmovable):
        raise RecordHeld(
            f"the record has no form in v2: {image.reason}",
            field=image.field,
            key=key,
            mend=f"change {image.field or 'the record'} so that it has one",
        )
    return image


def left_behind(migration: TableToTable, truth: Item, source: Item | None) -> bool:
    """Tell whether v1 holds another record than v2 under this key, one that never could move."""
    if source is None or not isinstance(target_image(migration, source), Unmovable):
        return False
    try:
        birth = migration.stamps.read(source).birth
    except InvalidInput:
        birth = None  # its stamp is not one of ours
    return birth != migration.stamps.read(truth).birth


def stamped(item: Item, stamp: Stamp, migration: TableToTable) -> Item:
    """Return an item's own attributes with this stamp in place of its old one."""
    return {**migration.stamps.strip(item), **migration.stamps.write_out(stamp)}


def pair(migration: TableToTable, key: Key) -> list[tuple[Side, Key]]:
    """Return where a record lies in each table, by its source key."""
    return [(Side.SOURCE, key), (Side.TARGET, migration.target_key(key))]


def _unwritable(image: Item) -> Unmovable | None:
    """Tell why a row could not be kept in lock step: each write of it names every attribute."""
    if len(image) <= LARGEST_CHANGE:
        return None
    reason = f"{len(image)} attributes in v2; one write can set {LARGEST_CHANGE}"
    return Unmovable(FindingKind.TOO_LARGE, reason)


def unstorable(
    table: TableDeclaration, stamps: StampNames, image: Item, room: int = 0
) -> Unmovable | None:
    """Tell why DynamoDB would refuse an image in a table: its size, its key or an index key.

    `room` is how many bytes more it must leave free.
    """
    needed = size(stamps.strip(image)) + stamps.reserved_bytes + room
    if needed > ITEM_LIMIT_BYTES:
        return Unmovable(
            FindingKind.TOO_LARGE,
            f"{needed} bytes with the engine's own; an item holds {ITEM_LIMIT_BYTES}",
        )
    try:
        table.keys.key_of(image)
        for index in table.indexes:
            for name in index.keys.names:
                if name in image:
                    index.keys.check(name, image[name])
    except InvalidInput as error:
        return Unmovable(FindingKind.REJECTED, error.message, error.field)
    return None
