"""What doctor does about what it found: each mend is safe to repeat and leaves word in the log."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shared.engine.control_writes import change_control
from shared.engine.disease import Diagnosis, Disease
from shared.engine.failures import record_failure
from shared.engine.key_sets import KeySets
from shared.engine.overview import RUNS
from shared.engine.requester import ASKED, requester
from shared.engine.segments import load_run
from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import InvalidInput, WorkerFailed
from shared.model.inputs import lists_prefix
from shared.model.runs import Run, RunKind
from shared.model.writes import Side


def mend(world: World, found: Diagnosis, *, actor: str, reason: str) -> str:
    """Mend one thing and return what was done; raise InvalidInput for what only a person can.

    Safe to repeat: a run is closed once, and what is started has a name that starts it once.
    """
    remedy = REMEDIES.get(found.disease)
    if remedy is None or not found.mendable:
        raise InvalidInput(f"{found.disease} is not for doctor to mend", mend=found.mend)
    entry = AuditEntry(
        migration=world.migration.name,
        at=world.clock.wall(),
        epoch=world.control.read(world.migration.name).epoch,
        action=f"mend {found.disease}",
        actor=actor,
        reason=reason,
        detail=found.what,
    )
    world.ledger.record(entry)
    return remedy(world, found, entry)


Remedy = Callable[[World, Diagnosis, AuditEntry], str]


def _go_on_with_job(world: World, found: Diagnosis, entry: AuditEntry) -> str:
    """Close a run whose execution is gone, and start an execution that goes on with it."""
    run = load_run(world, found.subject)
    _close(world, [run], found)
    if run.kind is RunKind.VALIDATE:
        given = {name: run.params[name] for name in ("mode", "sample_size", "repair")}
        _start(world, run, RunKind.VALIDATE, given)
        return f"{run.kind} {run.run_id} is closed, and a new one started"
    _start(
        world,
        run,
        RunKind.BACKFILL,
        {"resume_run_id": run.run_id, "dry_run": run.kind is RunKind.DRY_RUN},
    )
    return f"{run.kind} {run.run_id} is closed, and an execution started that resumes it"


def _go_on_with_journey(world: World, found: Diagnosis, entry: AuditEntry) -> str:
    """Close a journey and its jobs, and start the same one again; it goes on where all stands."""
    run = load_run(world, found.subject)
    jobs = world.ledger.runs(run.migration, RUNS)
    own = [each for each in jobs if each.active and each.facts.get("parent") == run.run_id]
    _close(world, [run, *own], found)
    # what was excluded is decided already, and may no longer be asked for in the later phases
    given = {name: each for name, each in run.params.items() if name not in ("exclude", "keys")}
    if run.params.get("keys") is not None:
        named = _named_again(world, run)
        if named is None:
            return f"{run.kind} {run.run_id} is closed; none of its records is there any more"
        given = {"keys": named, "reason": run.params["reason"]}  # the phase stays as it is
    _ask_again(world, run, entry)
    _start(world, run, run.kind, given)
    return f"{run.kind} {run.run_id} is closed, and started again"


def _named_again(world: World, run: Run) -> str | None:
    """Return where the keys are that a rollback in place was given, for as many as are there."""
    names = sorted(KeySets(world).given(run.params["keys"]))
    keys = [world.migration.source.keys.parse(name) for name in names]
    stored = world.tables.get_many(Side.SOURCE, keys)
    there = [name for name, item in zip(names, stored, strict=True) if item is not None]
    if not there:
        return None
    return world.archive.store(f"{lists_prefix(run.migration)}{world.ids.new()}.json", there)


def _give_lock_back(world: World, found: Diagnosis, entry: AuditEntry) -> str:
    holder = world.ledger.holder(world.migration.name, found.subject)
    if holder is not None:
        world.ledger.unlock(world.migration.name, found.subject, holder)
    return f"the lock {found.subject} is free"


def _take_leave_away(world: World, found: Diagnosis, entry: AuditEntry) -> str:
    now = world.clock.wall()

    def quiet(state: ControlState) -> ControlState:
        return state.without_workers(now) if state.working == found.subject else state

    change_control(world, quiet, replace(entry, action="take leave from workers"))
    return f"no worker of run {found.subject} counts as writing any more"


def _open_source(world: World, found: Diagnosis, entry: AuditEntry) -> str:
    world.administration.allow_writes(Side.SOURCE)
    return f"{world.migration.source.name} is open for writes; that takes a few seconds"


def _validate(world: World, found: Diagnosis, entry: AuditEntry) -> str:
    name = world.migration.name
    token = f"doctor-{world.control.read(name).epoch}-{entry.at:.0f}"
    world.executions.start(RunKind.VALIDATE, {"migration": name, "repair": False}, token)
    return "a validation is started; a clean pass is the certificate"


REMEDIES: dict[Disease, Remedy] = {
    Disease.HALF_DONE: _go_on_with_journey,
    Disease.STUCK_APPROVAL: _go_on_with_journey,
    Disease.LOST_WORKER: _go_on_with_job,
    Disease.STALE_LOCK: _give_lock_back,
    Disease.STALE_LEASE: _take_leave_away,
    Disease.WRITES_DENIED: _open_source,
    Disease.VOID_CERTIFICATE: _validate,
}


def _close(world: World, runs: list[Run], found: Diagnosis) -> None:
    """Close runs as a workflow does that met an error; those that have ended stay as they are."""
    cause = json.dumps({"message": f"closed by doctor: {found.what}"}, ensure_ascii=False)
    record_failure(world, [run.run_id for run in runs], WorkerFailed.__name__, cause)


def _ask_again(world: World, run: Run, entry: AuditEntry) -> None:
    """Leave word of who asks for a journey: whoever did at first, who still cannot approve it."""
    machine = (run.execution or "").rpartition(":")[0]
    execution = f"{machine}:{_token(run)}"
    asker = requester(run) or entry.actor
    asked = replace(entry, action=f"{ASKED} {run.kind}", actor=asker, detail=execution)
    world.ledger.record(asked)


def _start(world: World, run: Run, kind: RunKind, given: dict[str, Any]) -> None:
    asked = {name: each for name, each in given.items() if each is not None}
    world.executions.start(kind, {**asked, "migration": run.migration}, _token(run))


def _token(run: Run) -> str:
    return f"doctor-{run.run_id}-{run.attempt}"
