"""When the certificate is renewed: rule 5 of docs/protocol.md, "Transitions".

While readers depend on v2, a fresh certificate keeps the way back from READ_V2 open, so that
an alarm need not wait for a pass. A journey under way renews it itself; else a schedule does.
"""

from shared.engine.admission import transform_changed
from shared.engine.locks import lock_name, under_way
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.phases import PhaseClass
from shared.model.runs import RunKind

KEPT_UP = frozenset({PhaseClass.READ_N, PhaseClass.READ_V2})
"""The classes of phases in which a certificate is kept up."""


def renewal_at(world: World, state: ControlState) -> float | None:
    """Return when the certificate has reached half its age limit (epoch seconds).

    None where no certificate is kept up; 0 when there is none, or it is void.
    """
    if state.phase.group not in KEPT_UP:
        return None
    if state.certificate is None:
        return 0.0
    return state.certificate.began_at + world.environment.certificate_age / 2


def renewal_due(world: World) -> bool:
    """Tell whether a validation should be started now to renew the certificate.

    Not while another run works or a journey is under way, which would both be disturbed, nor
    with a changed transform, with which no run may start, nor while no pass could be proof.
    """
    state = world.control.read(world.migration.name)
    at = renewal_at(world, state)
    now = world.clock.wall()
    if at is None or at > now or state.late(now) or transform_changed(world, state):
        return False
    locks = (lock_name(RunKind.VALIDATE), lock_name(RunKind.MIGRATE))
    return all(under_way(world, lock) is None for lock in locks)
