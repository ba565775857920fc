"""One record in v1, in v2, and as v1's would be in v2, with a verdict that a person can act on.

Both tables are read at one moment. A pair that differs is looked at again before it is called
wrong: where the replica follows the primary, it may only have been on its way.
"""

from dataclasses import dataclass
from enum import StrEnum

from shared.engine.compare import Mismatch, compare, content_differences
from shared.engine.exclusions import Exclusions
from shared.engine.images import Unmovable, pair, target_image
from shared.engine.world import PairedWorld
from shared.model.control import ControlState
from shared.model.declaration import Migration
from shared.model.errors import GuardRefused, InvalidInput, NotFound
from shared.model.item import Item, Value
from shared.model.key import Key
from shared.model.phases import CERTIFIED, PhaseClass
from shared.model.runs import FindingKind
from shared.model.stamp import Stamp
from shared.model.writes import Side

LOOKS = 3
REST = 1.0
"""Seconds between two looks: more than a write that is on its way takes."""

NAMES = {Side.SOURCE: "v1", Side.TARGET: "v2"}


class Verdict(StrEnum):
    """What becomes of a comparison; those in `WELL` are well."""

    EQUAL = "equal"
    RACED = "raced"
    UPGRADED = "upgraded"
    OLD = "old"
    LEFT_OUT = "left_out"
    LAGGING = "lagging"
    AHEAD = "ahead"
    STALE = "stale"
    MISSING = "missing"
    ORPHAN = "orphan"
    DIFFERENT = "different"
    UNSOUND = "unsound"
    UNMOVABLE = "unmovable"


WELL = frozenset({Verdict.EQUAL, Verdict.RACED, Verdict.UPGRADED, Verdict.OLD, Verdict.LEFT_OUT})


class Mark(StrEnum):
    """What is to be said of one field."""

    SAME = ""
    DIFFERS = "differs"
    CHANGES = "changes"
    V2_ONLY = "v2 only"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the record, in whichever forms have it, and what is to be said of it."""

    field: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A record in both tables, v1's image in v2's shape (or why it has none), and the verdict."""

    key: str
    target_key: str
    primary: Side
    source: Item | None
    image: Item | Unmovable | None
    target: Item | None
    stamps: dict[Side, Stamp | None]
    verdict: Verdict
    explanation: str
    rows: tuple[Row, ...]

    @property
    def well(self) -> bool:
        """Tell whether nothing is wrong with the record."""
        return self.verdict in WELL


def look_at(world: PairedWorld, key: Key) -> SideBySide:
    """Return one record as it is in both tables; raise NotFound when neither has it."""
    migration = world.migration
    state = world.control.read(migration.name)
    if not state.phase.source_exists:
        raise GuardRefused(f"in {state.phase} v1 is deleted: there is only v2", missing=("source",))
    places, text = pair(migration, key), migration.source.keys.text(key)
    source, target = world.tables.get_together(places)
    if source is None and target is None:
        raise NotFound(f"neither table has the record {text}", key=text, mend="correct the key")
    verdict, explanation = first = _judged(world, state, text, source, target)
    for _ in range(LOOKS - 1):
        if verdict in WELL:
            break
        world.clock.sleep(min(REST, world.environment.timing.request))
        state = world.control.read(migration.name)
        source, target = world.tables.get_together(places)
        verdict, explanation = _judged(world, state, text, source, target)
    if verdict is Verdict.EQUAL and first[0] not in WELL:
        verdict = Verdict.RACED
        explanation = f"a write was on its way: at first {first[1]}; now both tables agree"
    return SideBySide(
        key=text,
        target_key=migration.target.keys.text(places[1][1]),
        primary=state.phase.primary,
        source=source,
        image=None if source is None else target_image(migration, source),
        target=target,
        stamps={
            Side.SOURCE: read_stamp(world.migration, source),
            Side.TARGET: read_stamp(world.migration, target),
        },
        verdict=verdict,
        explanation=explanation,
        rows=_rows(world, state, source, target),
    )


# -- the verdict


def _judged(
    world: PairedWorld, state: ControlState, text: str, source: Item | None, target: Item | None
) -> tuple[Verdict, str]:
    if text in Exclusions(world).keys(state):
        if target is None:
            return Verdict.LEFT_OUT, "a person excluded it from the migration: only v1 has it"
        return Verdict.ORPHAN, "v2 has it, though a person excluded it from the migration"
    mismatch = compare(world.migration, source, target, state.phase.primary)
    if mismatch is not None:
        return _explained(world, state, mismatch, source, target)
    if target is None:
        image = source and target_image(world.migration, source)
        why = image.reason if isinstance(image, Unmovable) else "both tables lack it by now"
        return Verdict.LEFT_OUT, f"it does not belong into v2: {why}"
    return Verdict.EQUAL, "the same write of the same record, and the same content"


