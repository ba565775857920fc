"""What is wrong with one record in place, as it is stored: its shape, what is derived, its laws."""

from shared.engine.compare import Mismatch
from shared.engine.images import Unmovable
from shared.engine.in_place.shapes import Lookups, Shapes
from shared.model.errors import InvalidInput
from shared.model.item import Item, same
from shared.model.runs import Difference, FindingKind


def judge(shapes: Shapes, stored: Item, lookups: Lookups) -> Mismatch | None:
    """Return what is wrong with a record as it is stored, or None."""
    try:
        shapes.stamps.read(stored)
    except InvalidInput as error:
        return Mismatch(FindingKind.REJECTED, error.message, field=error.field)
    if not shapes.upgraded(stored):
        image = shapes.upgrade(stored, lookups)
        if not isinstance(image, Unmovable):
            return Mismatch(FindingKind.MISSING, "it is still in the old shape")
        if image.kind is FindingKind.SKIPPED:
            return None
        return Mismatch(image.kind, image.reason, field=image.field)
    own = shapes.stamps.strip(stored)
    differs, reason = _derived_differs(shapes, own, lookups), unsound(shapes, own, lookups)
    return differs or (None if reason is None else Mismatch(FindingKind.INVARIANT, reason))


def _derived_differs(shapes: Shapes, own: Item, lookups: Lookups) -> Mismatch | None:
    expected = shapes.derived(own, lookups)
    names = [
        name
        for name in sorted(shapes.migration.derived)
        if not same(expected.get(name), own.get(name))
    ]
    if not names:
        return None
    differences = tuple(Difference(n, expected.get(n), own.get(n)) for n in names)
    reason = f"{', '.join(names)} is not what the record calls for"
    return Mismatch(FindingKind.DIFFERENT, reason, differences, names[0])


def unsound(shapes: Shapes, own: Item, lookups: Lookups) -> str | None:
    """Return which declared law a record of the new shape breaks, and why; None: it is sound."""
    for invariant in shapes.migration.invariants:
        reason = invariant.broken(own)
        if reason is not None:
            return f"{invariant.name}: {reason}"
    reference = shapes.migration.reference
    return None if reference is None else reference.broken(own, lookups.of(own))
