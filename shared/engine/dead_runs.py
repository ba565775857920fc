"""Looks for runs that nobody works on: the workflow is gone, failed half-way, or stays silent."""

from collections.abc import Iterator

from shared.engine.disease import Case, Diagnosis, Disease, moment
from shared.engine.guards import missing
from shared.engine.locks import lock_name
from shared.engine.overview import JOURNEYS
from shared.engine.world import World
from shared.model.moves import Guard, move_between, next_towards
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus

SILENCE = 30
"""Worker operations without a checkpoint after which a worker counts as lost: five minutes on
AWS. A page takes one, and the rest after it a few."""

ENDED_BADLY = (RunStatus.FAILED, RunStatus.ABORTED)


def dead_runs(case: Case) -> Iterator[Diagnosis]:
    """Look for runs that are RUNNING though their execution is not."""
    dead = [run for run in case.runs if _is_dead(case.world, run)]
    journeys = {run.run_id for run in dead if run.kind in JOURNEYS}
    for run in dead:
        if run.run_id in journeys:
            yield _dead_journey(case, run)
        elif run.facts.get("parent") not in journeys:  # else it is mended with its journey
            yield _lost_worker(case, run)


def _is_dead(world: World, run: Run) -> bool:
    """Tell whether a run is RUNNING for nobody; one that ends just now is looked at again."""
    if not run.active or (run.execution and world.executions.running(run.execution)):
        return False
    again = world.ledger.load(run.run_id)
    return again is not None and again.active and again.attempt == run.attempt


def _lost_worker(case: Case, run: Run) -> Diagnosis:
    kind = "begin it anew" if run.kind is RunKind.VALIDATE else "resume it from its checkpoints"
    return Diagnosis(
        Disease.LOST_WORKER,
        f"{run.kind} {run.run_id} is {run.status}, and nobody works on it",
        (
            _execution_ended(run),
            f"last checkpoint {moment(_last_sign(case.world, run))}",
            f"it holds the lock {lock_name(run.kind)}",
        ),
        f"close the run and {kind}",
        mendable=True,
        subject=run.run_id,
    )


def _dead_journey(case: Case, run: Run) -> Diagnosis:
    state, gate = case.state, _gate(case)
    facts = (_execution_ended(run), _place(case), f"it holds the lock {lock_name(run.kind)}")
    again = f"close the run and start the {run.kind} again: it goes on from {state.phase}"
    if gate is not None and run.kind is RunKind.MIGRATE:
        return Diagnosis(
            Disease.STUCK_APPROVAL,
            f"{run.kind} {run.run_id} waited for the approval of {gate} and is gone",
            (*facts, "an approval would wake nobody"),
            f"{again} and asks for the approval, if it is not there",
            mendable=True,
            subject=run.run_id,
        )
    return Diagnosis(
        Disease.HALF_DONE,
        f"{run.kind} {run.run_id} is {run.status}, and its workflow is gone",
        facts,
        again,
        mendable=True,
        subject=run.run_id,
    )


def failed_journey(case: Case) -> Iterator[Diagnosis]:
    """Look for a journey that moved the migration, failed before its end, and was left there."""
    newest = next((run for run in case.runs if run.kind in JOURNEYS), None)
    if newest is None or newest.status not in ENDED_BADLY or case.state.mover != newest.run_id:
        return
    goal = newest.params["to_phase" if newest.kind is RunKind.ROLLBACK else "until"]
    if case.state.phase == goal:
        return
    cause = str(newest.facts.get("cause") or "none is on record")
    yield Diagnosis(
        Disease.HALF_DONE,
        f"{newest.kind} {newest.run_id} ended as {newest.status} on its way to {goal}",
        (f"cause: {cause[:300]}", _place(case)),
        f"mend the cause, and start the {newest.kind} again: it goes on from {case.state.phase}",
        mendable=True,
        subject=newest.run_id,
    )


def silent_workers(case: Case) -> Iterator[Diagnosis]:
    """Look for workers that have made no checkpoint for long, in an execution under way."""
    limit = SILENCE * case.world.environment.timing.worker_operation
    for run in case.runs:
        if not run.active or run.kind in JOURNEYS or run.pause:
            continue
        last = _last_sign(case.world, run)
        silent = case.now - last > limit
        if silent and run.execution and case.world.executions.running(run.execution):
            yield Diagnosis(
                Disease.SILENT_WORKER,
                f"{run.kind} {run.run_id} has made no checkpoint for {case.now - last:.0f} s",
                (f"last sign of life {moment(last)}", f"{run.execution} is under way"),
                "its workflow gives a worker up after 16 minutes and tries again; if it does not,"
                f" stop the execution and run `cutover doctor {case.name} --mend`",
                mendable=False,
                subject=run.run_id,
            )


def _last_sign(world: World, run: Run) -> float:
    marks = (mark.at for each in world.ledger.segments(run.run_id) for mark in each.marks)
    return max([run.started_at, float(run.facts.get("begin_at") or 0.0), *marks])


def _gate(case: Case) -> Phase | None:
    """Return the gate at which the migration stands, waiting for nothing but an approval."""
    state = case.state
    way = case.world.migration.way
    if state.phase is way[-1]:
        return None
    ahead = next_towards(state.phase, way[-1], way)
    if case.world.ledger.waiter(case.name, ahead) is None:
        return None
    lacks = missing(case.world, state, move_between(state.phase, ahead))
    return ahead if all(lack.guard is Guard.APPROVED for lack in lacks) else None


def _execution_ended(run: Run) -> str:
    return f"execution {run.execution} is not under way" if run.execution else "it has no execution"


def _place(case: Case) -> str:
    settled_at = case.state.settled_at(case.now, case.world.environment.timing)
    settled = "settled" if case.now >= settled_at else f"settles {moment(settled_at)}"
    return f"in {case.state.phase} since {moment(case.state.since)}, {settled}"
