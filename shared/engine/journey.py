"""A journey through the phases: what comes next, decided anew at every step.

There is no script to lose one's place in: each step looks at the phase and at the guards of
the next move, and meets the first one that does not hold. So a journey that was stopped,
crashed or begun half-way goes on from where the migration is.
"""

from dataclasses import replace
from itertools import takewhile
from typing import Any

from shared.engine.admission import kept_keys, refuse_undeclared
from shared.engine.control_writes import in_force, journal
from shared.engine.criteria import criteria_document, success
from shared.engine.cutover import overtake
from shared.engine.exclusions import decide_exclusions, refuse_late
from shared.engine.itinerary import Step, next_step
from shared.engine.locks import lock_name, take_lock
from shared.engine.measuring import measured_from, phase_measured
from shared.engine.news import tell_end, tell_start
from shared.engine.reports import store_report
from shared.engine.requester import who_asked
from shared.engine.segments import load_active, load_run
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.errors import GuardRefused, InvalidInput, Superseded
from shared.model.in_place import InPlace
from shared.model.inputs import MigrateInput, RollbackInput, read_input
from shared.model.phases import Phase
from shared.model.runs import Counts, Run, RunKind, RunStatus

PASSES = 5
"""How often in a row validation may find more to repair before a person is asked to look."""

JOBS = 200
"""How many of a migration's newest runs are looked through for a journey's own."""


def begin_journey(world: World, kind: RunKind, given: Any, execution: str) -> Run:
    """Begin a migrate or rollback; raise InvalidInput, GuardRefused or AlreadyRunning."""
    state = in_force(world, world.control.read(world.migration.name))
    accepted = _rollback if kind is RunKind.ROLLBACK else _migrate
    params = accepted(world, state, given)
    run = Run(
        run_id=world.ids.new(),
        kind=kind,
        migration=world.migration.name,
        status=RunStatus.RUNNING,
        phase=state.phase,
        epoch=state.epoch,
        voids=state.voids,
        started_at=world.clock.wall(),
        actor=execution,
        execution=execution,
        params=params,
        facts={
            "epoch": state.epoch,
            "digest": world.digest,
            **measured_from(state),
            "requester": who_asked(world, execution),
        },
    )
    overtaken = take_lock(world, run)
    if overtaken is not None:
        run = overtake(world, run, overtaken)
    decide_exclusions(world, params.get("exclude"), run.actor)
    world.ledger.record(journal(run, "start", f"in {state.phase}", run.started_at))
    tell_start(world, run)
    return run


def plan_step(world: World, run_id: str) -> Step:
    """Return the next step; raise Superseded when somebody else has moved the migration."""
    run = load_active(world, run_id)
    state = world.control.read(run.migration)
    expected = int(run.facts["epoch"])
    if state.epoch != expected and not (state.epoch == expected + 1 and state.mover == run_id):
        raise Superseded(
            f"{run.migration} was moved to {state.phase} by somebody else", run_id=run_id
        )
    if state.epoch != expected:
        run = run.with_facts(epoch=state.epoch)
        world.ledger.save(run)
    if _held(world, run) is not None:
        return Step("FINISH", reason="a person must act")
    return next_step(world, run, state)


def finish_journey(world: World, run_id: str) -> Run:
    """End a journey: SUCCEEDED where it wanted to be, HELD when a person must act."""
    run = load_run(world, run_id)
    if not run.active:
        return run
    state = world.control.read(run.migration)
    held = _held(world, run) or run.facts.get("held")
    status = RunStatus.HELD if held else RunStatus.SUCCEEDED
    run = replace(
        run,
        status=status,
        phase=state.phase,
        finished_at=world.clock.wall(),
        counts=_counts(world, run),
    )
    run = phase_measured(world, run.with_facts(held=held), state)
    if run.kind is RunKind.MIGRATE:  # a way back is no success to judge
        run = run.with_facts(criteria=criteria_document(success(world)))
    run = replace(run, report=store_report(world, run))
    world.ledger.release(run, lock_name(run.kind))
    world.ledger.record(journal(run, "finish", status, run.finished_at or 0.0))
    tell_end(world, run)
    return run


# -- how a journey begins


def _migrate(world: World, state: ControlState, given: Any) -> dict[str, Any]:
    parsed = read_input(MigrateInput, given, world.migration.name)
    until = parsed.until or world.migration.goal
    refuse_undeclared(world, until, "until")
    if parsed.exclude:
        refuse_late(state)
    ramp = parsed.ramp or list(world.environment.ramp)
    params = {**parsed.model_dump(mode="json"), "until": until.value, "ramp": ramp}
    params["exclude"] = kept_keys(world, parsed.exclude, "exclude")
    return params


def _rollback(world: World, state: ControlState, given: Any) -> dict[str, Any]:
    parsed = read_input(RollbackInput, given, world.migration.name)
    refuse_undeclared(world, parsed.to_phase, "to_phase")
    params = parsed.model_dump(mode="json")
    if isinstance(world.migration, InPlace):
        params["keys"] = kept_keys(world, parsed.keys, "keys")
    elif parsed.keys is not None:
        raise InvalidInput(
            "a table-to-table migration is rolled back as a whole",
            field="keys",
            mend="leave keys out",
        )
    if state.phase is Phase.DECOMMISSIONED:
        raise GuardRefused(
            "v1 is deleted: there is nothing to roll back to",
            missing=("source",),
            mend="restore v1 from its archive",
        )
    if parsed.keys is not None and "to_phase" not in parsed.model_fields_set:
        return {**params, "to_phase": state.phase.value}  # some records go back, the phase stays
    if parsed.to_phase.order > state.phase.order:
        raise InvalidInput(
            f"{parsed.to_phase} lies ahead of {state.phase}",
            field="to_phase",
            mend="roll back to an earlier phase, or start migrate",
        )
    return params


# -- how a journey ends


def _held(world: World, run: Run) -> str | None:
    """Return why a person must act before the journey can go on, from its last jobs."""
    if run.facts.get("held"):
        return str(run.facts["held"])
    jobs = _jobs(world, run)
    if not jobs or jobs[0].status is not RunStatus.HELD:
        return None
    last = jobs[0]
    if last.kind is RunKind.VALIDATE and not last.facts.get("paused") and last.counts.repaired:
        passes = takewhile(lambda job: job.status is RunStatus.HELD, jobs)
        if len(list(passes)) < PASSES:
            return None  # something was repaired: look again
    return f"{last.kind} {last.run_id} holds records that a person must decide about"


def _jobs(world: World, run: Run) -> list[Run]:
    """Return the jobs of a journey, the newest first."""
    listed = world.ledger.runs(run.migration, JOBS)
    return [each for each in listed if each.facts.get("parent") == run.run_id]


def _counts(world: World, run: Run) -> Counts:
    """Return what a journey's jobs counted: its last copy, or what was held, and all repairs."""
    jobs = _jobs(world, run)
    copies = [each.counts for each in jobs if each.kind in (RunKind.BACKFILL, RunKind.RESTORE)]
    rehearsed = [replace(each.counts, written=0) for each in jobs if each.kind is RunKind.DRY_RUN]
    passes = [each.counts for each in jobs if each.kind is RunKind.VALIDATE]
    base = next(iter(copies + rehearsed), Counts())
    return base.plus(
        mismatched=sum(each.mismatched for each in passes),
        repaired=sum(each.repaired for each in passes),
    )
