"""Tells the state of a migration that no request shows, as metrics; a schedule calls it."""

from pydantic import BaseModel

from functions.entry import Call, workflow_step
from functions.ticks import Tick
from shared.engine.gauges import gauges
from shared.model.metrics import Metric


class Observed(BaseModel):
    """The values that were told."""

    gauges: dict[Metric, float]


@workflow_step(Tick)
def handler(call: Call[Tick]) -> Observed:
    """Look at the books and tell what they say; looking twice tells the same twice."""
    found = gauges(call.world)
    for metric, value in found.items():
        call.world.meter.sample(metric, value)
    return Observed(gauges=found)