def _explained(
    world: PairedWorld,
    state: ControlState,
    mismatch: Mismatch,
    source: Item | None,
    target: Item | None,
) -> tuple[Verdict, str]:
    """Return the verdict on a pair that differs, and how that can be in this phase."""
    match mismatch.kind:
        case FindingKind.MISSING:
            verdict, why = Verdict.MISSING, mismatch.reason
            if state.phase.primary is Side.SOURCE and state.backfilled is None:
                return verdict, f"{why}; no backfill has copied it yet"
        case FindingKind.ORPHAN:
            verdict, why = Verdict.ORPHAN, mismatch.reason
            if state.phase.primary is Side.SOURCE and state.certificate is None:
                return verdict, f"{why}; one deleted while it was copied stays until a validation"
        case FindingKind.STALE:
            verdict, why = _stale(world, state, source, target)
        case FindingKind.DIFFERENT:
            verdict, why = Verdict.DIFFERENT, f"the same write of the record, {mismatch.reason}"
        case _:
            return Verdict.UNMOVABLE, f"v1's record has no form in v2: {mismatch.reason}"
    return verdict, f"{why}; {_how(state)}"


def _stale(
    world: PairedWorld, state: ControlState, source: Item | None, target: Item | None
) -> tuple[Verdict, str]:
    """Return which of two writes of a record is the older one."""
    primary = state.phase.primary
    stamps = {
        Side.SOURCE: read_stamp(world.migration, source),
        Side.TARGET: read_stamp(world.migration, target),
    }
    own, replica = stamps[primary], stamps[primary.other]
    other = NAMES[primary.other]
    if own is None or replica is None:
        return Verdict.STALE, "the two are not the same write of the record"
    if own.birth != replica.birth:
        return Verdict.STALE, f"{other} has another incarnation: one was deleted and made again"
    behind = own.version - replica.version
    if behind > 0:
        return Verdict.LAGGING, f"{other} is {behind} behind, at version {replica.version}"
    return Verdict.AHEAD, f"{other} is {-behind} ahead of the primary, at {replica.version}"


def _how(state: ControlState) -> str:
    """Return how two tables can differ in a phase."""
    phase = state.phase
    if phase.follows:
        return f"in {phase} the replica follows each write, and may be on its way"
    if phase.group is PhaseClass.OFF:
        return f"in {phase} only v1 is written"
    if phase.group not in CERTIFIED:
        return f"in {phase} only v2 is written"
    return "the wrapper writes both in one transaction: somebody wrote past it"


def read_stamp(migration: Migration, item: Item | None) -> Stamp | None:
    """Return an item's stamp; None where there is none that could be read."""
    if item is None:
        return None
    try:
        return migration.stamps.read(item)
    except InvalidInput:
        return None


# -- the fields


def _rows(
    world: PairedWorld, state: ControlState, source: Item | None, target: Item | None
) -> tuple[Row, ...]:
    migration = world.migration
    image = None if source is None else target_image(migration, source)
    shown: list[Item] = [each for each in (source, image, target) if isinstance(each, dict)]
    names = dict.fromkeys(name for item in shown for name in sorted(item))
    differing = _differing(world, state, source, target)
    return tuple(
        Row(name, _mark(world, name, differing))
        for name in names
        if name not in migration.stamps.all
    )


def _differing(
    world: PairedWorld, state: ControlState, source: Item | None, target: Item | None
) -> frozenset[str]:
    if source is None or target is None:
        return frozenset()
    try:
        found = content_differences(world.migration, source, target, state.phase.primary)
    except InvalidInput as error:
        return frozenset({error.field or ""})
    return frozenset() if isinstance(found, Unmovable) else frozenset(each.field for each in found)


def _mark(world: PairedWorld, name: str, differing: frozenset[str]) -> Mark:
    if name in differing:
        return Mark.DIFFERS
    if name in world.migration.target_only:
        return Mark.V2_ONLY
    return Mark.IGNORED if name in world.migration.ignored else Mark.SAME


def value_of(item: Item | Unmovable | None, name: str) -> tuple[bool, Value]:
    """Return whether a form of the record has a field, and its value."""
    if not isinstance(item, dict) or name not in item:
        return False, None
    return True, item[name]
