"""The tripwire's lag: while it learns of writes too late, no certificate stands.

A certificate rests on the tripwire to notice what is written past the wrapper after the pass.
One that is behind by more than the environment's `stream_lag` cannot, so the certificate is
void, and none is granted before no late record has come for as long again.

Safe to repeat: a lapse voids once; while it lasts only its end is moved on.
"""

from dataclasses import replace

from shared.engine.control_writes import change_control
from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.metrics import Metric
from shared.model.phases import CERTIFIED


def heed_lag(world: World, written_at: float) -> bool:
    """Take note of the oldest record of a batch (epoch seconds); tell whether it came too late."""
    limit = world.environment.stream_lag
    lag = world.clock.wall() - written_at
    world.meter.sample(Metric.TRIPWIRE_LAG, max(0.0, lag))
    if lag <= limit:
        return False

    def late(state: ControlState) -> ControlState:
        now = world.clock.wall()  # of this look: the lapse before may be over since the last one
        if state.phase.group not in CERTIFIED or state.late_until > now + limit / 2:
            return state
        after = state if state.late(now) else state.voided()
        return replace(after, late_until=now + limit)

    standing = world.control.read(world.migration.name).certificate is not None
    action = "void certificate" if standing else "streams are late"
    change_control(world, late, _entry(world, action, lag, limit))
    return True


def _entry(world: World, action: str, lag: float, limit: float) -> AuditEntry:
    return AuditEntry(
        migration=world.migration.name,
        at=world.clock.wall(),
        epoch=0,
        action=action,
        actor="tripwire",
        reason=f"the streams are read {lag:.0f} s late",
        detail=f"a certificate is granted again once they were in time for {limit:.0f} s",
    )
