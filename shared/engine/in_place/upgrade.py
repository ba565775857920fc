"""Backfill in place: every record that is still in the old shape is upgraded, none overwritten.

A page is read, transformed, stored in a snapshot, and then changed record by record, each under
the condition that it is exactly as it was read. Whoever lost that race is read again.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shared.engine.backfill import OUTCOMES, Pace, finding
from shared.engine.exclusions import Exclusions
from shared.engine.images import Unmovable
from shared.engine.in_place.shapes import Change, Lookups, Shapes
from shared.engine.in_place.snapshots import SnapshotWriter, mark_of
from shared.engine.lease import Operation
from shared.engine.segments import PageOutcome, read_page
from shared.engine.world import InPlaceWorld
from shared.model.errors import ConditionFailed, Contended, OutcomeUnknown
from shared.model.item import Item, size
from shared.model.metrics import Metric
from shared.model.runs import Counts, Finding, Run, Segment
from shared.model.writes import Side

WRITE_UNIT = 1024
"""Bytes of one write unit ("Read and write operations" of the developer guide)."""


@dataclass(slots=True)
class Plan:
    """What is to be done with the records of a page, and what needs no doing."""

    changes: list[Change] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    findings: list[Finding] = field(default_factory=list)


class Planner:
    """Sorts records by what an upgrade would do with them."""

    def __init__(self, world: InPlaceWorld, run: Run) -> None:
        self._world = world
        self._run = run
        self._shapes = Shapes(world)

    def plan(self, items: Iterable[Item], excluded: frozenset[str]) -> Plan:
        """Return what is to be done, counted by outcome but for what is yet to be changed."""
        plan, lookups = Plan(), Lookups(self._world)
        for item in items:
            if self._shapes.text(item) in excluded:
                plan.counts += Counts(excluded=1)
            elif self._shapes.upgraded(item):
                plan.counts += self._there(item)
            else:
                self._add(plan, item, self._shapes.upgrade(item, lookups))
        return plan

    def _there(self, item: Item) -> Counts:
        """Count a record in the new shape; what this run made so stays written."""
        mark = mark_of(item, self._shapes)
        own = mark is not None and mark.startswith(f"{self._run.run_id}/")
        return Counts(written=1) if own else Counts(already_present=1)

    def _add(self, plan: Plan, item: Item, image: Item | Unmovable) -> None:
        if isinstance(image, Unmovable):
            plan.counts = plan.counts.plus(**{OUTCOMES.get(image.kind, "failed"): 1})
            plan.findings.append(finding(self._world, self._run, item, image))
        else:
            plan.changes.append(Change(item, image))


class Rehearsal:
    """The work of one worker of a dry run: `written` is what a backfill would upgrade now."""

    def __init__(self, world: InPlaceWorld, run: Run) -> None:
        self._world = world
        self._run = run
        self._planner = Planner(world, run)
        self._exclusions = Exclusions(world)

    def follow(self, run: Run) -> None:
        """Change nothing: a dry run writes to no table, so it has no rate."""

    def __call__(self, operation: Operation, segment: Segment, limit: int) -> PageOutcome:
        """Transform one page."""
        page = read_page(self._world, self._run, segment, limit, Side.SOURCE, strong=True)
        excluded = self._exclusions.left_out(self._run, operation.state)
        plan = self._planner.plan(page.items, excluded)
        counts = plan.counts.plus(scanned=len(page.items), written=len(plan.changes))
        return PageOutcome(page.cursor, counts, plan.findings)


class Upgrade:
    """The work of one worker of a backfill."""

    def __init__(self, world: InPlaceWorld, run: Run) -> None:
        self._world = world
        self._run = run
        self._shapes = Shapes(world)
        self._planner = Planner(world, run)
        self._exclusions = Exclusions(world)
        self._pace = Pace(world, run)

    def follow(self, run: Run) -> None:
        """Go on at the rate that an operator has asked for meanwhile."""
        self._pace.follow(run)

    def __call__(self, operation: Operation, segment: Segment, limit: int) -> PageOutcome:
        """Upgrade one page."""
        limit = self._pace.page(limit)
        page = read_page(self._world, self._run, segment, limit, Side.SOURCE, strong=True)
        excluded = self._exclusions.left_out(self._run, operation.state)
        plan = self._planner.plan(page.items, excluded)
        counts, findings = plan.counts.plus(scanned=len(page.items)), plan.findings
        while plan.changes:
            lost = self.make(operation, segment, plan.changes)
            counts += Counts(written=len(plan.changes) - len(lost))
            plan, gone = self._again(lost, excluded)
            counts += plan.counts + Counts(skipped=gone)
            findings += plan.findings
        return PageOutcome(page.cursor, counts, findings, rest=self._pace.rest())

    def make(
        self, operation: Operation, segment: Segment, changes: Sequence[Change]
    ) -> list[Change]:
        """Store a snapshot, make the changes, and return those that somebody was faster than."""
        marked = SnapshotWriter(self._shapes, self._run.run_id, segment).store(changes)
        lost = []
        for change in marked:
            operation.check()
            units = float(math.ceil(max(size(change.before), size(change.after)) / WRITE_UNIT))
            self._pace.spend(units)
            self._world.meter.add(Metric.WRITE_UNITS, units)
            try:
                self._world.tables.write(self._shapes.update(change))
            except (ConditionFailed, Contended, OutcomeUnknown):
                lost.append(change)  # the next look tells whether it took effect
        return lost

    def _again(self, lost: Sequence[Change], excluded: frozenset[str]) -> tuple[Plan, int]:
        """Return what is to be done with records that changed, and how many are gone."""
        if not lost:
            return Plan(), 0
        keys = [self._shapes.keys.key_of(each.before) for each in lost]
        found = self._world.tables.get_many(Side.SOURCE, keys)
        there = [item for item in found if item is not None]
        return self._planner.plan(there, excluded), len(found) - len(there)
