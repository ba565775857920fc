"""What comes next on a journey: the first guard of the next move that does not hold, met.

There is no script to lose one's place in: a journey that was stopped, crashed or begun half-way
goes on from where the migration is.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.engine.cutover import approve
from shared.engine.guards import Missing, lacks_at_return, missing, raises_share
from shared.engine.locks import lock_name, under_way
from shared.engine.quiet import disquiet
from shared.engine.renewal import renewal_at
from shared.engine.requester import AUTO, asker_of
from shared.engine.segments import load_run
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.in_place import InPlace
from shared.model.moves import Guard, Move, move_between, next_towards
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus

LONGEST_WAIT = 30 * 86400
"""Seconds for which a workflow waits for a person before it looks again."""

LOOKED_THROUGH = 20
"""How many of the newest runs are looked through for a restore of the journey's own."""

NOISE_LOOKS = 20
"""How often a journey looks again at an alarm, two settles apart, before a person must act."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a journey does next; only the fields of its kind are set.

    `until` is an epoch time; `patience` bounds the seconds of waiting for an approval.
    """

    kind: str
    reason: str = ""
    to: Phase | None = None
    percent: int | None = None
    gate: Phase | None = None
    until: float | None = None
    patience: int = LONGEST_WAIT
    given: dict[str, Any] = field(default_factory=dict)


def next_step(world: World, run: Run, state: ControlState) -> Step:
    """Return the next step from where the migration stands; a step that waits says until when."""
    goal = Phase(run.params["to_phase" if run.kind is RunKind.ROLLBACK else "until"])
    back = run.kind is RunKind.ROLLBACK
    if back and isinstance(world.migration, InPlace):
        restoring = _restoring(world, run, state, goal)
        if restoring is not None:
            return restoring
    if back and state.phase is goal:
        return _returned(world, run, state)
    if not back and state.phase.order >= goal.order:
        return _arrived(world, run, state, goal)
    planned, percent = _planned_move(world, run, state, goal)
    return _before_anything(run, state) or _step_towards(world, run, state, planned, percent)


def _before_anything(run: Run, state: ControlState) -> Step | None:
    """Return what comes before anything else: the checks of both tables, and a copy of v1."""
    if run.kind is RunKind.ROLLBACK or state.phase is not Phase.OFF:
        return None
    if not run.facts.get("preflight"):
        return Step("CHECK", reason="before anything is touched")
    if not run.facts.get("backup"):
        return Step("BACK_UP", reason="a copy of v1 before anything else")
    return None


def _returned(world: World, run: Run, state: ControlState) -> Step:
    """Return what the goal of a rollback still asks for: in READ_V2, v1 brought up to date.

    Coming back from single writes v1 lacks them until then, and no way leads further home.
    """
    wanted, lacks = lacks_at_return(world, state)
    if lacks:
        return _remedy(world, run, state, wanted, lacks[0])
    return Step("FINISH", reason=f"{state.phase} is reached")


def _restoring(world: World, run: Run, state: ControlState, goal: Phase) -> Step | None:
    """Return the restore that a rollback in place owes where it stands; None when it owes none.

    Named records go back wherever the migration stands; all of them in READ_BOTH, where no write
    makes new ones.
    """
    keys = run.params.get("keys")
    here = state.phase is goal if keys is not None else state.phase is Phase.READ_BOTH
    if not here or state.restored is not None or _restored_here(world, run, state):
        return None
    lower = keys is None and goal is Phase.OFF
    given = {"migration": run.migration, "keys": keys, "lower": lower}
    return _queue(world, run) or Step("RESTORE", reason="records go back", given=given)


def _restored_here(world: World, run: Run, state: ControlState) -> bool:
    """Tell whether this journey has restored what it had to since the last move."""
    return any(
        each.kind is RunKind.RESTORE
        and each.status is RunStatus.SUCCEEDED
        and each.facts.get("parent") == run.run_id
        and each.epoch == state.epoch
        for each in world.ledger.runs(run.migration, LOOKED_THROUGH)
    )


