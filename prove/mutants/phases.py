"""Moves, settle, leases and certificates without one of their rules."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import prove.runs as prove_runs
import shared.engine.admission as admission
import shared.engine.cutover as cutover
import shared.engine.guards as guards
import shared.engine.lease as lease
import shared.engine.runs as runs
import shared.memory.control as memory_control
import shared.model.control as control
import shared.model.moves as moves
from prove.mutants.patching import (
    ALL,
    ALONE,
    DUAL,
    FOREVER,
    OFF,
    READ_N,
    READ_V2,
    Mutant,
    asks,
    never,
    plan,
)
from prove.scenarios import LATER, Fault
from prove.steps import BACKFILL, GROW_OLD, REPAIR, VALIDATE, to
from shared.engine.control_writes import change_control, journal
from shared.model.environment import Timing
from shared.model.moves import Guard, Move
from shared.model.phases import CERTIFIED, Phase
from shared.model.runs import RunKind


def _any_move(start: Phase, end: Phase, _way: object = None) -> Move:
    """Return a move between any two phases, guarded as one between neighbours."""
    return Move(start, end, "", frozenset({Guard.SETTLED, Guard.CERTIFICATE}))


def _blind_write(self: Any, state: Any, replaces: int, audit: Any) -> None:  # noqa: ARG001
    self._states[state.migration] = state


def _fresh_without_digest(self: Any, now: float, age: float, digest: str) -> bool:  # noqa: ARG001
    return bool(0 <= now - self.began_at <= age)


def _fresh_at_any_age(self: Any, now: float, age: float, digest: str) -> bool:  # noqa: ARG001
    return bool(self.digest == digest)


def _announce_silently(world: Any, run: Any, state: Any) -> Any:
    """Announce a run as the engine does, but let the certificate stand."""
    from shared.model.control import Change

    def begun(state: Any) -> Any:
        if state.working not in (None, run.run_id):
            state = replace(state, work_stop=Change(world.clock.wall()))
        writes = run.kind is RunKind.BACKFILL or run.params.get("repair")
        return replace(state, working=run.run_id if writes else None)

    if run.kind is RunKind.DRY_RUN:
        return state
    return change_control(world, begun, journal(run, "start", "", world.clock.wall()))


def _reopen_lightly(world: Any, *, actor: str, reason: str) -> Any:
    """Go on with a changed transform, certificate and all."""
    from shared.model.control import AuditEntry

    entry = AuditEntry(world.migration.name, world.clock.wall(), 0, "reopen", actor, reason)

    def reopened(state: Any) -> Any:
        certificate = state.certificate and replace(state.certificate, digest=world.digest)
        return replace(state, digest=world.digest, certificate=certificate)

    return change_control(world, reopened, entry)


def _age(clock_kind: str) -> Callable[..., float]:
    def age(self: Any, clock: Any) -> float:
        if clock_kind == "wall":
            return float(clock.wall() - self.wall)
        return float(clock.monotonic() - self.monotonic)

    return age


def _settled_from_before(self: Any, now: float, timing: Timing) -> float:  # noqa: ARG001
    return float(self.class_change.at + timing.settle)


def _quiet_from_before(self: Any, now: float, timing: Timing) -> float:  # noqa: ARG001
    return float(self.work_stop.at + timing.fence)


def _renew_late(self: Any) -> Any:
    state = self._control.read(self._migration)
    self._check_tables(state)
    self._held = (lease.now(self._clock), state)
    return state


CERTIFICATE = guards.CHECKS


HOME = (Phase.READ_V2, Phase.READ_N)
SETTLED_ONLY = frozenset({Guard.SETTLED})

TWO_MOVES = to(Phase.READ_V2, Phase.WRITE_V2_ONLY)


IN_READ_N = (Phase.READ_N, "created")


PHASES: tuple[Mutant, ...] = (
    Mutant(
        "operations have no deadline",
        ((lease.Operation, "expired", FOREVER),),
        (READ_V2, ALONE),
        plan=plan(
            IN_READ_N,
            TWO_MOVES,
            asks("get", "rename", after=2.0, how="slow"),
            asks("delete", after=7.0),
            blind=0,
            faults=[Fault(0, 1, writes=True, kinds=("throttled",))],
        ),
    ),
    Mutant(
        "settle is nothing", ((Timing, "settle", property(lambda _t: 0.0)),), (OFF, READ_V2, ALONE)
    ),
    Mutant(
        "settle is the operation only",
        ((Timing, "settle", property(lambda t: t.operation)),),
        (OFF, READ_V2, ALONE),
        plan=plan(
            IN_READ_N,
            TWO_MOVES,
            asks("get", "rename", after=2.0, how="slow"),
            asks("delete", after=4.0),
            blind=0,
        ),
    ),
    Mutant(
        "settle is the lease only",
        ((Timing, "settle", property(lambda t: t.lease)),),
        (OFF, READ_V2, ALONE),
    ),
    Mutant(
        "worker fence is nothing",
        ((Timing, "fence", property(lambda _t: 0.0)),),
        (DUAL, READ_N),
        plan=plan((Phase.DUAL_WRITE, "legacy"), (BACKFILL, REPAIR), asks("delete"), twins=0.0),
    ),
    Mutant(
        "a move settles from before it is written",
        ((control.ControlState, "settled_at", _settled_from_before),),
        (READ_V2, ALONE),
        plan=plan(
            IN_READ_N,
            TWO_MOVES,
            asks("get", "rename", after=18.0),
            asks("delete", after=20.0),
            faults=[Fault(2, 1, writes=True, kinds=("late and lost",))],
        ),
    ),
    Mutant(
        "the worker fence counts from before the stop is written",
        ((control.ControlState, "quiet_at", _quiet_from_before),),
        (DUAL,),
        plan=plan(
            (Phase.DUAL_WRITE, "legacy"),
            (BACKFILL, REPAIR),
            asks("delete", after=LATER),
            twins=LATER,
            faults=[
                Fault(1, 2, writes=True, kinds=("late and lost",)),
                Fault(2, 1, writes=True, kinds=("crash before",)),
            ],
        ),
    ),
    Mutant(
        "lease by the wall clock only",
        ((lease.Instant, "age", _age("wall")),),
        (OFF, READ_V2, ALONE),
    ),
    Mutant(
        "lease by the monotonic clock only",
        ((lease.Instant, "age", _age("monotonic")),),
        (OFF, READ_V2, ALONE),
        plan=plan(
            IN_READ_N,
            TWO_MOVES,
            asks("get", "rename", after=8.0, how="freeze"),
            asks("delete", after=8.0),
        ),
    ),
    Mutant(
        "lease counts from the answer",
        ((lease.PhaseLease, "_renew", _renew_late),),
        (OFF, READ_V2, ALONE),
        plan=plan(
            IN_READ_N,
            TWO_MOVES,
            asks("get", "rename", after=2.0),
            asks("delete", after=7.0),
            blind=0,
            slow=0,
        ),
    ),
    Mutant(
        "lease never ends",
        ((lease.Instant, "age", lambda _self, _clock: 0.0),),
        (OFF, READ_V2, ALONE),
    ),
    Mutant("adjacency ignored", ((cutover, "move_between", _any_move),), (READ_V2, READ_N)),
    Mutant(
        "every way back counts as an abort",
        ((guards, "is_abort", lambda _world, _state, move: not move.forward),),
        (ALONE, READ_V2, OFF),
    ),
    Mutant(
        "epoch and revision ignored",
        ((memory_control.MemoryControl, "write", _blind_write),),
        (READ_N, READ_V2, ALL),
        plan=plan(
            (Phase.READ_V2, "created"),
            to(Phase.WRITE_V2_ONLY),
            asks("rename"),
            asks("delete"),
            rival=to(Phase.READ_N),
        ),
    ),
    Mutant(
        "no certificate required",
        ((CERTIFICATE, Guard.CERTIFICATE, never),),
        (READ_N, READ_V2, ALONE),
    ),
    Mutant(
        "rollback without reverse sync",
        ((moves._BY_ENDS, HOME, replace(moves._BY_ENDS[HOME], guards=SETTLED_ONLY)),),
        (ALONE,),
    ),
    Mutant(
        "single writes leave the certificate",
        ((control, "CERTIFIED", CERTIFIED | {Phase.WRITE_V2_ONLY.group}),),
        (ALONE,),
    ),
    Mutant(
        "OFF leaves the certificate",
        ((control, "CERTIFIED", CERTIFIED | {Phase.OFF.group}),),
        (READ_N, OFF, ALL),
    ),
    Mutant(
        "a backfill leaves the certificate",
        ((runs, "_announce", _announce_silently),),
        (READ_N, DUAL),
        plan=plan((Phase.SHADOW_READ, "created"), (BACKFILL,), asks("delete"), twins=0.0),
    ),
    Mutant(
        "a certificate is never too old",
        ((control.Certificate, "fresh", _fresh_at_any_age),),
        (READ_N,),
        plan=plan((Phase.SHADOW_READ, "created"), (GROW_OLD, *to(Phase.READ_N)), asks("get")),
    ),
    Mutant(
        "a pass that finds what differs leaves the certificate",
        ((runs, "disproved", lambda _run, state: state),),
        (READ_N, DUAL),
        plan=plan((Phase.SHADOW_READ, "created"), (VALIDATE,), asks("get"), outside="v2"),
    ),
    Mutant(
        "changed transform ignored",
        (
            (control.Certificate, "fresh", _fresh_without_digest),
            (cutover, "refuse_changed_transform", never),
            (admission, "refuse_changed_transform", never),
        ),
        (READ_N,),
    ),
    Mutant(
        "reopening leaves the certificate", ((prove_runs, "reopen", _reopen_lightly),), (READ_N,)
    ),
)
