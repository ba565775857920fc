"""Repairs one record: the replica is made what the authority says, or nothing happens.

One transaction: the authority is exactly as read, and so is the replica. So a repair can
neither overwrite a newer write nor bring back a deleted record.
"""

from shared.engine.commit import commit
from shared.engine.images import (
    Unmovable,
    keep_target_only,
    left_behind,
    source_image,
    target_image,
)
from shared.engine.lease import Operation
from shared.engine.world import PairedWorld
from shared.model.errors import InvalidInput
from shared.model.item import Item
from shared.model.key import Key, KeySchema
from shared.model.runs import FindingKind
from shared.model.writes import Action, Check, Delete, Put, Side


def repair(
    world: PairedWorld,
    operation: Operation,
    key: Key,
    stored: dict[Side, Item | None],
    authority: Side,
    *,
    excluded: bool,
) -> bool:
    """Bring the replica of one record in line; return False when no program can decide.

    `stored` is the pair as it was read together. Raises ConditionFailed when either side has
    changed since: nothing was written, and the pair must be read again.
    """
    stamps = world.migration.stamps
    partition = _keys(world, authority).partition
    place = _place(world, authority, key)
    try:
        action = _replica_action(world, key, stored, authority, excluded=excluded)
        unchanged = Check(authority, place, stamps.cas(stored[authority], partition))
    except InvalidInput:
        return False  # no condition can name a stamp that is not one
    if action is None:
        return False
    commit(world, operation, [unchanged, action])
    return True


def _replica_action(
    world: PairedWorld,
    key: Key,
    stored: dict[Side, Item | None],
    authority: Side,
    *,
    excluded: bool,
) -> Action | None:
    """Return the write that mends the replica; None where it could destroy what is not known."""
    replica = authority.other
    condition = world.migration.stamps.cas(stored[replica], _keys(world, replica).partition)
    delete = Delete(replica, _place(world, replica, key), condition)
    truth = None if excluded else stored[authority]
    if truth is None:
        return delete if _expendable(world, stored[replica], replica, excluded=excluded) else None
    if replica is Side.SOURCE and left_behind(world.migration, truth, stored[replica]):
        return None
    image = _image(world, truth, stored[replica], authority)
    if not isinstance(image, Unmovable):
        return Put(replica, image, condition)
    if image.kind is FindingKind.SKIPPED and replica is Side.TARGET:
        return delete
    return None


def _expendable(world: PairedWorld, orphan: Item | None, replica: Side, *, excluded: bool) -> bool:
    """Tell whether a row that the authority has not is a copy, and not all there is of a record.

    v2 never has more than a copy while v1 decides. v1 has while v2 decides: excluded records,
    and those that never could move.
    """
    if replica is Side.TARGET or orphan is None:
        return True
    return not excluded and not isinstance(target_image(world.migration, orphan), Unmovable)


def _image(
    world: PairedWorld, truth: Item, stored: Item | None, authority: Side
) -> Item | Unmovable:
    if authority is Side.TARGET:
        lowered = source_image(world.migration, truth)
        back = target_image(world.migration, lowered)
        return back if isinstance(back, Unmovable) else lowered
    image = target_image(world.migration, truth)
    if isinstance(image, Unmovable):
        return image
    return keep_target_only(world.migration, image, stored)


def _keys(world: PairedWorld, side: Side) -> KeySchema:
    migration = world.migration
    return migration.source.keys if side is Side.SOURCE else migration.target.keys


def _place(world: PairedWorld, side: Side, key: Key) -> Key:
    return key if side is Side.SOURCE else world.migration.target_key(key)
