"""Restore: records go back to the old shape, exactly as their snapshots have them.

Only what is still as the migration left it is restored. A record that was changed or created
since is a conflict: it is reported, and never overwritten. On the way to OFF, where nothing may
be in the new shape, such a record is lowered by `down` if that loses nothing of it.
"""

from dataclasses import dataclass, replace

from shared.engine.backfill import Pace
from shared.engine.in_place.shapes import Change, Lookups, Shapes
from shared.engine.in_place.snapshots import SnapshotReader, mark_of
from shared.engine.lease import Operation
from shared.engine.segments import PageOutcome, read_page
from shared.engine.tally import Tally
from shared.engine.world import InPlaceWorld
from shared.model.errors import ConditionFailed, Contended, InvalidInput, OutcomeUnknown
from shared.model.item import Item, same
from shared.model.runs import Counts, Finding, FindingKind, Run, Segment
from shared.model.writes import Side

CHANGED = "it was changed or created since, in the new shape"
PAST = "it was changed since by somebody past the wrapper"
EXPIRED = "its snapshot is gone"


@dataclass(frozen=True, slots=True)
class Way:
    """How a record goes back: the change to make, and why it is a conflict (None: it is not)."""

    change: Change | None
    conflict: str | None = None


class Restore:
    """The work of one worker of a restore."""

    def __init__(self, world: InPlaceWorld, run: Run) -> None:
        self._world = world
        self._run = run
        self._shapes = Shapes(world)
        self._snapshots = SnapshotReader(self._shapes)
        self._lowers = bool(run.params.get("lower"))
        self._pace = Pace(world, run)

    def follow(self, run: Run) -> None:
        """Go on at the rate that an operator has asked for meanwhile."""
        self._pace.follow(run)

    def __call__(self, operation: Operation, segment: Segment, limit: int) -> PageOutcome:
        """Restore one page."""
        page = read_page(self._world, self._run, segment, limit, Side.SOURCE, strong=True)
        tally = Tally(Counts(scanned=len(page.items)))
        for item in page.items:
            self._restore(operation, item, tally)
        return PageOutcome(page.cursor, tally.counts, tally.findings, rest=self._pace.rest())

    def _restore(self, operation: Operation, stored: Item, tally: Tally) -> None:
        """Bring one record back; it is read again as long as somebody is faster."""
        current: Item | None = stored
        sent: tuple[Item, Way] | None = None
        while current is not None:
            if not self._shapes.upgraded(current):
                self._count_back(tally, current, sent)
                return
            way = self._way(current)
            if way.change is None:
                self._report(tally, current, way, lowered=False)
                return
            operation.check()
            if self._written(way.change):
                self._count_made(tally, current, way)
                return
            sent = (current, way)
            current = self._shapes.read(self._shapes.keys.key_of(current))
        tally.counts += Counts(skipped=1)  # it was deleted meanwhile

    def _count_back(self, tally: Tally, current: Item, sent: tuple[Item, Way] | None) -> None:
        """Count a record of the old shape; one that our own write made so, unheard, is made."""
        if sent is not None and sent[1].change and same(current, sent[1].change.after):
            self._count_made(tally, *sent)
        else:
            tally.counts += Counts(already_present=1)

    def _count_made(self, tally: Tally, before: Item, way: Way) -> None:
        if way.conflict is None:
            tally.counts += Counts(written=1)
        else:
            self._report(tally, before, way, lowered=True)

    def _written(self, change: Change) -> bool:
        try:
            self._world.tables.write(self._shapes.update(change))
        except (ConditionFailed, Contended, OutcomeUnknown):
            return False  # the next look tells whether it took effect
        self._pace.spend(1.0)
        return True

    def _way(self, stored: Item) -> Way:
        """Return how a record of the new shape goes back."""
        try:
            mark = mark_of(stored, self._shapes)
        except InvalidInput as error:
            return Way(None, error.message)
        made = None if mark is None else self._snapshots.find(stored, mark)
        if made is not None and same(made.after, stored):
            return Way(Change(stored, made.before))
        why = CHANGED if mark is None else PAST if made is not None else EXPIRED
        return Way(self._lowering(stored), why)

    def _lowering(self, stored: Item) -> Change | None:
        """Return the change that brings a record back by `down`, if that is asked for and whole.

        It changes nothing that callers see, so it keeps version and birth as an upgrade does.
        """
        own = self._shapes.stamps.strip(stored)
        image = self._shapes.lowered(own, Lookups(self._world)) if self._lowers else None
        if image is None:
            return None
        stamp = replace(self._shapes.stamps.read(stored), write=self._world.ids.new())
        lowered = {**image, **self._shapes.stamps.write_out(stamp)}
        return Change(stored, lowered) if self._shapes.comparable(stored, lowered) else None

    def _report(self, tally: Tally, stored: Item, way: Way, *, lowered: bool) -> None:
        tally.counts += Counts(mismatched=1, repaired=int(lowered))
        tally.findings.append(
            Finding(
                run_id=self._run.run_id,
                key=self._shapes.text(stored),
                kind=FindingKind.CONFLICT,
                reason=str(way.conflict),
                record=stored,
                repaired=lowered,
            )
        )
