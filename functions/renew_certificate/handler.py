"""Renews the certificate while no journey does; a schedule calls it."""

from pydantic import BaseModel

from functions.entry import Call, workflow_step
from functions.ticks import Tick
from shared.engine.renewal import renewal_due
from shared.model.runs import RunKind


class Renewal(BaseModel):
    """Whether a validation was started."""

    started: bool


@workflow_step(Tick)
def handler(call: Call[Tick]) -> Renewal:
    """Start a validation if one is due; the same event delivered again starts no second one.

    It repairs nothing: what differs while readers are on v2 is for a person to look at.
    """
    world = call.world
    due = renewal_due(world)
    if due:
        given = {"migration": world.migration.name, "repair": False}
        world.executions.start(RunKind.VALIDATE, given, call.event.id)
    return Renewal(started=due)
