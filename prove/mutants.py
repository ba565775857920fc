"""The protocol with one rule removed: each of these must be caught, or the checker is blind.

A mutant is a patch of the real engine for the time of a run. Which families of scenarios may
show it is part of its description; the search goes through them seed by seed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import prove.runs as prove_runs
import shared.engine.admission as admission
import shared.engine.commit as commit
import shared.engine.compare as compare
import shared.engine.cutover as cutover
import shared.engine.dual_write as dual_write
import shared.engine.guards as guards
import shared.engine.images as images
import shared.engine.lease as lease
import shared.engine.reading as reading
import shared.engine.repair as repair
import shared.engine.runs as runs
import shared.engine.segments as segments
import shared.engine.single_write as single_write
import shared.engine.validate as validate
import shared.memory.control as memory_control
import shared.memory.tables as memory_tables
import shared.model.control as control
from prove import toy
from prove.clients import Wish
from prove.scenarios import BACKFILL, REPAIR, VALIDATE, Fault, Plan, Step, to
from shared.model.declaration import Timing
from shared.model.errors import ConditionFailed, Contended, OutcomeUnknown, Throttled
from shared.model.item import Item
from shared.model.phases import Guard, Move, Phase
from shared.model.runs import RunKind
from shared.model.stamp import StampNames
from shared.model.writes import (
    AtMost,
    Condition,
    Delete,
    Either,
    Equals,
    Every,
    Exists,
    Missing,
    Put,
    Side,
    Update,
)
from shared.ports import Insert, InsertOutcome, InsertResult

Patch = tuple[object, str, Any]

OFF, DUAL, READ_N = "OFF–DUAL", "DUAL–DUAL", "DUAL–READ_N"
READ_V2, ALONE = "READ_N–READ_V2", "READ_V2–WRITE_V2_ONLY"
ALL = "all the way"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule removed: its name, what is patched, and where the lack may show."""

    name: str
    patches: tuple[Patch, ...]
    families: tuple[str, ...]
    plan: Plan | None = None
    """A scenario in which the lack shows soon; the seeds then only decide about its order."""
    spare: str = ""
    """Why the checker cannot miss the rule, where it is kept for safety's sake."""


@contextmanager
def applied(mutant: Mutant) -> Iterator[None]:
    """Run the engine without the rule."""
    with ExitStack() as stack:
        for owner, name, value in mutant.patches:
            stack.enter_context(patched(owner, name, value))
        yield


