"""Dry run: the real transform over the whole source, by a role that may write to no table.

Its counts are what a backfill would do now: `written` is what v2 does not have yet.
"""

from shared.engine.backfill import sort_page
from shared.engine.exclusions import Exclusions
from shared.engine.lease import Operation
from shared.engine.segments import PageOutcome, load_run, read_page, work_through
from shared.engine.world import PairedWorld
from shared.model.runs import Run, Segment
from shared.model.writes import Side


def dry_run_segment(world: PairedWorld, run_id: str, name: str, attempt: int, until: float) -> bool:
    """Go through one segment; return False when there is more to do after `until` (monotonic)."""
    run = load_run(world, run_id)
    return work_through(world, run, name, attempt, until, DryRun(world, run))


class DryRun:
    """The work of one worker of a dry run."""

    def __init__(self, world: PairedWorld, run: Run) -> None:
        self._world = world
        self._run = run
        self._exclusions = Exclusions(world)

    def follow(self, run: Run) -> None:
        """Change nothing: a dry run writes to no table, so it has no rate."""

    def __call__(self, operation: Operation, segment: Segment, limit: int) -> PageOutcome:
        """Transform one page and look which records v2 has already."""
        page = read_page(self._world, self._run, segment, limit, Side.SOURCE, strong=True)
        excluded = self._exclusions.left_out(self._run, operation.state)
        work = sort_page(self._world, self._run, excluded, page.items)
        keys = self._world.migration.target.keys
        there = self._world.tables.get_many(
            Side.TARGET, [keys.key_of(image) for image in work.images]
        )
        present = sum(item is not None for item in there)
        counts = work.counts.plus(already_present=present, written=len(there) - present)
        return PageOutcome(page.cursor, counts, work.findings)
