"""What one write of a record means for the other table: its leg of the write.

v2's leg names every mapped attribute, so that no half record can come of it; v1's is a full
image, which nothing but the wrapper has written since v2 decides (docs/protocol.md, "Phases").
"""

from shared.engine.images import movable, source_image
from shared.engine.record import Shape
from shared.model.item import Item
from shared.model.key import Key
from shared.model.stamp import Stamp
from shared.model.writes import Condition, Put, Side, Update


def target_update(shape: Shape, key: Key, old: Item, image: Item, seen: Stamp) -> Update:
    """Return v2's leg: every mapped attribute, none that vanished, v2-only ones kept.

    `old` is v1's item before the write, `image` v2's after it, and `seen` the newest stamp of
    that incarnation which v2 may have.
    """
    migration = shape.migration
    names = migration.target.keys.names
    mapped = {n: v for n, v in image.items() if n not in names}
    before = migration.up(shape.stamps.strip(old))
    return Update(
        Side.TARGET,
        migration.target_key(key),
        assign={n: v for n, v in mapped.items() if n not in migration.target_only},
        default={n: v for n, v in mapped.items() if n in migration.target_only},
        remove=tuple(sorted(n for n in before if n not in image)),
        condition=shape.stamps.replaceable(seen, migration.target.keys.partition),
    )


def mirror(shape: Shape, target: Item, key: Key, condition: Condition | None = None) -> Put:
    """Return v1's leg while v2 is primary, of a record that can come back from there."""
    image = source_image(shape.migration, target)
    movable(shape.migration, image, shape.text(key))
    return Put(Side.SOURCE, image, condition)
