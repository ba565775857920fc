"""The copies of v1: a backup before anything else, an archive at the end, and its deletion.

An export counts only after it was read back: items and files counted, checksums compared.
"""

import time
from dataclasses import asdict, dataclass, replace

from shared.engine.control_writes import change_control, journal
from shared.engine.segments import load_run
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.errors import GuardRefused, Superseded, WorkerFailed
from shared.model.phases import Phase
from shared.model.runs import Run
from shared.model.writes import Side
from shared.ports import ExportProof, ExportStatus

LONGEST_PAUSE = 60.0
"""Seconds between two looks at an export; shorter where the environment's phases are."""


@dataclass(frozen=True, slots=True)
class ExportStep:
    """Whether an export is done, and when to look again (epoch seconds)."""

    done: bool
    check_at: float


def export_source(world: World, run_id: str, purpose: str) -> ExportStep:
    """Start an export of v1, look how far it is, or verify it; to be called until done.

    For the purpose `archive` v1 is closed for writes first, so that the export is its last word.
    """
    run = load_run(world, run_id)
    arn = run.facts.get(f"{purpose}_export")
    if arn is None:
        if purpose == "archive" and (denied_at := _close(world, run)) > world.clock.wall():
            return ExportStep(False, denied_at)
        arn = world.exports.start(Side.SOURCE, _prefix(world, purpose), f"{run_id}-{purpose}")
        world.ledger.save(load_run(world, run_id).with_facts(**{f"{purpose}_export": arn}))
        return ExportStep(False, _next_look(world))
    status, why = world.exports.status(arn)
    if status is ExportStatus.FAILED:
        world.ledger.save(run.with_facts(**{f"{purpose}_export": None}))
        raise WorkerFailed(
            f"the export of v1 failed: {why}", run_id=run_id, mend="start the migration again"
        )
    if status is ExportStatus.IN_PROGRESS:
        return ExportStep(False, _next_look(world))
    proof = world.exports.verify(arn)
    world.ledger.save(run.with_facts(**{purpose: asdict(proof)}))
    if purpose == "archive":
        _remember(world, run, proof)
    return ExportStep(True, world.clock.wall())


def delete_source(world: World, run_id: str) -> None:
    """Delete v1, which only DECOMMISSIONED allows; deleting it again changes nothing."""
    run = load_run(world, run_id)
    state = world.control.read(run.migration)
    if state.phase is not Phase.DECOMMISSIONED or state.exported is None:
        raise GuardRefused(
            f"v1 is deleted in {Phase.DECOMMISSIONED} only, not in {state.phase}",
            missing=("phase",),
            run_id=run_id,
        )
    world.administration.delete_table(Side.SOURCE, state.source_id)
    world.ledger.save(run.with_facts(deleted=True))
    world.ledger.record(
        journal(run, "delete v1", f"archived as {state.exported}", world.clock.wall())
    )


def _close(world: World, run: Run) -> float:
    """Deny writes to v1 and return from when on the denial is surely in force everywhere.

    Raises Superseded when the migration is no longer where nobody needs to write v1.
    """
    state = world.control.read(run.migration)
    if state.phase is not Phase.WRITE_V2_ONLY or state.epoch != run.facts["epoch"]:
        if state.phase.order < Phase.WRITE_V2_ONLY.order:  # a try before this may have died closing
            world.administration.allow_writes(Side.SOURCE)
        raise Superseded(f"the migration moved to {state.phase}", run_id=run.run_id)
    closed_at = run.facts.get("closed_at")
    if closed_at is None:
        world.administration.deny_writes(Side.SOURCE)
        if world.control.read(run.migration).epoch != state.epoch:
            world.administration.allow_writes(Side.SOURCE)
            raise Superseded("the migration moved while v1 was being closed", run_id=run.run_id)
        closed_at = world.clock.wall()
        world.ledger.save(run.with_facts(closed_at=closed_at))
    return float(closed_at) + world.environment.timing.settle


def _remember(world: World, run: Run, proof: ExportProof) -> None:
    """Put the verified archive on the control item; a migration that moved on keeps none."""

    def exported(state: ControlState) -> ControlState:
        if state.phase is not Phase.WRITE_V2_ONLY or state.epoch != run.facts["epoch"]:
            raise Superseded(f"the migration moved to {state.phase}", run_id=run.run_id)
        return replace(state, exported=proof.arn)

    detail = f"{proof.items} items in {proof.files} files, checksums equal"
    change_control(world, exported, journal(run, "archive v1", detail, world.clock.wall()))


def _prefix(world: World, purpose: str) -> str:
    day = time.strftime("%Y-%m-%d", time.gmtime(world.clock.wall()))
    return f"{purpose}/{world.migration.name}/{day}"


def _next_look(world: World) -> float:
    return world.clock.wall() + min(LONGEST_PAUSE, world.environment.timing.lease)
