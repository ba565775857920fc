"""Compares one record in both tables: content, version and birth.

What it cannot see: v2-only attributes (v1 has nothing to compare them with), fields that the
declaration ignores, and a change that was made to both tables alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.engine.images import Unmovable, source_image, target_image
from shared.model.declaration import TableToTable
from shared.model.errors import InvalidInput
from shared.model.item import Item, Value, same
from shared.model.runs import Difference, FindingKind
from shared.model.writes import Side


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How the replica differs from what the authority says it must be."""

    kind: FindingKind
    reason: str
    differences: tuple[Difference, ...] = ()
    field: str | None = None


def compare(
    migration: TableToTable, source: Item | None, target: Item | None, authority: Side
) -> Mismatch | None:
    """Return how a pair of stored items differs, or None when they agree.

    With v1 as authority v2 must be `up(v1)`; with v2 as authority v1 must be worth `down(v2)`.
    """
    if source is None and target is None:
        return None
    if source is not None and target is None:
        return _not_in_v2(migration, source, authority)
    if source is None or target is None:
        return _one_sided(source, authority)
    try:
        return _stamps_differ(migration, source, target) or _content_differs(
            migration, source, target, authority
        )
    except InvalidInput as error:
        return Mismatch(FindingKind.DIFFERENT, error.message, field=error.field)


def _not_in_v2(migration: TableToTable, source: Item, authority: Side) -> Mismatch | None:
    """Return why a record of v1 is not in v2: it was deleted, is missing or cannot be there."""
    image = target_image(migration, source)
    if not isinstance(image, Unmovable):
        return _one_sided(source, authority)
    if image.kind is FindingKind.SKIPPED:
        return None
    return Mismatch(image.kind, image.reason, field=image.field)


def _one_sided(source: Item | None, authority: Side) -> Mismatch:
    present = Side.TARGET if source is None else Side.SOURCE
    where = {Side.SOURCE: "v1", Side.TARGET: "v2"}
    if present is authority:
        return Mismatch(
            FindingKind.MISSING, f"{where[present]} has it and {where[present.other]} has not"
        )
    return Mismatch(
        FindingKind.ORPHAN, f"{where[present]} has it and {where[authority]}, the primary, has not"
    )


def _stamps_differ(migration: TableToTable, source: Item, target: Item) -> Mismatch | None:
    left, right = migration.stamps.read(source), migration.stamps.read(target)
    differences = []
    if left.version != right.version:
        differences.append(Difference(migration.stamps.version, left.version, right.version))
    if left.birth != right.birth:
        differences.append(Difference(migration.stamps.birth, left.birth, right.birth))
    if not differences:
        return None
    return Mismatch(
        FindingKind.STALE, "the two are not the same write of the record", tuple(differences)
    )


def _content_differs(
    migration: TableToTable, source: Item, target: Item, authority: Side
) -> Mismatch | None:
    differences = content_differences(migration, source, target, authority)
    if isinstance(differences, Unmovable):
        return Mismatch(differences.kind, differences.reason, field=differences.field)
    if not differences:
        return None
    names = ", ".join(each.field for each in differences)
    return Mismatch(
        FindingKind.DIFFERENT, f"different in {names}", differences, differences[0].field
    )


def content_differences(
    migration: TableToTable, source: Item, target: Item, authority: Side
) -> tuple[Difference, ...] | Unmovable:
    """Return the fields in which two items differ, whatever their stamps say."""
    expected = target_image(migration, source)
    if isinstance(expected, Unmovable):
        return expected
    actual: Item = dict(target)
    if authority is Side.TARGET:
        lowered = target_image(migration, source_image(migration, target))
        actual = dict(target) if isinstance(lowered, Unmovable) else lowered
    return _differences(migration, expected, actual)


def _differences(
    migration: TableToTable, expected: Mapping[str, Value], actual: Mapping[str, Value]
) -> tuple[Difference, ...]:
    left_out = migration.target_only | migration.ignored | set(migration.stamps.all)
    absent = object()
    found = []
    for name in sorted((set(expected) | set(actual)) - left_out):
        left, right = expected.get(name, absent), actual.get(name, absent)
        if left is absent or right is absent or not same(left, right):
            found.append(
                Difference(
                    name, None if left is absent else left, None if right is absent else right
                )
            )
    return tuple(found)