def _arrived(world: World, run: Run, state: ControlState, goal: Phase) -> Step:
    """Return what the goal itself still asks for: its ramp, its validation, its deletion."""
    if goal is state.phase is Phase.VALIDATE:
        wanted = Move(
            goal, goal, "both tables agree", frozenset({Guard.SETTLED, Guard.CERTIFICATE})
        )
        lacks = missing(world, state, wanted)
        if lacks:
            return _remedy(world, run, state, wanted, lacks[0])
    share = _next_share(run, state)
    if goal is state.phase and goal.ramped and share is not None:
        return _step_towards(world, run, state, raises_share(world, state, share), share)
    gone = run.facts.get("deleted") or not world.environment.has_source
    if state.phase is Phase.DECOMMISSIONED and not gone:
        return _deletion(world, state)
    return Step("FINISH", reason=f"{goal} is reached")


def _deletion(world: World, state: ControlState) -> Step:
    """Return the deletion of v1, or the wait until no instance looks at v1's id any more."""
    now = world.clock.wall()
    at = state.settled_at(now, world.environment.timing)
    if now < at:
        return Step("WAIT", reason="some instances may still look for v1", until=at)
    return Step("DELETE", reason="v1 is archived and its deletion approved")


def _planned_move(
    world: World, run: Run, state: ControlState, goal: Phase
) -> tuple[Move, int | None]:
    """Return the next move of the journey and the percentage of reads it sets."""
    share = _next_share(run, state)
    if run.kind is RunKind.MIGRATE and state.phase.ramped and share is not None:
        return raises_share(world, state, share), share
    end = next_towards(state.phase, goal, world.migration.way)
    first = int(run.params["ramp"][0]) if "ramp" in run.params and end.ramped else None
    return move_between(state.phase, end, world.migration.way), first


def _next_share(run: Run, state: ControlState) -> int | None:
    """Return the next percentage of the ramp above the present one.

    On the way beyond the phase with a share every ramp ends with all keys: the long watch.
    """
    steps = [int(each) for each in run.params.get("ramp", ())]
    if steps and Phase(run.params["until"]).order > state.phase.order:
        steps.append(100)
    return next((each for each in steps if each > state.percent), None)


def _step_towards(
    world: World, run: Run, state: ControlState, planned: Move, percent: int | None
) -> Step:
    lacks = missing(world, state, planned, asker_of(run)) or _noise(world, state)
    if lacks:
        return _remedy(world, run, state, planned, lacks[0])
    return Step("MOVE", reason=planned.reason, to=planned.end, percent=percent)


def _noise(world: World, state: ControlState) -> list[Missing]:
    """Return what the move out of OFF would be refused for, though no guard of its own asks.

    It looks at the tables and at the alarm once more; a copy and a dry run of hours are behind it,
    so an alarm is waited for, as before every later move.
    """
    reason = disquiet(world) if state.phase is Phase.OFF else None
    return [] if reason is None else [Missing(Guard.QUIET, reason)]


def _remedy(world: World, run: Run, state: ControlState, planned: Move, lack: Missing) -> Step:
    return REMEDIES[lack.guard](world, run, state, planned, lack)


def _wait(world: World, run: Run, state: ControlState, planned: Move, lack: Missing) -> Step:
    renewal = renewal_at(world, state)
    if renewal is None or lack.until is None or lack.guard is not Guard.SOAKED:
        return Step("WAIT", reason=lack.reason, until=lack.until)
    if renewal <= world.clock.wall():
        return _validate(world, run, state, planned, lack)
    return Step("WAIT", reason=lack.reason, until=min(lack.until, renewal))


def _rehearse(world: World, run: Run, state: ControlState, planned: Move, lack: Missing) -> Step:
    return Step("DRY_RUN", reason=lack.reason, given={"migration": run.migration, "dry_run": True})


