"""Backfill: copies what was there before dual-writes began, and overwrites nothing.

Each record is written only where v2 has none, so every step may be repeated and none can
touch a newer write.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shared.engine.exclusions import Exclusions
from shared.engine.images import Unmovable, target_image
from shared.engine.lease import Operation
from shared.engine.segments import PageOutcome, load_run, read_page, work_through
from shared.engine.world import PairedWorld, World
from shared.model.errors import InvalidInput
from shared.model.item import Item
from shared.model.metrics import Metric
from shared.model.runs import Counts, Finding, FindingKind, Run, Segment
from shared.model.writes import Side
from shared.ports import Insert

BATCH = 25
"""Statements of one BatchExecuteStatement call (AWS API reference)."""

LONGEST_REST = 5.0
"""Seconds that a page of records of one write unit each may cost a worker held to a rate."""

OUTCOMES = {
    FindingKind.SKIPPED: "skipped",
    FindingKind.AMBIGUOUS: "ambiguous",
}
"""The count that a record without an image adds to; all other kinds count as failed."""


@dataclass(slots=True)
class Sorted:
    """One page's records, sorted by what is to be done with them."""

    images: list[Item] = field(default_factory=list)
    origins: list[Item] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    findings: list[Finding] = field(default_factory=list)


def backfill_segment(
    world: PairedWorld, run_id: str, name: str, attempt: int, until: float
) -> bool:
    """Copy one segment; return False when there is more to do after `until` (monotonic)."""
    run = load_run(world, run_id)
    return work_through(world, run, name, attempt, until, Backfill(world, run))


class Backfill:
    """The work of one worker of a backfill run."""

    def __init__(self, world: PairedWorld, run: Run) -> None:
        self._world = world
        self._run = run
        self._exclusions = Exclusions(world)
        self._pace = Pace(world, run)
        self._own: set[str] = set()

    def follow(self, run: Run) -> None:
        """Go on at the rate that an operator has asked for meanwhile."""
        self._pace.follow(run)

    def __call__(self, operation: Operation, segment: Segment, limit: int) -> PageOutcome:
        """Copy one page."""
        limit = self._pace.page(limit)
        page = read_page(self._world, self._run, segment, limit, Side.SOURCE, strong=False)
        excluded = self._exclusions.left_out(self._run, operation.state)
        work = sort_page(self._world, self._run, excluded, page.items)
        counts = work.counts
        for images, origins in _batches(work):
            operation.check()
            result = self._world.tables.insert_absent(Side.TARGET, images)
            for outcome, origin in zip(result.outcomes, origins, strict=True):
                counts += self._count(outcome.result, origin)
                if outcome.result is Insert.REFUSED:
                    kind = FindingKind.REFUSED
                    work.findings.append(
                        finding(self._world, self._run, origin, Unmovable(kind, outcome.reason))
                    )
            self._pace.spend(result.units)
            self._world.meter.add(Metric.WRITE_UNITS, result.units)
        self._own.difference_update(_text(self._world, origin) for origin in work.origins)
        return PageOutcome(page.cursor, counts, work.findings, rest=self._pace.rest())

    def _count(self, result: Insert, origin: Item) -> Counts:
        """Count one outcome; what this worker wrote in a try that was cut short stays written."""
        text = self._world.migration.source.keys.text(
            self._world.migration.source.keys.key_of(origin)
        )
        if result is Insert.REFUSED:
            return Counts(failed=1)
        if result is Insert.WRITTEN or text in self._own:
            self._own.add(text)
            return Counts(written=1)
        return Counts(already_present=1)


class Pace:
    """Holds one worker to its share of the run's write units per second.

    It rests between pages: within one the operation's time would run out.
    """

    def __init__(self, world: World, run: Run) -> None:
        self._clock = world.clock
        self._workers = max(1, min(run.total_segments, world.environment.concurrency))
        self._rate: float | None = None
        self._free_at = 0.0
        self.follow(run)

    def follow(self, run: Run) -> None:
        """Take over the run's rate, which `cutover throttle` changes while it works."""
        self._rate = run.rate / self._workers if run.rate else None

    def page(self, limit: int) -> int:
        """Return how many records to copy at once, so that no rest is long."""
        return limit if self._rate is None else max(1, min(limit, int(self._rate * LONGEST_REST)))

    def spend(self, units: float) -> None:
        """Charge the units that were consumed."""
        if self._rate is not None:
            self._free_at = max(self._free_at, self._clock.monotonic()) + units / self._rate

    def rest(self) -> float:
        """Return the seconds until what was charged fits the rate."""
        return max(0.0, self._free_at - self._clock.monotonic())


def sort_page(
    world: PairedWorld, run: Run, excluded: frozenset[str], items: Sequence[Item]
) -> Sorted:
    """Transform every record of a page, and say of each that cannot move why not."""
    work = Sorted()
    counted = {"scanned": len(items)}
    for item in items:
        if _text(world, item) in excluded:
            counted["excluded"] = counted.get("excluded", 0) + 1
            continue
        image = moved_image(world, item)
        if isinstance(image, Unmovable):
            outcome = OUTCOMES.get(image.kind, "failed")
            counted[outcome] = counted.get(outcome, 0) + 1
            work.findings.append(finding(world, run, item, image))
        else:
            work.images.append(image)
            work.origins.append(item)
    work.counts = Counts(**counted)
    return work


def moved_image(world: PairedWorld, item: Item) -> Item | Unmovable:
    """Return a record's v2 image, after proving that its key maps there and back."""
    migration = world.migration
    image = target_image(migration, item)
    if isinstance(image, Unmovable):
        return image
    key = migration.source.keys.key_of(item)
    there = migration.target.keys.key_of(image)
    if there != migration.target_key(key) or migration.source_key(there) != key:
        return Unmovable(FindingKind.COLLIDES, "its key in v2 does not lead back to its key in v1")
    return image


def finding(world: World, run: Run, item: Item, why: Unmovable) -> Finding:
    """Return what a person needs to decide about a record."""
    return Finding(
        run_id=run.run_id,
        key=_text(world, item),
        kind=why.kind,
        reason=why.reason,
        field=why.field,
        record=item,
    )


def _text(world: World, item: Item) -> str:
    keys = world.migration.source.keys
    try:
        return keys.text(keys.key_of(item))
    except InvalidInput:
        return str({name: item.get(name) for name in keys.names})


def _batches(work: Sorted) -> Iterator[tuple[list[Item], list[Item]]]:
    for start in range(0, len(work.images), BATCH):
        end = start + BATCH
        yield work.images[start:end], work.origins[start:end]
