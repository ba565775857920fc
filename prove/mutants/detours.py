"""The availability-first phases and the tripwire without one of their rules."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import prove.watchers as watchers
import shared.engine.availability_first as availability_first
import shared.engine.disproof as disproof
import shared.engine.reading as reading
import shared.engine.repair as repair
import shared.engine.replica as replica
import shared.engine.shadow as shadow
import shared.model.control as control
from prove.follower import Round
from prove.mutants.patching import (
    ALONE,
    DUAL,
    FIRST,
    FIRST_DUAL,
    FIRST_V2,
    OFF,
    READ_N,
    Mutant,
    asks,
    commit_changed,
    never,
    plan,
)
from prove.steps import REPAIR, to
from shared.engine.images import pair
from shared.model.errors import ConditionFailed
from shared.model.phases import CERTIFIED, Phase
from shared.model.writes import Delete, Side

_REAL_UPDATE = replica.target_update
_REAL_MIRROR = replica.mirror
_REAL_ROUTE = reading.route
WRITER = availability_first.AvailabilityFirstWriter


def _follow_or_fail(self: Any, operation: Any, key: Any, leg: Any) -> None:  # noqa: ARG001
    if leg is not None:
        try:
            self._world.tables.write(leg)
        except ConditionFailed:
            self._world.syncs.ask([key])


def _bare_update(*given: Any) -> Any:
    return replace(_REAL_UPDATE(*given), condition=None)


def _bare_mirror(shape: Any, target: Any, key: Any, condition: Any = None) -> Any:  # noqa: ARG001
    return _REAL_MIRROR(shape, target, key)


def _bare_delete(*given: Any) -> Any:
    return Delete(given[0], given[1])


def _route_to_replica(state: Any, text: str) -> Side:
    real = _REAL_ROUTE(state, text)
    return real.other if state.phase.follows else real


def _sync_commit(change: Callable[[list[Any]], list[Any]]) -> Callable[..., None]:
    return commit_changed(lambda _operation, actions: change(actions))


def _read_apart(world: Any, key: Any) -> dict[Side, Any]:
    return {side: world.tables.get(side, place) for side, place in pair(world.migration, key)}


def _open_silently(world: Any, state: Any, found: Any) -> Any:  # noqa: ARG001
    return found


def _notice_only(world: Any, written_at: float) -> bool:
    return bool(world.clock.wall() - written_at > world.environment.stream_lag)


STREAM = (Round(0.0, 0), Round(0.0, 1), Round(0.0, 2))
CERTIFIED_DUAL = (Phase.SHADOW_READ, "created")

DETOURS: tuple[Mutant, ...] = (
    Mutant("AF: a leg that failed is not queued", ((WRITER, "_queue", never),), (FIRST, FIRST_V2)),
    Mutant("AF: a dead replica fails writes", ((WRITER, "_follow", _follow_or_fail),), (FIRST,)),
    Mutant(
        "AF: v2's leg takes any row",
        ((availability_first, "target_update", _bare_update),),
        (FIRST, FIRST_DUAL),
    ),
    Mutant(
        "AF: v1's leg takes any row",
        ((availability_first, "mirror", _bare_mirror),),
        (FIRST_V2,),
        plan=plan(
            (Phase.V2_AF, "created"), (), asks("rename"), asks("rename", "rename"), first=True
        ),
    ),
    Mutant(
        "AF: the replica's delete takes any row",
        ((availability_first, "Delete", _bare_delete),),
        (FIRST, FIRST_V2),
        plan=plan((Phase.DUAL_AF, "created"), (), asks("delete"), asks("create"), first=True),
    ),
    Mutant("AF: the replica is read", ((reading, "route", _route_to_replica),), (FIRST, FIRST_V2)),
    Mutant(
        "AF: a sync without any condition",
        ((repair, "commit", _sync_commit(lambda a: [replace(a[1], condition=None)])),),
        (FIRST, FIRST_V2, FIRST_DUAL),
        plan=plan(
            (Phase.DUAL_AF, "legacy"),
            (),
            asks("rename"),
            asks("get", "rename", after=10.0),
            first=True,
            dead=8.0,
            follow=(Round(10.0, 0), Round(0.0, 0)),
        ),
    ),
    Mutant(
        "AF: V2_AF leaves the certificate",
        ((control, "CERTIFIED", CERTIFIED | {Phase.V2_AF.group}),),
        (FIRST_V2,),
    ),
    Mutant(
        "AF: DUAL_AF leaves the certificate",
        ((control, "CERTIFIED", CERTIFIED | {Phase.DUAL_AF.group}),),
        (FIRST_DUAL,),
        plan=plan(
            CERTIFIED_DUAL,
            to(Phase.VALIDATE, Phase.DUAL_WRITE, Phase.DUAL_AF),
            asks("get", "rename", after=12.0),
            asks("rename", "rename", after=20.0),
            first=True,
            dead=1000.0,
        ),
    ),
    Mutant(
        "tripwire judges by two plain reads",
        ((disproof, "read_together", _read_apart),),
        (READ_N, DUAL),
        plan=plan(
            CERTIFIED_DUAL,
            (),
            asks("rename", "rename", "rename"),
            asks("rename", "rename"),
            watch=STREAM,
        ),
    ),
    Mutant(
        "tripwire leaves the certificate",
        ((disproof, "_open", _open_silently),),
        (READ_N, DUAL, OFF),
        plan=plan(CERTIFIED_DUAL, (), asks("get"), watch=STREAM, outside="v1"),
    ),
    Mutant(
        "shadow reads allow no lag",
        ((shadow, "_may_lag", never),),
        (ALONE,),
        plan=plan(
            (Phase.WRITE_V2_ONLY, "created"),
            to(Phase.READ_V2),
            asks("rename", "rename"),
            watch=(Round(2.0, 2), Round(2.0, 2), Round(40.0, 2)),
            shadows=True,
        ),
    ),
    Mutant(
        "late streams leave the certificate",
        ((watchers, "heed_lag", _notice_only),),
        (READ_N, DUAL),
        plan=plan(
            CERTIFIED_DUAL,
            (),
            asks("rename", "rename"),
            watch=(Round(40.0, 0), Round(40.0, 0)),
        ),
    ),
    Mutant(
        "a pass is proof though the streams are late",
        ((control.ControlState, "late", lambda _state, _now: False),),
        (DUAL, OFF),
        plan=plan(
            CERTIFIED_DUAL,
            (REPAIR,),
            asks("rename", "rename", after=3.0),
            watch=(Round(40.0, 0), Round(2.0, 2), Round(2.0, 2)),
        ),
    ),
)
