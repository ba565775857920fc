"""How a workflow that met an error ends: its run is closed, and the error says what to do."""

import json
from dataclasses import dataclass, replace
from typing import Any

from shared.engine.certificate import disproved
from shared.engine.control_writes import change_control, journal
from shared.engine.locks import lock_name
from shared.engine.news import tell_failure
from shared.engine.reports import store_report
from shared.engine.segments import load_run
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.errors import AlreadyRunning, GuardRefused, InvalidInput, Superseded, WorkerFailed
from shared.model.runs import Counts, Run, RunKind, RunStatus

OUTSIDE_NAMES = frozenset(
    each.__name__ for each in (InvalidInput, AlreadyRunning, GuardRefused, WorkerFailed)
)
"""The errors that an execution may end with; everything else is a failed worker."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a workflow ends: `superseded` succeeds with a summary, `failed` with error and cause."""

    ended: str
    summary: dict[str, Any] | None
    error: str
    cause: str


def record_failure(world: World, run_ids: list[str], error: str, cause: str) -> Ended:
    """Close the runs of a workflow that met an error, and put the error in the outside form.

    The first run is the workflow's own: its summary is the output when it was superseded.
    """
    superseded = error == Superseded.__name__
    status = RunStatus.SUPERSEDED if superseded else RunStatus.FAILED
    closed = [_close(world, run_id, status, cause) for run_id in run_ids]
    own = closed[0] if closed else None
    if superseded and own is not None:
        return Ended("superseded", own.summary(), "", "")
    name = error if error in OUTSIDE_NAMES else _outside(error)
    if own is not None and own.status is RunStatus.FAILED:
        tell_failure(world, own, name)
    return Ended("failed", None, name, json.dumps(_cause(cause, own), ensure_ascii=False))


def told_by(cause: str) -> dict[str, Any]:
    """Return what the cause of a failed execution says; a function's own words are JSON."""
    try:
        message = json.loads(cause).get("errorMessage", cause)
        told: dict[str, Any] = json.loads(message) if message.startswith("{") else {}
    except (ValueError, AttributeError):
        return {"message": cause}
    return told or {"message": message}


def _outside(error: str) -> str:
    return GuardRefused.__name__ if error == Superseded.__name__ else WorkerFailed.__name__


def _close(world: World, run_id: str, status: RunStatus, cause: str) -> Run | None:
    run = world.ledger.load(run_id)
    if run is None or not run.active:
        return run
    now = world.clock.wall()
    counts = run.counts
    if run.kind not in (RunKind.MIGRATE, RunKind.ROLLBACK):
        counts = sum((each.counts for each in world.ledger.segments(run_id)), Counts())
    state = world.control.read(run.migration)
    run = replace(run, status=status, finished_at=now, counts=counts, phase=state.phase)
    run = run.with_facts(cause=cause[:2000])
    run = replace(run, report=store_report(world, run))

    def quiet(state: ControlState) -> ControlState:
        state = disproved(run, state)
        return state.without_workers(now) if state.working == run.run_id else state

    change_control(world, quiet, journal(run, "fail", status, now))
    try:
        world.ledger.release(run, lock_name(run.kind))
    except Superseded:  # somebody was faster: how they ended it is how it ended
        return load_run(world, run_id)
    return run


def _cause(cause: str, run: Run | None) -> dict[str, Any]:
    """Return the outside form of a cause: {message, field, run_id, mend, report}."""
    told = told_by(cause)
    fallback = {
        "run_id": run.run_id if run else None,
        "report": run.report if run else None,
        "mend": "look at the function's log, then start it again"
        if run is None
        else f"look at the report, then resume run {run.run_id}",
    }
    return {
        name: told.get(name) or fallback.get(name)
        for name in ("message", "field", "run_id", "mend", "report")
    }
