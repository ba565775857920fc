"""Starts a state machine and waits until the run has begun, or says why it was refused.

The engine alone decides whether a run may begin; so its refusal is waited for, and shown here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import typer

from cli.endings import CommandFailed, ExitCode, failure_of, outcome_code
from cli.finding_runs import LOOKED_THROUGH
from cli.following import follow
from cli.session import Session
from cli.views.launched import launched_view, outcome_view
from shared.aws.state_machines import Outcome
from shared.engine.overview import JOURNEYS
from shared.engine.requester import ASKED
from shared.engine.world import World
from shared.model.control import AuditEntry
from shared.model.inputs import BackfillInput, MigrateInput, RollbackInput, RunInput, read_input
from shared.model.inputs import ValidateInput as Validation
from shared.model.runs import Run, RunKind, RunStatus

PATIENCE = 40
"""How often to look for the new run; a function that starts cold takes seconds."""
LOOK_EVERY = 0.5

_INPUTS: dict[RunKind, tuple[str, type[RunInput]]] = {
    RunKind.DRY_RUN: ("backfill", BackfillInput),
    RunKind.BACKFILL: ("backfill", BackfillInput),
    RunKind.VALIDATE: ("validate", Validation),
    RunKind.MIGRATE: ("migrate", MigrateInput),
    RunKind.ROLLBACK: ("rollback", RollbackInput),
}


@dataclass(frozen=True, slots=True)
class Launched:
    """A started execution, and its run once that has begun."""

    kind: RunKind
    execution: str
    run_id: str | None


def launch(
    session: Session, world: World, kind: RunKind, given: Mapping[str, Any], reason: str
) -> Launched:
    """Start a state machine; raise what the engine refuses it for, while one waits."""
    name = world.migration.name
    machine, model = _INPUTS[kind]
    sent = {"migration": name, **{key: each for key, each in given.items() if each is not None}}
    read_input(model, sent, name)
    workflows = session.cloud.workflows
    started_as = world.ids.new()
    execution = workflows.execution(f"cutover-{name}-{machine}", started_as)
    world.ledger.record(  # before the start: whoever approves the journey must be somebody else
        AuditEntry(
            migration=name,
            at=world.clock.wall(),
            epoch=world.control.read(name).epoch,
            action=f"{ASKED} {kind}",
            actor=session.actor,
            reason=reason,
            detail=execution,
        )
    )
    workflows.start(f"cutover-{name}-{machine}", sent, started_as)
    return Launched(kind, execution, _begun(session, world, execution))


def finish(session: Session, world: World, launched: Launched, *, watch: bool) -> None:
    """Print what was started, or follow it to its end and exit by how it ended."""
    if not watch:
        document = {
            "migration": world.migration.name,
            "kind": launched.kind.value,
            "execution": launched.execution,
            "run_id": launched.run_id,
        }
        session.answer(
            document,
            launched_view(world, launched.kind, launched.execution, launched.run_id),
        )
        return
    conclude(session, world, launched.execution, follow(session, world, launched.execution))


def conclude(session: Session, world: World, execution: str, outcome: Outcome) -> None:
    """Print how an execution ended, and exit by it; a failure is raised as its error."""
    if outcome.status != "SUCCEEDED":
        raise failure_of(outcome)
    if outcome.output is None:
        raise CommandFailed("the execution ended without an output", mend="look at its history")
    run = world.ledger.load(str(outcome.output["run_id"]))
    held = _held(world, run) if run else None
    session.answer(
        {**outcome.output, "execution": execution}, outcome_view(world, outcome.output, run, held)
    )
    code = outcome_code(outcome)
    if code is not ExitCode.OK:
        raise typer.Exit(code)


def _held(world: World, run: Run) -> Run | None:
    """Return the run that holds records: a journey's newest job of that kind, or the run itself."""
    if run.status is not RunStatus.HELD or run.kind not in JOURNEYS:
        return run
    newest = world.ledger.runs(run.migration, LOOKED_THROUGH)
    jobs = (each for each in newest if each.facts.get("parent") == run.run_id)
    return next((each for each in jobs if each.status is RunStatus.HELD), run)


def _begun(session: Session, world: World, execution: str) -> str | None:
    """Return the id of an execution's run as soon as there is one; None if that takes long."""
    for _ in range(PATIENCE):
        run = _run_of(world, execution)
        if run is not None:
            return run.run_id
        outcome = session.cloud.workflows.outcome(execution)
        if outcome.ended and outcome.status != "SUCCEEDED":
            raise failure_of(outcome)
        world.clock.sleep(LOOK_EVERY)
    return None


def _run_of(world: World, execution: str) -> Run | None:
    newest = world.ledger.runs(world.migration.name, 10)
    own = (run for run in newest if run.execution == execution and not run.facts.get("parent"))
    return next(own, None)
