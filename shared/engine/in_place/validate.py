"""Validation in place: every record is in the new shape, as its transform makes it, and sound.

What it cannot see: a change past the wrapper to attributes that nothing is derived from and no
invariant speaks of. There is no second table to compare with.
"""

from dataclasses import replace

from shared.engine.backfill import finding as unmovable_finding
from shared.engine.compare import Mismatch
from shared.engine.exclusions import Exclusions
from shared.engine.images import Unmovable
from shared.engine.in_place.judging import judge
from shared.engine.in_place.shapes import Change, Lookups, Shapes
from shared.engine.in_place.upgrade import Upgrade
from shared.engine.lease import Operation
from shared.engine.segments import PageOutcome, read_page, sampled_limit
from shared.engine.tally import Tally
from shared.engine.world import InPlaceWorld
from shared.model.errors import ConditionFailed, Contended, OutcomeUnknown
from shared.model.in_place import REFERENCE, Reference
from shared.model.item import Item
from shared.model.runs import Counts, Finding, FindingKind, Run, Segment
from shared.model.writes import Side

TRIES = 5
"""How often a record that keeps changing is looked at before it counts as open."""


class Inspection:
    """The work of one worker of a validation pass."""

    def __init__(self, world: InPlaceWorld, run: Run) -> None:
        self._world = world
        self._run = run
        self._shapes = Shapes(world)
        self._migration = world.migration
        self._exclusions = Exclusions(world)
        self._upgrade = Upgrade(world, run)
        self._repairing = bool(run.params.get("repair"))
        self._mended = Tally()

    def follow(self, run: Run) -> None:
        """Change nothing: a rate is of write units, and only repairs write."""

    def __call__(self, operation: Operation, segment: Segment, limit: int) -> PageOutcome:
        """Look at one page of records, or of what they may refer to."""
        if segment.scan == REFERENCE and self._migration.reference is not None:
            return self._reference_page(self._migration.reference, segment, limit)
        limit, sampled = sampled_limit(self._run, segment, limit)
        page = read_page(self._world, self._run, segment, limit, Side.SOURCE, strong=True)
        excluded = self._exclusions.keys(operation.state)
        tally, lookups = Tally(Counts(scanned=len(page.items))), Lookups(self._world)
        for item in page.items:
            if self._shapes.text(item) in excluded:
                tally.counts += Counts(excluded=1)
            elif (mismatch := judge(self._shapes, item, lookups)) is not None:
                self._settle(operation, segment, item, mismatch, tally)
        mended, self._mended = self._mended, Tally()
        return PageOutcome(
            page.cursor,
            tally.counts + mended.counts,
            [*tally.findings, *mended.findings],
            enough=sampled,
        )

    # -- what is wrong, repaired or reported

    def _settle(
        self,
        operation: Operation,
        segment: Segment,
        stored: Item,
        mismatch: Mismatch,
        tally: Tally,
    ) -> None:
        """Repair a record if asked and possible; count it if it is still wrong after that."""
        current, found = stored, mismatch
        for _ in range(TRIES):
            if not self._repairing:
                break
            operation.check()
            done = self._repair(operation, segment, current, found)
            if done is None:
                break
            if done:
                self._count(self._mended, current, found, repaired=True)
                return
            again = self._shapes.read(self._shapes.keys.key_of(current))
            anew = None if again is None else judge(self._shapes, again, Lookups(self._world))
            if again is None or anew is None:
                return
            current, found = again, anew
        self._count(tally, current, found, repaired=False)

    def _repair(
        self, operation: Operation, segment: Segment, stored: Item, mismatch: Mismatch
    ) -> bool | None:
        """Tell whether a repair succeeded; None when there is none for this."""
        lookups = Lookups(self._world)
        if mismatch.kind is FindingKind.MISSING:
            image = self._shapes.upgrade(stored, lookups)
            if isinstance(image, Unmovable):
                return None
            return not self._upgrade.make(operation, segment, [Change(stored, image)])
        if mismatch.kind is not FindingKind.DIFFERENT:
            return None
        stamp = self._shapes.stamps.read(stored)
        newer = replace(stamp, version=stamp.version + 1, write=self._world.ids.new())
        own = self._shapes.derived(self._shapes.stamps.strip(stored), lookups)
        image = {**own, **self._shapes.stamps.write_out(newer)}
        if not self._shapes.comparable(stored, image):
            return None
        try:
            self._world.tables.write(self._shapes.update(Change(stored, image)))
        except (ConditionFailed, Contended, OutcomeUnknown):
            return False
        return True

    def _count(self, tally: Tally, stored: Item, found: Mismatch, *, repaired: bool) -> None:
        tally.counts += Counts(mismatched=1, repaired=int(repaired))
        why = Unmovable(found.kind, found.reason, found.field)
        told = unmovable_finding(self._world, self._run, stored, why)
        tally.findings.append(replace(told, differences=found.differences, repaired=repaired))

    # -- what records refer to

    def _reference_page(self, reference: Reference, segment: Segment, limit: int) -> PageOutcome:
        """List the records of the reference that no migrated record refers to."""
        page = self._world.references.scan(segment.cursor, limit)
        findings = [
            Finding(
                run_id=self._run.run_id,
                key=reference.table.keys.text(reference.table.keys.key_of(item)),
                kind=FindingKind.UNUSED,
                reason=f"no record refers to it in {reference.table.name}",
            )
            for item in page.items
            if not self._is_used(reference, item)
        ]
        return PageOutcome(page.cursor, Counts(), findings, work=len(page.items))

    def _is_used(self, reference: Reference, item: Item) -> bool:
        value, cursor = item[reference.table.keys.partition], None
        while True:
            page = self._world.tables.query(Side.SOURCE, reference.index, [value], cursor, 100)
            for stored in page.items:
                if self._shapes.upgraded(stored) and reference.used(
                    self._shapes.stamps.strip(stored), item
                ):
                    return True
            if page.cursor is None:
                return False
            cursor = page.cursor
