"""One worker's trip through one segment: page after page, a checkpoint behind each.

Safe to repeat: a page is read again from the last checkpoint, its writes are conditional, and
a checkpoint counts only while the worker's attempt is the current one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from shared.engine.lease import Operation, PhaseLease
from shared.engine.news import tell_progress
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.errors import (
    Contended,
    LeaseLost,
    OutcomeUnknown,
    Superseded,
    Throttled,
    WorkerFailed,
)
from shared.model.item import Item
from shared.model.metrics import Metric
from shared.model.runs import Counts, Finding, Run, RunKind, Segment
from shared.model.writes import Side
from shared.ports import Page

PATIENCE = 8
"""How often in a row a page may fail for want of time before the worker gives up."""


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of one page, where the next begins, and the seconds to rest before it.

    `work` is what was read, in records (None: as many as were scanned).
    """

    cursor: Item | None
    counts: Counts
    findings: Sequence[Finding] = ()
    found: int = 0
    expected: dict[str, int] | None = None
    enough: bool = False
    rest: float = 0.0
    work: float | None = None


class PageWork(Protocol):
    """What a job does with one page of a segment."""

    def __call__(self, operation: Operation, segment: Segment, limit: int) -> PageOutcome:
        """Read and handle one page of at most `limit` items within the operation's time."""
        ...

    def follow(self, run: Run) -> None:
        """Take over what an operator has changed on the run since the page before."""
        ...


def load_run(world: World, run_id: str) -> Run:
    """Return a run that must exist."""
    run = world.ledger.load(run_id)
    if run is None:
        raise WorkerFailed(f"there is no run {run_id}", run_id=run_id)
    return run


def load_active(world: World, run_id: str) -> Run:
    """Return a run that is still under way; raise Superseded for one that has ended.

    A rollback ends the migrate that it overtakes first of all: from then on it may do nothing.
    """
    run = load_run(world, run_id)
    if not run.active:
        raise Superseded(f"{run.kind} {run_id} has ended as {run.status}", run_id=run_id)
    return run


def work_through(
    world: World, run: Run, name: str, attempt: int, until: float, work: PageWork
) -> bool:
    """Work until the segment is done, stopped or `until` (monotonic seconds) has passed.

    Returns False when there is more to do. Raises WorkerFailed when pages keep failing.
    """
    segment = world.ledger.segment(run.run_id, name)
    if segment is None or segment.attempt != attempt:
        return True  # a later attempt took over
    timing = world.environment.timing
    lease = PhaseLease(world.control, world.clock, run.migration, timing, world.tables)
    limit, failures = int(run.params["batch_size"]), 0
    while not segment.done:
        if world.clock.monotonic() >= until:
            return False
        current = load_run(world, run.run_id)
        if current.pause:
            return True
        work.follow(current)
        try:
            operation = lease.operation(timing.worker_operation)
            refuse_stale(operation.state, run)
            outcome = work(operation, segment, limit)
            segment = _checkpointed(world, segment, outcome)
        except Superseded:
            _stop(world, segment)
            return True
        except (LeaseLost, Throttled, Contended, OutcomeUnknown) as error:
            failures += 1
            world.meter.add(Metric.THROTTLED, float(isinstance(error, Throttled)))
            limit = max(1, limit // 2)
            if failures > PATIENCE:
                raise WorkerFailed(
                    f"segment {name}: {error.message}", run_id=run.run_id, mend="resume the run"
                ) from error
            world.clock.sleep(min(1.0, 0.05 * 2**failures))
            continue
        failures = 0
        if segment.done:
            tell_progress(world, run, segment)
        world.clock.sleep(max(0.0, min(outcome.rest, until - world.clock.monotonic())))
    return True


def refuse_stale(state: ControlState, run: Run) -> None:
    """Raise Superseded when the migration has moved on from what the run was started for."""
    match run.kind:
        case RunKind.BACKFILL:
            current = state.working == run.run_id and state.phase.group is run.phase.group
        case RunKind.RESTORE:
            current = state.working == run.run_id and state.phase is run.phase
        case RunKind.VALIDATE:
            # what voids the certificate meanwhile keeps the pass from being proof, not from looking
            mender = state.working == run.run_id or not run.params["repair"]
            current = state.epoch == run.epoch and mender
        case _:
            current = True
    if not current:
        raise Superseded(f"{run.kind} {run.run_id} was overtaken by a move to {state.phase}")


def read_page(
    world: World, run: Run, segment: Segment, limit: int, side: Side, *, strong: bool
) -> Page:
    """Return the next page of a segment: of a table's scan, or of the run's own list of keys."""
    if segment.scan == "keys":
        return _page_of_keys(world, run, segment, limit)
    return world.tables.scan(
        side, segment.number, segment.total, segment.cursor, limit, strong=strong
    )


def sampled_limit(run: Run, segment: Segment, limit: int) -> tuple[int, bool]:
    """Return how many records a validation reads, and whether that ends a sampling segment."""
    if run.params["mode"] == "full":
        return limit, False
    share = -(-int(run.params["sample_size"]) // segment.total)
    left = share - segment.counts.scanned
    return max(1, min(limit, left)), left <= limit


def _page_of_keys(world: World, run: Run, segment: Segment, limit: int) -> Page:
    given = world.ledger.keys(run.migration, run.params["keys"]["digest"])
    texts = sorted(given)[segment.number :: segment.total]
    start = int(segment.cursor["at"]) if segment.cursor else 0
    keys = [world.migration.key_named(text) for text in texts[start : start + limit]]
    items = [item for item in world.tables.get_many(Side.SOURCE, keys) if item is not None]
    end = start + len(keys)
    return Page(items, {"at": end} if end < len(texts) else None)


def _after(segment: Segment, outcome: PageOutcome) -> Segment:
    expected = dict(segment.expected)
    for name, amount in (outcome.expected or {}).items():
        expected[name] = expected.get(name, 0) + amount
    return replace(
        segment,
        cursor=outcome.cursor,
        done=outcome.cursor is None or outcome.enough,
        counts=segment.counts + outcome.counts,
        found=segment.found + outcome.found,
        expected=expected,
    )


def _checkpointed(world: World, segment: Segment, outcome: PageOutcome) -> Segment:
    """Store the end of a page and return it; tried again alone, as the page's work is done.

    Safe to repeat: findings have their places, and a segment's own attempt may replace it.
    """
    work = outcome.counts.scanned if outcome.work is None else outcome.work
    after = _after(segment, outcome).marked(world.clock.wall(), work)
    for tries in range(1, PATIENCE + 1):
        try:
            world.ledger.checkpoint(after, outcome.findings)
        except (Throttled, Contended, OutcomeUnknown):
            if tries == PATIENCE:
                raise
            world.clock.sleep(min(1.0, 0.05 * 2**tries))
        else:
            break
    return after


def _stop(world: World, segment: Segment) -> None:
    """Leave word that the segment was overtaken, unless a later attempt owns it."""
    stored = world.ledger.segment(segment.run_id, segment.name)
    if stored is not None and stored.attempt == segment.attempt:
        world.ledger.checkpoint(replace(stored, stopped="superseded"), ())
