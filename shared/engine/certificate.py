"""When a validation pass is proof: rule 5 of docs/protocol.md, "Transitions"."""

from dataclasses import replace

from shared.engine.exclusions import Exclusions
from shared.engine.world import World
from shared.model.control import PROTOCOL, Certificate, ControlState
from shared.model.phases import CERTIFIED
from shared.model.runs import Run, RunKind


def with_certificate(world: World, run: Run, state: ControlState) -> ControlState:
    """Return the state with a certificate for a clean pass, or unchanged if it proves nothing.

    The pass was full, no move and nothing that voids a certificate happened since it began,
    and it began after settle and after the worker fence (`begin_run` saw to that). The
    tripwire must be in time, or nobody would learn of what is written past the wrapper next.
    """
    undisturbed = state.epoch == run.epoch and state.voids == run.voids
    undisturbed = undisturbed and not state.late(world.clock.wall())
    proof = run.params["mode"] == "full" and undisturbed and state.phase.group in CERTIFIED
    if not proof or run.facts["digest"] != world.digest:
        return state
    certificate = Certificate(
        run_id=run.run_id,
        began_at=float(run.facts["begin_at"]),
        granted_at=world.clock.wall(),
        epoch=state.epoch,
        phase=state.phase,
        digest=world.digest,
        protocol=PROTOCOL,
        scanned=run.counts.scanned,
        repaired=run.counts.repaired,
        excluded=len(Exclusions(world).keys(state)),
        report=run.report or "",
    )
    return replace(state, certificate=certificate)


def why_stale(world: World, certificate: Certificate) -> str | None:
    """Return why a certificate that was granted proves nothing any more; None while it stands."""
    now, age = world.clock.wall(), world.environment.certificate_age
    if certificate.fresh(now, age, world.digest):
        return None
    if certificate.protocol != PROTOCOL:
        return f"it speaks of version {certificate.protocol} of the protocol, not of {PROTOCOL}"
    if certificate.digest != world.digest:
        return "it speaks of another transform: the code of the migration has changed since"
    old = now - certificate.began_at
    if old < 0:
        return f"its pass began {-old:.0f} s from now: a clock is wrong"
    return f"it is {old:.0f} s old; {age:.0f} s are allowed"


def disproved(run: Run, state: ControlState) -> ControlState:
    """Return the state without its certificate when a pass left records that differ.

    Each was looked at twice, so something wrote outside the wrapper since the certificate.
    """
    differs = run.kind is RunKind.VALIDATE and run.counts.mismatched > run.counts.repaired
    return state.voided() if differs and state.certificate is not None else state
