"""Begins and ends the runs of jobs: who may start, what was counted, what it proves.

A run holds a lock while it is under way; a resume is a new attempt of the same run, which the
workers of the older attempt can no longer checkpoint against.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.engine.admission import accept, refuse_unfit
from shared.engine.certificate import disproved, with_certificate
from shared.engine.control_writes import change_control, in_force, journal
from shared.engine.exclusions import Exclusions, decide_exclusions
from shared.engine.locks import lock_name, retake_lock, take_lock
from shared.engine.news import tell_end, tell_start
from shared.engine.reports import store_report
from shared.engine.requester import asked_of
from shared.engine.segments import load_run
from shared.engine.tally import entries_by_index, read_by_side
from shared.engine.world import World
from shared.model.control import Change, ControlState
from shared.model.errors import WorkerFailed
from shared.model.in_place import REFERENCE, InPlace
from shared.model.metrics import Metric
from shared.model.phases import Phase
from shared.model.runs import Counts, Run, RunKind, RunStatus, Segment
from shared.model.writes import Side

SEGMENTS_PER_WORKER = 4


@dataclass(frozen=True, slots=True)
class StartedRun:
    """What a workflow needs to go on: where the segment list is and when work may begin."""

    run_id: str
    kind: RunKind
    begin_at: float
    attempt: int
    segments_uri: str
    ended: bool


def begin_run(
    world: World, kind: RunKind, given: Any, execution: str, parent: str | None
) -> StartedRun:
    """Begin or resume a run and lay out its segments.

    Raises InvalidInput, GuardRefused or AlreadyRunning; then nothing has changed.
    """
    kind, params, resumed = accept(world, kind, given)
    state = world.control.read(world.migration.name)
    refuse_unfit(world, state, kind)
    if resumed is not None and _complete(world, resumed):
        return StartedRun(resumed.run_id, kind, world.clock.wall(), resumed.attempt, "", True)
    if resumed is not None:
        run = _resume(world, resumed, state, execution)
    else:
        run = _first_attempt(world, kind, params, state, execution, parent)
    state = _announce(world, run, state)
    # phase and epoch stay those that it was admitted in: a move since then supersedes it
    run = replace(run, voids=state.voids)
    begin_at = _begin_at(world, run, in_force(world, state))
    run = run.with_facts(begin_at=begin_at)
    world.ledger.save(run)
    segments = _open_segments(world, run)
    uri = world.archive.store(
        f"runs/{run.migration}/{run.run_id}/segments-{run.attempt}.json",
        [{"run_id": run.run_id, "name": s.name, "attempt": s.attempt} for s in segments],
    )
    if parent is None:
        tell_start(world, run)
    return StartedRun(run.run_id, kind, begin_at, run.attempt, uri, False)


def finish_run(world: World, run_id: str, taken_back: int = 0) -> Run:
    """Count all segments, decide how the run ended, store its report and give back its lock.

    The run is still active when segments are left that may have stopped for a pause which was
    taken back: work through them once more, then finish again, with the `taken_back` of this
    answer. So each such pause is worth one round, and asking twice does no harm. Raises
    WorkerFailed naming the unfinished segments. Ending an ended run changes nothing.
    """
    run = load_run(world, run_id)
    if not run.active:
        return run
    segments = world.ledger.segments(run_id)
    run = replace(run, counts=sum((each.counts for each in segments), Counts()))
    unfinished = [each.name for each in segments if not each.done]
    status = _status(run, segments, unfinished)
    if status is None:
        world.ledger.save(run)
        if run.taken_back > taken_back:
            return run
        raise WorkerFailed(
            f"{len(unfinished)} of {len(segments)} segments did not finish: "
            + ", ".join(unfinished[:5]),
            run_id=run_id,
            mend=f'start it again with "resume_run_id": "{run_id}"',
        )
    return conclude(world, run, status, segments)


def conclude(world: World, run: Run, status: RunStatus, segments: Sequence[Segment]) -> Run:
    """Store how a run ended and what it proves."""
    run = replace(run, status=status, finished_at=world.clock.wall())
    run = run.with_facts(
        indexes=entries_by_index(segments), sides=read_by_side(segments), paused=run.pause
    )
    state = world.control.read(run.migration)
    run = replace(run, phase=state.phase)
    run = replace(run, report=store_report(world, run))
    change_control(
        world,
        lambda state: _proven(world, run, state),
        journal(run, "finish", f"{run.kind} {status}", world.clock.wall()),
    )
    world.ledger.release(run, lock_name(run.kind))
    _tell(world, run.counts, run.kind)
    tell_end(world, run)
    return run


def _tell(world: World, counts: Counts, kind: RunKind) -> None:
    """Tell at once what a run found wanting: a schedule would tell it a minute later."""
    if kind is RunKind.VALIDATE:
        world.meter.sample(Metric.MISMATCHED, counts.mismatched - counts.repaired)
    else:
        world.meter.sample(Metric.QUARANTINED, counts.ambiguous + counts.failed)


def _first_attempt(
    world: World,
    kind: RunKind,
    params: dict[str, Any],
    state: ControlState,
    execution: str,
    parent: str | None,
) -> Run:
    run = Run(
        run_id=world.ids.new(),
        kind=kind,
        migration=world.migration.name,
        status=RunStatus.RUNNING,
        phase=state.phase,
        epoch=state.epoch,
        voids=state.voids,
        started_at=world.clock.wall(),
        actor=parent or execution,
        execution=execution,
        total_segments=_segment_count(world, params),
        params=params,
        facts={"digest": world.digest, "parent": parent, **asked_of(world, execution, parent)},
    )
    take_lock(world, run)
    return run


def _segment_count(world: World, params: dict[str, Any]) -> int:
    asked = params.get("total_segments")
    if params.get("keys") is not None:
        return max(1, min(int(params["keys"]["count"]), world.environment.concurrency))
    return int(asked) if asked else world.environment.concurrency * SEGMENTS_PER_WORKER


def _complete(world: World, run: Run) -> bool:
    """Tell whether a run has nothing left to resume: it was counted and concluded."""
    concluded = run.status in (RunStatus.SUCCEEDED, RunStatus.HELD)
    return concluded and all(each.done for each in world.ledger.segments(run.run_id))


def _resume(world: World, run: Run, state: ControlState, execution: str) -> Run:
    again = replace(
        run,
        status=RunStatus.RUNNING,
        attempt=run.attempt + 1,
        execution=execution,
        pause=False,
        taken_back=0,
        finished_at=None,
        report=None,
        phase=state.phase,
        epoch=state.epoch,
    )
    retake_lock(world, run, again)
    return again


def _announce(world: World, run: Run, state: ControlState) -> ControlState:
    """Say on the control item whose workers may write from now on."""
    if run.kind is RunKind.DRY_RUN:
        return state
    if run.kind is RunKind.BACKFILL:
        decide_exclusions(world, run.params.get("exclude"), run.actor)

    def begun(state: ControlState) -> ControlState:
        if state.working not in (None, run.run_id):  # its workers may still write for a while
            state = replace(state, work_stop=Change(world.clock.wall()))
        if run.kind is RunKind.BACKFILL:
            return replace(state.voided(), working=run.run_id)
        if run.kind is RunKind.RESTORE:  # what was upgraded will not all be so any more
            return replace(state.voided(), working=run.run_id, backfilled=None)
        return replace(state, working=run.run_id if run.params["repair"] else None)

    entry = journal(run, "start", f"attempt {run.attempt}", world.clock.wall())
    return change_control(world, begun, entry)


def _begin_at(world: World, run: Run, state: ControlState) -> float:
    """Return when work may begin: after settle, and for a validation after the worker fence."""
    now = world.clock.wall()
    timing = world.environment.timing
    match run.kind:
        case RunKind.BACKFILL:
            return max(now, state.settled_at(now, timing))
        case RunKind.VALIDATE | RunKind.RESTORE:
            return max(now, state.settled_at(now, timing), state.quiet_at(now, timing))
    return now


def _open_segments(world: World, run: Run) -> list[Segment]:
    """Store the segments of a first attempt, or give the unfinished ones to a new attempt."""
    stored = world.ledger.segments(run.run_id)
    if not stored:
        opened = [
            Segment(run.run_id, f"{scan}-{number:05d}", scan, number, total, run.attempt)
            for scan, total in _scans(world, run)
            for number in range(total)
        ]
    else:
        opened = [
            replace(each, attempt=run.attempt, stopped=None, work=0.0, marks=())
            for each in stored
            if not each.done
        ]
    world.ledger.open_segments(opened)
    return opened


def _scans(world: World, run: Run) -> list[tuple[str, int]]:
    """Return what a run goes through and in how many segments."""
    if run.kind is not RunKind.VALIDATE:
        return [("keys" if run.params.get("keys") is not None else Side.SOURCE, run.total_segments)]
    if run.params["mode"] == "sample":
        return [(Side.SOURCE, run.total_segments)]
    if isinstance(world.migration, InPlace):
        looked_up = [(REFERENCE, 1)] if world.migration.reference is not None else []
        return [(Side.SOURCE, run.total_segments), *looked_up]
    indexes = [(index.name, 1) for index in world.migration.target_indexes]
    return [(Side.SOURCE, run.total_segments), (Side.TARGET, run.total_segments), *indexes]


# -- how it ended


def _status(run: Run, segments: Sequence[Segment], unfinished: Sequence[str]) -> RunStatus | None:
    """Return how a run ended, or None when workers failed."""
    if any(each.stopped for each in segments):
        return RunStatus.SUPERSEDED
    if unfinished:
        return RunStatus.HELD if run.pause else None
    counts = run.counts
    if run.kind in (RunKind.VALIDATE, RunKind.RESTORE):
        return RunStatus.HELD if counts.mismatched > counts.repaired else RunStatus.SUCCEEDED
    return RunStatus.HELD if counts.ambiguous + counts.failed else RunStatus.SUCCEEDED


def _proven(world: World, run: Run, state: ControlState) -> ControlState:
    """Return the control state with what a finished run has shown."""
    announced = state.working == run.run_id
    if announced:
        state = state.without_workers(run.finished_at or math.inf)
    if run.status is not RunStatus.SUCCEEDED:
        return disproved(run, state)
    match run.kind:
        case RunKind.DRY_RUN if run.params.get("keys") is None:
            exclusions = Exclusions(world)
            decided = exclusions.left_out(run, state) <= exclusions.keys(state)
            return replace(state, dry_run=run.run_id) if decided else state
        case RunKind.BACKFILL if announced and run.params.get("keys") is None:
            return replace(state, backfilled=run.run_id)
        case RunKind.VALIDATE:
            return with_certificate(world, run, state)
        case RunKind.RESTORE if announced and run.params.get("keys") is None:
            # writes may have left the new shape meanwhile if it moved on and back
            stayed = state.phase is Phase.READ_BOTH and state.epoch == run.epoch
            back = stayed and run.params["lower"]
            return replace(state, restored=run.run_id) if back else state
    return state
