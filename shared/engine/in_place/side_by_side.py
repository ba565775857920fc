"""One record in place: as it is stored, in the new shape and as it was, with a verdict."""

from dataclasses import dataclass

from shared.engine.compare import Mismatch
from shared.engine.exclusions import Exclusions
from shared.engine.images import Unmovable
from shared.engine.in_place.judging import judge
from shared.engine.in_place.restore import CHANGED, EXPIRED, PAST
from shared.engine.in_place.shapes import Lookups, Shapes
from shared.engine.in_place.snapshots import SnapshotReader, mark_of
from shared.engine.side_by_side import WELL, Mark, Row, Verdict, read_stamp
from shared.engine.world import InPlaceWorld
from shared.model.errors import InvalidInput, NotFound
from shared.model.item import Item, same
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import FindingKind
from shared.model.stamp import Stamp

_VERDICTS = {
    FindingKind.MISSING: Verdict.MISSING,
    FindingKind.DIFFERENT: Verdict.DIFFERENT,
    FindingKind.INVARIANT: Verdict.UNSOUND,
}
"""The verdict on what is wrong with a record; everything else cannot be upgraded."""


@dataclass(frozen=True, slots=True)
class InBothShapes:
    """A record as it is stored, as the transform makes it, and as it was (None: unknown).

    `way_back` says what a restore would do with it.
    """

    key: str
    upgraded: bool
    stored: Item
    image: Item | Unmovable
    before: Item | None
    way_back: str
    stamp: Stamp | None
    verdict: Verdict
    explanation: str
    rows: tuple[Row, ...]

    @property
    def well(self) -> bool:
        """Tell whether nothing is wrong with the record."""
        return self.verdict in WELL


def look_in_place(world: InPlaceWorld, key: Key) -> InBothShapes:
    """Return one record in both shapes; raise NotFound when there is none."""
    shapes, lookups = Shapes(world), Lookups(world)
    text = shapes.keys.text(key)
    stored = shapes.read(key)
    if stored is None:
        raise NotFound("the table has no such record", key=text, mend="correct the key")
    state = world.control.read(world.migration.name)
    mismatch = judge(shapes, stored, lookups)
    image = _image(shapes, stored, lookups)
    before, way_back = _way_back(shapes, stored)
    upgraded = shapes.upgraded(stored)
    excluded = not upgraded and text in Exclusions(world).keys(state)
    verdict, explanation = _judged(state.phase, mismatch, image, excluded=excluded)
    return InBothShapes(
        key=text,
        upgraded=upgraded,
        stored=stored,
        image=image,
        before=before,
        way_back=way_back,
        stamp=read_stamp(world.migration, stored),
        verdict=verdict,
        explanation=explanation,
        rows=_rows(shapes, stored, image, before, mismatch),
    )


def _image(shapes: Shapes, stored: Item, lookups: Lookups) -> Item | Unmovable:
    """Return a record as it is, or would be, in the new shape."""
    if shapes.upgraded(stored):
        return shapes.derived(shapes.stamps.strip(stored), lookups)
    return shapes.upgrade(stored, lookups)


def _way_back(shapes: Shapes, stored: Item) -> tuple[Item | None, str]:
    """Return a record as it was before its upgrade, and what a restore would do with it."""
    if not shapes.upgraded(stored):
        return None, "none is needed: it is in the old shape"
    try:
        mark = mark_of(stored, shapes)
    except InvalidInput as error:
        return None, f"none: {error.message}"
    made = None if mark is None else SnapshotReader(shapes).find(stored, mark)
    if made is not None and same(made.after, stored):
        return made.before, "its snapshot, to the byte"
    why = CHANGED if mark is None else PAST if made is not None else EXPIRED
    before = None if made is None else made.before
    return before, f"none but by `down`: {why}"


def _judged(
    phase: Phase, mismatch: Mismatch | None, image: Item | Unmovable, *, excluded: bool
) -> tuple[Verdict, str]:
    if excluded:
        return Verdict.LEFT_OUT, "a person excluded it: it stays in the old shape"
    if mismatch is None:
        if isinstance(image, Unmovable):
            return Verdict.LEFT_OUT, f"it stays in the old shape: {image.reason}"
        return Verdict.UPGRADED, "it is in the new shape, as its transform makes it"
    verdict = _VERDICTS.get(mismatch.kind, Verdict.UNMOVABLE)
    if verdict is Verdict.UNMOVABLE:
        return verdict, f"it has no new shape: {mismatch.reason}"
    if verdict is Verdict.MISSING and phase.order < Phase.VALIDATE.order:
        return Verdict.OLD, f"it is in the old shape, as records may be in {phase}"
    return verdict, mismatch.reason


def _rows(
    shapes: Shapes,
    stored: Item,
    image: Item | Unmovable,
    before: Item | None,
    mismatch: Mismatch | None,
) -> tuple[Row, ...]:
    forms = [each for each in (stored, image, before) if isinstance(each, dict)]
    names = dict.fromkeys(name for form in forms for name in sorted(form))
    wrong = {each.field for each in mismatch.differences} if mismatch else set()
    if mismatch is not None and mismatch.field is not None:
        wrong.add(mismatch.field)
    old = stored if not shapes.upgraded(stored) else before
    return tuple(
        Row(name, _mark(name, old, image, wrong=name in wrong))
        for name in names
        if name not in shapes.stamps.all
    )


def _mark(name: str, old: Item | None, image: Item | Unmovable, *, wrong: bool) -> Mark:
    if wrong:
        return Mark.DIFFERS
    if old is None or isinstance(image, Unmovable):
        return Mark.SAME
    there = name in old and name in image
    return Mark.SAME if there and same(old[name], image[name]) else Mark.CHANGES
