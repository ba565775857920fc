"""Moves by hand, the state in which one may be made, and a state changed behind the engine."""

from dataclasses import replace
from typing import Any

from shared.engine.cutover import move_by_hand
from shared.model.control import AuditEntry, ControlState
from shared.model.moves import Guard, Move
from shared.model.phases import Phase
from tests.unit.engine.conductor import Conductor, legacy, stage, way_through


def set_state(conductor: Conductor, **fields: Any) -> None:
    """Change the control item behind the engine's back."""
    state = conductor.state
    entry = AuditEntry(state.migration, 0.0, state.epoch, "test", "test", "")
    changed = replace(state, revision=state.revision + 1, **fields)
    conductor.world.control.write(changed, state.revision, entry)


def by_hand(conductor: Conductor, to: Phase, percent: int | None = None) -> ControlState:
    return move_by_hand(conductor.world, to, percent, actor="Ada", reason="a test")


def ready(each: Move) -> Conductor:
    """Return a migration for which every guard of a move holds."""
    migration = way_through(each.start, each.end)
    conductor = stage(legacy("A"), legacy("X", active="yes"), migration=migration)
    conductor.migrate(approve="auto", until="DUAL_WRITE", exclude=["X"])
    set_state(conductor, released=True)
    conductor.go_to(each.start)
    if each.start is Phase.OFF:
        conductor.dry_run()
    if Guard.BACKFILLED in each.guards:
        conductor.backfill()
    if Guard.CERTIFICATE in each.guards:
        conductor.validate()
    if Guard.EXPORT_VERIFIED in each.guards:
        set_state(conductor, exported="arn:export")
    conductor.settle()
    if Guard.APPROVED in each.guards:
        conductor.approve(each.end)
    return conductor