def _backfill(world: World, run: Run, state: ControlState, planned: Move, lack: Missing) -> Step:
    given = {"migration": run.migration}
    return _queue(world, run) or Step("BACKFILL", reason=lack.reason, given=given)


def _validate(world: World, run: Run, state: ControlState, planned: Move, lack: Missing) -> Step:
    if state.late(world.clock.wall()):
        return Step("WAIT", reason="the streams are read too late", until=state.late_until)
    given = {"migration": run.migration, "repair": True}
    return _queue(world, run) or Step("VALIDATE", reason=lack.reason, given=given)


def _queue(world: World, run: Run) -> Step | None:
    """Return a wait while another run works, such as a renewal that began just before.

    A journey that failed over it would leave a rollback undone that needs only patience.
    """
    other = under_way(world, lock_name(RunKind.VALIDATE))
    if other is None or other.facts.get("parent") == run.run_id:
        return None
    again = world.clock.wall() + world.environment.timing.settle
    return Step("WAIT", reason=f"{other.kind} {other.run_id} is under way", until=again)


def _ask(world: World, run: Run, state: ControlState, planned: Move, lack: Missing) -> Step:
    alone = world.environment.approves_alone or planned.end.order <= Phase.READ_V2.order
    if run.params.get("approve") != "auto" or not alone:
        return _ask_a_person(world, run, state, planned, lack)
    approve(
        world,
        planned.end,
        approver=f"{AUTO}{run.run_id})",
        reason='the input says "approve": "auto"',
        table=world.migration.source.name,
        epoch=state.epoch,
    )
    return next_step(world, run, world.control.read(run.migration))


def _ask_a_person(
    world: World, run: Run, state: ControlState, planned: Move, lack: Missing
) -> Step:
    """Return a wait for an approval that ends in time to renew the certificate."""
    renewal = renewal_at(world, state)
    if renewal is None:
        return Step("APPROVE", reason=lack.reason, gate=planned.end)
    left = renewal - world.clock.wall()
    if left <= 0:
        return _validate(world, run, state, planned, lack)
    patience = min(LONGEST_WAIT, math.ceil(left))
    return Step("APPROVE", reason=lack.reason, gate=planned.end, patience=patience)


def _leave(world: World, run: Run, state: ControlState, planned: Move, lack: Missing) -> Step:
    return _hold(world, run, lack.reason)


def _listen(world: World, run: Run, state: ControlState, planned: Move, lack: Missing) -> Step:
    """Return a wait for the alarm to clear, and the end when it does not for long."""
    now, apart = world.clock.wall(), 2 * world.environment.timing.settle
    noise = run.facts.get("noise") or {}
    if noise.get("epoch") != state.epoch or now > noise["until"] + apart:
        noise = {"epoch": state.epoch, "until": now + NOISE_LOOKS * apart}
        world.ledger.save(run.with_facts(noise=noise))
    if now >= noise["until"]:
        return _hold(world, run, lack.reason)
    return Step("WAIT", reason=lack.reason, until=min(now + apart, noise["until"]))


def _archive(world: World, run: Run, state: ControlState, planned: Move, lack: Missing) -> Step:
    return Step("ARCHIVE", reason=lack.reason)


REMEDIES: dict[Guard, Callable[[World, Run, ControlState, Move, Missing], Step]] = {
    Guard.ACKNOWLEDGED: _leave,
    Guard.SETTLED: _wait,
    Guard.DRY_RUN: _rehearse,
    Guard.BACKFILLED: _backfill,
    Guard.SYNCED: _wait,
    Guard.RESTORED: _leave,
    Guard.SOAKED: _wait,
    Guard.QUIET: _listen,
    Guard.EXCLUSIONS_RELEASED: _leave,
    Guard.APPROVED: _ask,
    Guard.CERTIFICATE: _validate,
    Guard.EXPORT_VERIFIED: _archive,
}


def _hold(world: World, run: Run, reason: str) -> Step:
    world.ledger.save(load_run(world, run.run_id).with_facts(held=reason))
    return Step("FINISH", reason=reason)
