"""What the workers of a run do with a page: one table of jobs for each kind of migration."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.engine.backfill import Backfill
from shared.engine.dry_run import DryRun
from shared.engine.in_place.restore import Restore
from shared.engine.in_place.upgrade import Rehearsal, Upgrade
from shared.engine.in_place.validate import Inspection
from shared.engine.segments import PageWork, load_run, work_through
from shared.engine.validate import Validation
from shared.engine.world import World, in_place, paired
from shared.model.in_place import InPlace
from shared.model.runs import Run, RunKind

Jobs = Mapping[RunKind, Callable[[Any, Run], PageWork]]

PAIRED: Jobs = {
    RunKind.DRY_RUN: DryRun,
    RunKind.BACKFILL: Backfill,
    RunKind.VALIDATE: Validation,
}
"""The jobs of a migration from one table to another."""

IN_PLACE: Jobs = {
    RunKind.DRY_RUN: Rehearsal,
    RunKind.BACKFILL: Upgrade,
    RunKind.VALIDATE: Inspection,
    RunKind.RESTORE: Restore,
}
"""The jobs of a migration within one table."""


def work_segment(world: World, run_id: str, name: str, attempt: int, until: float) -> bool:
    """Work on one segment; return False when there is more to do after `until` (monotonic)."""
    run = load_run(world, run_id)
    return work_through(world, run, name, attempt, until, _work(world, run))


def _work(world: World, run: Run) -> PageWork:
    if isinstance(world.migration, InPlace):
        return IN_PLACE[run.kind](in_place(world), run)
    return PAIRED[run.kind](paired(world), run)
