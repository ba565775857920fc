"""What the workers of a run do with a page: one table of jobs for each kind of migration."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.engine.backfill import Backfill
from shared.engine.dry_run import DryRun
from shared.engine.segments import PageWork, load_run, work_through
from shared.engine.validate import Validation
from shared.engine.world import World, paired
from shared.model.runs import RunKind

PAIRED: Mapping[RunKind, Callable[[Any, Any], PageWork]] = {
    RunKind.DRY_RUN: DryRun,
    RunKind.BACKFILL: Backfill,
    RunKind.VALIDATE: Validation,
}
"""The jobs of a migration from one table to another."""


def work_segment(world: World, run_id: str, name: str, attempt: int, until: float) -> bool:
    """Work on one segment; return False when there is more to do after `until` (monotonic)."""
    run = load_run(world, run_id)
    work = PAIRED[run.kind](paired(world), run)
    return work_through(world, run, name, attempt, until, work)
