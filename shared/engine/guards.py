"""What still stands between a migration and its next phase: exactly what, and until when."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.engine.certificate import why_stale
from shared.engine.exclusions import Exclusions
from shared.engine.quiet import disquiet
from shared.engine.requester import alone, said
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.in_place import InPlace
from shared.model.moves import Guard, Move
from shared.model.phases import Phase
from shared.model.runs import RunStatus, instant


@dataclass(frozen=True, slots=True)
class Missing:
    """A guard that does not hold yet; `until` is when it will by itself (epoch seconds)."""

    guard: Guard
    reason: str
    until: float | None = None


Check = Callable[[World, ControlState, Move], Missing | None]


def missing(
    world: World, state: ControlState, move: Move, asker: str | None = None
) -> list[Missing]:
    """Return the guards of a move that do not hold, in the order in which to meet them.

    `asker` is who asks for the move, whose own approval does not count.
    """
    abort = is_abort(world, state, move)
    found = []
    for guard, check in CHECKS.items():
        if guard not in move.guards or (abort and guard in ABORT_NEEDS_NO):
            continue
        lack = check(world, state, move)
        if lack is None and guard in BY_ANOTHER:
            lack = BY_ANOTHER[guard](world, state, move, asker)
        if lack is not None:
            found.append(lack)
    return found


def lacks_at_return(world: World, state: ControlState) -> tuple[Move, list[Missing]]:
    """Return what a rollback that has arrived still asks for: in READ_V2, v1 brought up to date.

    It comes as a move that stays where it is, with its guards that do not hold.
    """
    proof = frozenset({Guard.SETTLED, Guard.CERTIFICATE})
    wanted = Move(state.phase, state.phase, "v1 has what was written to v2 alone", proof)
    return wanted, missing(world, state, wanted) if state.phase is Phase.READ_V2 else []


def owes_at_return(world: World, state: ControlState) -> bool:
    """Tell whether a rollback has work to do in the phase where it arrives, or is already."""
    if isinstance(world.migration, InPlace):
        return state.phase is Phase.READ_BOTH and state.restored is None
    return bool(lacks_at_return(world, state)[1])


def is_abort(world: World, state: ControlState, move: Move) -> bool:
    """Tell whether a move takes back one that has not settled: that is safe at once.

    That counts from before it was written: what may be in force for long is no abort.
    """
    unsettled = world.clock.wall() < state.class_change.at + world.environment.timing.settle
    changes = move.start.group is not move.end.group
    return unsettled and changes and state.previous.group is move.end.group and not move.forward


def raises_share(world: World, state: ControlState, percent: int) -> Move:
    """Return the move of going from one percentage of reads on v2 to a higher one."""
    guards = frozenset({Guard.ACKNOWLEDGED, Guard.SOAKED, Guard.QUIET})
    of_readers = state.phase is Phase.READ_N
    if of_readers:
        guards |= {Guard.CERTIFICATE}
    if world.environment.approves_each_share:
        guards |= {Guard.APPROVED}
    what = "reads" if of_readers else "writes"
    return Move(state.phase, state.phase, f"{state.percent} to {percent} % of {what}", guards)


def approval_lack(
    world: World, state: ControlState, gate: Phase, asker: str | None
) -> Missing | None:
    """Return what is wrong with the approval of a gate, that of its asker included."""
    entry = Move(state.phase, gate, "", frozenset({Guard.APPROVED}))
    return _approved(world, state, entry) or _self_approved(world, state, entry, asker)


def _settled(world: World, state: ControlState, move: Move) -> Missing | None:
    now = world.clock.wall()
    at = state.settled_at(now, world.environment.timing)
    if now >= at:
        return None
    reason = f"some instances may still act on {state.previous}"
    if state.class_change.seen is None:
        reason += "; the time counts from the next job or move, which notes it"
    return Missing(Guard.SETTLED, reason, at)


def _dry_run(world: World, state: ControlState, move: Move) -> Missing | None:
    run = world.ledger.load(state.dry_run) if state.dry_run else None
    if run is None or run.status is not RunStatus.SUCCEEDED:
        return Missing(Guard.DRY_RUN, "no clean dry run over the whole source")
    if run.facts.get("digest") != world.digest:
        return Missing(Guard.DRY_RUN, "the dry run was made with another transform")
    return None


def _backfilled(world: World, state: ControlState, move: Move) -> Missing | None:
    if state.backfilled is not None:
        return None
    in_place = isinstance(world.migration, InPlace)
    began = "writes leave the new shape" if in_place else "dual-writes began"
    return Missing(Guard.BACKFILLED, f"no backfill was completed since {began}")


def _synced(world: World, state: ControlState, move: Move) -> Missing | None:
    waiting = world.syncs.waiting()
    if not waiting:
        return None
    again = world.clock.wall() + world.environment.timing.settle
    return Missing(Guard.SYNCED, f"{waiting} records lag in the other table", again)


def _restored(world: World, state: ControlState, move: Move) -> Missing | None:
    if state.restored is not None:
        return None
    return Missing(Guard.RESTORED, "no restore has shown that nothing is in the new shape")


def _certified(world: World, state: ControlState, move: Move) -> Missing | None:
    certificate = state.certificate
    if certificate is None and state.late(world.clock.wall()):
        reason = "the certificate is void: the streams are read too late to vouch for it"
        return Missing(Guard.CERTIFICATE, reason, state.late_until)
    if certificate is None:
        return Missing(Guard.CERTIFICATE, "there is no certificate: it was never granted, or void")
    stale = why_stale(world, certificate)
    return Missing(Guard.CERTIFICATE, f"the certificate is stale: {stale}") if stale else None


def _soaked(world: World, state: ControlState, move: Move) -> Missing | None:
    if move.end is Phase.READ_V2 and state.percent < 100:
        return Missing(Guard.SOAKED, f"all reads are watched on v2 first, not {state.percent} %")
    if state.phase is Phase.WRITE_NEW and move.forward and state.percent < 100:
        share = f"all writes are watched in the new shape first, not {state.percent} %"
        return Missing(Guard.SOAKED, share)
    soak = world.environment.soak.after(state.phase, state.percent)
    at = state.since + soak
    if world.clock.wall() >= at:
        return None
    return Missing(Guard.SOAKED, f"{state.phase} is watched for {soak:.0f} s", at)


def _acknowledged(world: World, state: ControlState, move: Move) -> Missing | None:
    hold = state.hold
    if hold is None:
        return None
    return Missing(
        Guard.ACKNOWLEDGED,
        f"{hold.alarm} went off in {hold.phase} at {instant(hold.since)} and nobody has"
        f" acknowledged it: `cutover approve {state.migration} --alarm --reason …`",
    )


def _quiet(world: World, state: ControlState, move: Move) -> Missing | None:
    reason = disquiet(world)
    return None if reason is None else Missing(Guard.QUIET, reason)


def _self_approved(
    world: World, state: ControlState, move: Move, asker: str | None
) -> Missing | None:
    approval = world.ledger.approval(state.migration, move.end)
    if approval is None or not alone(world, approval.approver, approval.second, asker):
        return None
    told = said(f"{approval.gate} was approved", asker, "approves")
    return Missing(Guard.APPROVED, told)


def _self_released(
    world: World, state: ControlState, move: Move, asker: str | None
) -> Missing | None:
    releaser = state.releaser
    if not state.released or releaser is None:
        return None
    if not alone(world, releaser, state.co_releaser, asker):
        return None
    told = said("the excluded records were released", asker, "releases them")
    return Missing(Guard.EXCLUSIONS_RELEASED, told)


def _approved(world: World, state: ControlState, move: Move) -> Missing | None:
    approval = world.ledger.approval(state.migration, move.end)
    if approval is None or approval.epoch != state.epoch:
        return Missing(Guard.APPROVED, f"nobody has approved {move.end} since {state.phase} began")
    age = world.environment.approval_age
    if world.clock.wall() > approval.at + age:
        return Missing(Guard.APPROVED, f"the approval is older than {age:.0f} s: give it again")
    if move.end is Phase.DECOMMISSIONED and approval.table != world.migration.source.name:
        return Missing(Guard.APPROVED, "the approval does not repeat the name of the table")
    return None


def _released(world: World, state: ControlState, move: Move) -> Missing | None:
    keys = Exclusions(world).keys(state)
    if not keys or state.released:
        return None
    stay = (
        "are left in the old shape" if isinstance(world.migration, InPlace) else "exist only in v1"
    )
    return Missing(
        Guard.EXCLUSIONS_RELEASED,
        f"{len(keys)} excluded records {stay}, and nobody has released them:"
        f" `cutover status {state.migration} --json` lists them,"
        f" `cutover approve {state.migration} {move.end} --release-excluded` releases them",
    )


def _exported(world: World, state: ControlState, move: Move) -> Missing | None:
    if state.exported is not None:
        return None
    return Missing(
        Guard.EXPORT_VERIFIED, "v1 has not been exported and verified since its last write"
    )


CHECKS: dict[Guard, Check] = {
    Guard.ACKNOWLEDGED: _acknowledged,
    Guard.SETTLED: _settled,
    Guard.DRY_RUN: _dry_run,
    Guard.BACKFILLED: _backfilled,
    Guard.SYNCED: _synced,
    Guard.RESTORED: _restored,
    Guard.SOAKED: _soaked,
    Guard.QUIET: _quiet,
    Guard.EXCLUSIONS_RELEASED: _released,
    Guard.APPROVED: _approved,
    Guard.CERTIFICATE: _certified,
    Guard.EXPORT_VERIFIED: _exported,
}

BY_ANOTHER = {
    Guard.APPROVED: _self_approved,
    Guard.EXCLUSIONS_RELEASED: _self_released,
}
"""What one person does not do alone: whoever asks for a move cannot meet these for it."""

ABORT_NEEDS_NO = frozenset({Guard.SETTLED, Guard.CERTIFICATE})