@contextmanager
def patched(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Replace one name of a module or class, or one entry of a dict, for a while."""
    entries = owner if isinstance(owner, dict) else vars(owner)
    had, before = name in entries, entries.get(name)
    if isinstance(owner, dict):
        owner[name] = value
    else:
        setattr(owner, name, value)
    try:
        yield
    finally:
        if isinstance(owner, dict):
            owner[name] = before
        elif had:
            setattr(owner, name, before)
        else:
            delattr(owner, name)


# -- conditions


def _cas(part: str) -> Callable[..., Condition]:
    """Return CAS without one of its parts."""
    whole = StampNames.cas

    def cas(names: StampNames, seen: Item | None, partition: str) -> Condition:
        if seen is None:
            return _anything(partition) if part == "absence" else whole(names, seen, partition)
        stamp = names.read(seen)
        if part == "existence" and not stamp.version:
            return Every((Missing(names.version), Missing(names.birth)))
        if part == "version" and stamp.birth is not None:
            return Equals(names.birth, stamp.birth)
        if part == "version":
            return Every((Exists(partition), Missing(names.birth)))
        if part == "birth" and stamp.birth is not None:
            return Equals(names.version, names.write_out(stamp)[names.version])
        if part == "birth of legacy" and stamp.version and stamp.birth is None:
            return Equals(names.version, names.write_out(stamp)[names.version])
        return whole(names, seen, partition)

    return cas


def _replaceable(part: str) -> Callable[..., Condition]:
    """Return REPL without one of its parts."""

    def replaceable(names: StampNames, stamp: Any, partition: str) -> Condition:
        newer = Either((Missing(names.version), AtMost(names.version, stamp.version)))
        birth: Condition = Missing(names.birth)
        if stamp.birth is not None:
            birth = Equals(names.birth, stamp.birth)
        kept = {
            "version": Every((Exists(partition), birth)),
            "birth": Every((Exists(partition), newer)),
            "everything": Exists(partition),
        }[part]
        return Either((Missing(partition), kept))

    return replaceable


def _anything(partition: str) -> Condition:
    return Either((Missing(partition), Exists(partition)))


def _never(*_given: Any) -> None:
    """Find nothing missing."""


# -- writers


_REAL_COMMIT = commit.commit


def _commit_changed(change: Callable[[Any, list[Any]], list[Any]]) -> Callable[..., None]:
    """Return a commit of other actions than it was given."""

    def changed(world: Any, operation: Any, actions: Sequence[Any]) -> None:
        _REAL_COMMIT(world, operation, change(operation, list(actions)))

    return changed


def _without(side: Side, primary: Side) -> Callable[..., None]:
    """Return a commit that leaves one table out while one is primary."""

    def change(operation: Any, actions: list[Any]) -> list[Any]:
        if operation.state.phase.primary is not primary:
            return actions
        return [action for action in actions if action.side is not side]

    return _commit_changed(change)


def _bare(side: Side, primary: Side, kinds: tuple[type, ...]) -> Callable[..., None]:
    """Return a commit that drops the condition on one table while one is primary."""

    def change(operation: Any, actions: list[Any]) -> list[Any]:
        if operation.state.phase.primary is not primary:
            return actions
        return [
            replace(action, condition=None)
            if action.side is side and isinstance(action, kinds)
            else action
            for action in actions
        ]

    return _commit_changed(change)


def _resend_anew(world: Any, operation: Any, actions: Sequence[Any]) -> None:
    """Commit with a new token each time."""
    patience = commit.Patience(world, "mutant")
    while True:
        operation.check()
        try:
            return world.tables.write_together(actions, world.ids.new())
        except OutcomeUnknown:
            patience.wait()


_REAL_TARGET_UPDATE = dual_write.DualWriter._target_update


def _partial_target(writer: Any, key: Any, old: Item, image: Item, seen: Any) -> Update:
    """Return v2's leg with what changed only."""
    whole = _REAL_TARGET_UPDATE(writer, key, old, image, seen)
    before = writer._shape.migration.up(old)
    changed = {name: v for name, v in whole.assign.items() if before.get(name) != v}
    return replace(whole, assign=changed, default={})


def _full_source_put(_operation: Any, actions: list[Any]) -> list[Any]:
    """Turn v1's delta into a put of all that the writer knew of when it read."""
    first, second = actions
    if not isinstance(first, Update) or first.side is not Side.SOURCE:
        return actions
    image = dict(second.item) if isinstance(second, Put) else dict(second.assign)
    image["pk"] = toy.target_key(first.key).partition
    own = toy.MIGRATION.stamps.strip(image)
    own.pop(toy.OUTSIDE, None)
    return [Put(Side.SOURCE, {**toy.down(own), **first.assign}, first.condition), second]


def _keep_never(migration: Any, image: Item, stored: Item | None) -> Item:  # noqa: ARG001
    return image


def _keep_always(migration: Any, image: Item, stored: Item | None) -> Item:
    kept = {name: (stored or {})[name] for name in migration.target_only if name in (stored or {})}
    return {**image, **kept}


def _contend_without_healing(self: Any, operation: Any, seed: str, attempt: Any) -> Any:
    patience = commit.Patience(self._world, seed)
    while True:
        operation.check()
        try:
            return attempt(False)
        except (ConditionFailed, Contended, Throttled):
            patience.wait()


# -- phases


class _Uncounted(Update):
    """An update that does not count the version."""

    def __new__(cls, *given: Any, **named: Any) -> Any:
        return Update(*given, **{**named, "increment": None})


def _any_move(start: Phase, end: Phase) -> Move:
    """Return a move between any two phases, guarded as one between neighbours."""
    return Move(start, end, "", frozenset({Guard.SETTLED, Guard.CERTIFICATE}))


def _blind_write(self: Any, state: Any, replaces: int, audit: Any) -> None:  # noqa: ARG001
    self._states[state.migration] = state


def _fresh_without_digest(self: Any, now: float, age: float, digest: str) -> bool:  # noqa: ARG001
    return bool(0 <= now - self.began_at <= age)


def _announce_silently(world: Any, run: Any, state: Any) -> Any:
    """Announce a run as the engine does, but let the certificate stand."""

    def begun(state: Any) -> Any:
        if state.working not in (None, run.run_id):
            state = replace(state, quiet_since=world.clock.wall())
        writes = run.kind is RunKind.BACKFILL or run.params.get("repair")
        return replace(state, working=run.run_id if writes else None)

    if run.kind is RunKind.DRY_RUN:
        return state
    return runs.change_control(world, begun, runs.journal(run, "start", "", world.clock.wall()))


def _reopen_lightly(world: Any, *, actor: str, reason: str) -> Any:
    """Go on with a changed transform, certificate and all."""
    from shared.model.control import AuditEntry

    entry = AuditEntry(world.migration.name, world.clock.wall(), 0, "reopen", actor, reason)

    def reopened(state: Any) -> Any:
        certificate = state.certificate and replace(state.certificate, digest=world.digest)
        return replace(state, digest=world.digest, certificate=certificate)

    return cutover.change_control(world, reopened, entry)


# -- leases


def _age(clock_kind: str) -> Callable[..., float]:
    def age(self: Any, clock: Any) -> float:
        if clock_kind == "wall":
            return float(clock.wall() - self.wall)
        return float(clock.monotonic() - self.monotonic)

    return age


def _renew_late(self: Any) -> Any:
    state = self._control.read(self._migration)
    self._check_tables(state)
    self._held = (lease.now(self._clock), state)
    return state


# -- jobs


def _overwrite(self: Any, side: Side, items: Sequence[Item]) -> InsertResult:
    for item in items:
        self.write(Put(side, item))
    return InsertResult([InsertOutcome(Insert.WRITTEN) for _ in items], float(len(items)))


_REAL_SCANS = runs._scans


def _one_way(side: Side) -> Callable[..., list[tuple[str, int]]]:
    def scans(world: Any, run: Any) -> list[tuple[str, int]]:
        return [each for each in _REAL_SCANS(world, run) if each[0] != side]

    return scans


def _recheck_plainly(self: Any, operation: Any, key: Any, excluded: Any, tally: Any) -> None:
    """Judge a suspect by two plain reads."""
    places = images.pair(self._migration, key)
    stored = {side: self._world.tables.get(side, place) for side, place in places}
    authority = operation.state.phase.primary
    mismatch = self._judge(stored, authority, self._text(key) in excluded)
    if mismatch is None:
        return
    done = False
    if self._repairing:
        try:
            done = repair.repair(self._world, operation, key, stored, authority, excluded=False)
        except (ConditionFailed, Contended):
            done = False
    self._count(tally, key, mismatch, stored, repaired=done)


def _repair_commit(change: Callable[[list[Any]], list[Any]]) -> Callable[..., None]:
    return _commit_changed(lambda _operation, actions: change(actions))


def _certify(*ignoring: str) -> Callable[..., Any]:
    """Return the grant of a certificate that ignores what happened during the pass."""
    real = runs.with_certificate

    def with_certificate(world: Any, run: Any, state: Any) -> Any:
        now: dict[str, Any] = {name: getattr(state, name) for name in ignoring}
        return real(world, replace(run, **now), state)

    return with_certificate


def _stale_by(*what: str) -> Callable[..., None]:
    """Return the check of a worker that ignores one thing."""
    real = segments.refuse_stale

    def refuse(state: Any, run: Any) -> None:
        if run.kind is RunKind.VALIDATE:
            now: dict[str, Any] = {name: getattr(state, name) for name in what}
            run = replace(run, **now)
        real(state, run)

    return refuse


def _same_stamps(*_given: Any) -> None:
    return None


def _plan(
    opening: tuple[Phase, str], path: tuple[Step, ...], *clients: list[Wish], **more: Any
) -> Plan:
    """Return a scenario with these clients."""
    return Plan((*opening, ""), path, clients=list(clients), **more)


def _asks(*what: str, after: float = 0.0, how: str = "") -> list[Wish]:
    """Return what one client asks for, the last thing after some seconds."""
    wishes = [Wish(each, "a") for each in what]
    return [*wishes[:-1], Wish(what[-1], "a", how, after)]


TWO_MOVES = to(Phase.READ_V2, Phase.WRITE_V2_ONLY)
IN_READ_N = (Phase.READ_N, "created")
IN_STEP = "v1's CAS and the lock step of both tables cover it in transactional mode"

DUALS = (OFF, DUAL, READ_N, READ_V2)
CERTIFICATE = guards.CHECKS
FOREVER = property(lambda _operation: False)

MUTANTS: tuple[Mutant, ...] = (
    Mutant("CAS without version", ((StampNames, "cas", _cas("version")),), (DUAL, READ_V2)),
    Mutant(
        "CAS without birth",
        ((StampNames, "cas", _cas("birth")),),
        (ALONE,),
        plan=_plan((Phase.READ_V2, "created"), (), _asks("assign team"), _asks("delete", "create")),
    ),
    Mutant("CAS of legacy without exists", ((StampNames, "cas", _cas("existence")),), (DUAL, OFF)),
    Mutant(
        "CAS of absence dropped",
        ((StampNames, "cas", _cas("absence")),),
        (DUAL, OFF, ALONE),
        spare=IN_STEP,
    ),
    Mutant(
        "CAS of updated legacy without birth",
        ((StampNames, "cas", _cas("birth of legacy")),),
        (DUAL, OFF),
        plan=_plan(
            (Phase.READ_V2, "noted legacy"),
            (),
            _asks("assign team"),
            _asks("delete", "create", "rename", "rename"),
        ),
    ),
    Mutant(
        "REPL without version",
        ((StampNames, "replaceable", _replaceable("version")),),
        DUALS,
        spare=IN_STEP,
    ),
    Mutant("REPL without birth", ((StampNames, "replaceable", _replaceable("birth")),), DUALS),
    Mutant("REPL dropped", ((StampNames, "replaceable", _replaceable("everything")),), DUALS),
    Mutant(
        "v1 leg without CAS",
        ((dual_write, "commit", _bare(Side.SOURCE, Side.SOURCE, (Update, Delete))),),
        (OFF, DUAL),
    ),
    Mutant(
        "v1 delete without CAS",
        ((dual_write, "commit", _bare(Side.SOURCE, Side.SOURCE, (Delete,))),),
        (OFF, DUAL),
    ),
    Mutant(
        "v2 delete without REPL",
        ((dual_write, "commit", _bare(Side.TARGET, Side.SOURCE, (Delete,))),),
        DUALS,
        spare=IN_STEP,
    ),
    Mutant(
        "v2 create over anything",
        ((dual_write, "commit", _bare(Side.TARGET, Side.SOURCE, (Put,))),),
        DUALS,
        spare=IN_STEP,
    ),
    Mutant(
        "v2 leg without CAS while primary",
        ((dual_write, "commit", _bare(Side.TARGET, Side.TARGET, (Update, Delete))),),
        (READ_V2, ALONE),
    ),
    Mutant(
        "READ_V2 leaves v1 behind",
        ((dual_write, "commit", _without(Side.SOURCE, Side.TARGET)),),
        (READ_V2, ALONE),
    ),
    Mutant(
        "DUAL leaves v2 behind",
        ((dual_write, "commit", _without(Side.TARGET, Side.SOURCE)),),
        DUALS,
    ),
    Mutant(
        "full puts to v1", ((dual_write, "commit", _commit_changed(_full_source_put)),), (DUAL, OFF)
    ),
    Mutant(
        "partial images in v2",
        ((dual_write.DualWriter, "_target_update", _partial_target),),
        (DUAL, OFF),
    ),
    Mutant(
        "no healing when v2 refuses",
        ((dual_write.DualWriter, "_contend", _contend_without_healing),),
        (OFF, DUAL),
    ),
    Mutant(
        "healing keeps no v2-only field",
        ((dual_write, "keep_target_only", _keep_never),),
        (*DUALS, ALL),
    ),
    Mutant(
        "healing keeps v2-only fields of another birth",
        ((dual_write, "keep_target_only", _keep_always),),
        (OFF, DUAL, ALL),
    ),
    Mutant(
        "repair keeps no v2-only field",
        ((repair, "keep_target_only", _keep_never),),
        (OFF, DUAL, ALL),
    ),
    Mutant(
        "repair keeps v2-only fields of another birth",
        ((repair, "keep_target_only", _keep_always),),
        (OFF, DUAL, ALL),
    ),
    Mutant(
        "healing does not pass v2's version",
        ((dual_write, "max", lambda a, _b: a),),
        (*DUALS, ALL),
        spare="a version is compared within one birth only",
    ),
    Mutant("resend with a new token", ((dual_write, "commit", _resend_anew),), (*DUALS, ALONE)),
    Mutant("OFF counts no versions", ((single_write, "Update", _Uncounted),), (OFF, ALL)),
    Mutant(
        "operations have no deadline",
        ((lease.Operation, "expired", FOREVER),),
        (READ_V2, ALONE),
        plan=_plan(
            IN_READ_N,
            TWO_MOVES,
            _asks("get", "rename", after=2.0, how="slow"),
            _asks("delete", after=7.0),
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
        plan=_plan(
            IN_READ_N,
            TWO_MOVES,
            _asks("get", "rename", after=2.0, how="slow"),
            _asks("delete", after=4.0),
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
        plan=_plan((Phase.DUAL_WRITE, "legacy"), (BACKFILL, REPAIR), _asks("delete"), twins=True),
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
        plan=_plan(
            IN_READ_N,
            TWO_MOVES,
            _asks("get", "rename", after=8.0, how="freeze"),
            _asks("delete", after=8.0),
        ),
    ),
    Mutant(
        "lease counts from the answer",
        ((lease.PhaseLease, "_renew", _renew_late),),
        (OFF, READ_V2, ALONE),
        plan=_plan(
            IN_READ_N,
            TWO_MOVES,
            _asks("get", "rename", after=2.0),
            _asks("delete", after=7.0),
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
        plan=_plan(
            (Phase.READ_V2, "created"),
            to(Phase.WRITE_V2_ONLY),
            _asks("rename"),
            _asks("delete"),
            rival=to(Phase.READ_N),
        ),
    ),
    Mutant(
        "no certificate required",
        ((CERTIFICATE, Guard.CERTIFICATE, _never),),
        (READ_N, READ_V2, ALONE),
    ),
    Mutant(
        "single writes leave the certificate",
        ((control, "CERTIFIED", control.CERTIFIED | {Phase.WRITE_V2_ONLY.group}),),
        (ALONE,),
    ),
    Mutant(
        "OFF leaves the certificate",
        ((control, "CERTIFIED", control.CERTIFIED | {Phase.OFF.group}),),
        (READ_N, OFF, ALL),
    ),
    Mutant(
        "a backfill leaves the certificate",
        ((runs, "_announce", _announce_silently),),
        (READ_N, DUAL),
        plan=_plan((Phase.SHADOW_READ, "created"), (BACKFILL,), _asks("delete"), twins=True),
    ),
    Mutant(
        "changed transform ignored",
        (
            (control.Certificate, "fresh", _fresh_without_digest),
            (cutover, "refuse_changed_transform", _never),
            (admission, "refuse_changed_transform", _never),
        ),
        (READ_N,),
    ),
    Mutant(
        "reopening leaves the certificate", ((prove_runs, "reopen", _reopen_lightly),), (READ_N,)
    ),
    Mutant(
        "backfill overwrites",
        ((memory_tables.MemoryTables, "insert_absent", _overwrite),),
        (DUAL, OFF),
    ),
    Mutant("validation only from v1", ((runs, "_scans", _one_way(Side.TARGET)),), (OFF, DUAL)),
    Mutant(
        "validation only from v2", ((runs, "_scans", _one_way(Side.SOURCE)),), (OFF, DUAL, ALONE)
    ),
    Mutant("validation of content only", ((compare, "_stamps_differ", _same_stamps),), (OFF, DUAL)),
    Mutant(
        "validation of stamps only",
        ((compare, "_content_differs", _same_stamps),),
        (READ_N, OFF, DUAL),
    ),
    Mutant(
        "recheck by plain reads",
        ((validate.Validation, "_recheck", _recheck_plainly),),
        (READ_N, READ_V2),
        plan=_plan(
            (Phase.READ_N, "noted"),
            (VALIDATE,),
            _asks("rename", "rename", "rename"),
            _asks("rename", "rename"),
        ),
    ),
    Mutant(
        "repair without the authority",
        ((repair, "commit", _repair_commit(lambda a: a[1:])),),
        (DUAL, OFF, ALONE),
        plan=_plan((Phase.DUAL_WRITE, "legacy"), (REPAIR,), _asks("delete")),
    ),
    Mutant(
        "repair over any replica",
        ((repair, "commit", _repair_commit(lambda a: [a[0], replace(a[1], condition=None)])),),
        (DUAL, OFF, ALONE),
        spare="the check of the authority covers it, and the other way round",
    ),
    Mutant(
        "a pass may span a move",
        (
            (runs, "with_certificate", _certify("epoch")),
            (segments, "refuse_stale", _stale_by("epoch")),
        ),
        (OFF, READ_N, ALONE, ALL),
        spare="every move that would matter voids the certificate too",
    ),
    Mutant(
        "a pass may span whatever happens",
        (
            (runs, "with_certificate", _certify("epoch", "voids")),
            (segments, "refuse_stale", _stale_by("epoch", "voids")),
        ),
        (OFF,),
        plan=_plan(
            (Phase.SHADOW_READ, "created"),
            (REPAIR,),
            _asks("rename", after=4.0),
            rival=to(Phase.VALIDATE, Phase.DUAL_WRITE, Phase.OFF, Phase.DUAL_WRITE),
        ),
    ),
    Mutant(
        "repair without any condition",
        ((repair, "commit", _repair_commit(lambda a: [replace(a[1], condition=None)])),),
        (DUAL,),
        plan=_plan((Phase.DUAL_WRITE, "stale"), (REPAIR,), _asks("rename"), _asks("delete")),
    ),
    Mutant(
        "a pass begins at once",
        ((runs, "_begin_at", lambda world, _run, _state: world.clock.wall()),),
        (OFF, DUAL, ALONE),
    ),
    Mutant(
        "strict reads are plain",
        ((reading.Reader, "_strict", lambda _self, _op: False),),
        (READ_V2, READ_N),
    ),
    Mutant(
        "overtaken workers go on",
        ((segments, "refuse_stale", _never), (lease.Operation, "expired", FOREVER)),
        (OFF, DUAL),
        spare="a page of the simulation is over before the worker fence is",
    ),
)
