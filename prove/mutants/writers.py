"""Writers and readers that forget one of their rules."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import shared.engine.commit as commit
import shared.engine.dual_write as dual_write
import shared.engine.record as record
import shared.engine.replica as replica
import shared.engine.single_write as single_write
from prove import toy
from prove.mutants.conditions import ABSENCE_DROPPED
from prove.mutants.patching import (
    ALL,
    ALONE,
    DUAL,
    DUALS,
    OFF,
    READ_N,
    READ_V2,
    V1_CHECKED,
    Mutant,
    asks,
    commit_changed,
    keep_always,
    keep_never,
    plan,
)
from shared.model.errors import ConditionFailed, Contended, OutcomeUnknown, Throttled
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.writes import (
    Delete,
    Put,
    Side,
    Update,
)


def _without(side: Side, primary: Side) -> Callable[..., None]:
    """Return a commit that leaves one table out while one is primary."""

    def change(operation: Any, actions: list[Any]) -> list[Any]:
        if operation.state.phase.primary is not primary:
            return actions
        return [action for action in actions if action.side is not side]

    return commit_changed(change)


def _bare(side: Side, primary: Side, kinds: tuple[type[Any], ...]) -> Callable[..., None]:
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

    return commit_changed(change)


def _bare_both(kind: type[Any]) -> Callable[..., None]:
    """Return a commit that drops the conditions on both tables while v1 is primary."""

    def change(operation: Any, actions: list[Any]) -> list[Any]:
        if operation.state.phase.primary is Side.TARGET:
            return actions
        return [replace(a, condition=None) if isinstance(a, kind) else a for a in actions]

    return commit_changed(change)


def _unchecked(operation: Any, actions: list[Any]) -> list[Any]:
    """Drop the condition on v1 where an update heals v2."""
    first, second = actions
    heals = isinstance(first, Update) and isinstance(second, Put)
    if not heals or operation.state.phase.primary is Side.TARGET:
        return actions
    return [replace(first, condition=None), second]


_heal_blindly = commit_changed(_unchecked)


def _resend_anew(world: Any, operation: Any, actions: Sequence[Any]) -> None:
    """Commit with a new token each time."""
    patience = commit.Patience(world, "mutant")
    while True:
        operation.check()
        try:
            world.tables.write_together(actions, world.ids.new())
            return
        except OutcomeUnknown:
            patience.wait()


_REAL_TARGET_UPDATE = replica.target_update


def _partial_target(shape: Any, key: Any, old: Item, image: Item, seen: Any) -> Update:
    """Return v2's leg with what changed only."""
    whole = _REAL_TARGET_UPDATE(shape, key, old, image, seen)
    before = shape.migration.up(old)
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


def _contend_without_healing(self: Any, operation: Any, seed: str, attempt: Any) -> Any:
    patience = commit.Patience(self._world, seed)
    while True:
        operation.check()
        try:
            return attempt(False)
        except (ConditionFailed, Contended, Throttled):
            patience.wait()


class _Uncounted(Update):
    """An update that does not count the version."""

    def __new__(cls, *given: Any, **named: Any) -> Any:
        return Update(*given, **{**named, "increment": None})


CERTIFIED_DUAL = (Phase.SHADOW_READ, "created")
TWO_CREATES = plan((Phase.SHADOW_READ, "absent"), (), asks("create"), asks("create"))

WRITERS: tuple[Mutant, ...] = (
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
        implied=V1_CHECKED,
        both=("v1 and v2 delete without a condition",),
    ),
    Mutant(
        "v1 and v2 delete without a condition",
        ((dual_write, "commit", _bare_both(Delete)),),
        (DUAL,),
        plan=plan(CERTIFIED_DUAL, (), asks("get", "delete if unchanged"), asks("rename")),
    ),
    Mutant(
        "v1 create over anything",
        ((dual_write, "commit", _bare(Side.SOURCE, Side.SOURCE, (Put,))),),
        (OFF, DUAL),
    ),
    Mutant(
        "v2 create over anything",
        ((dual_write, "commit", _bare(Side.TARGET, Side.SOURCE, (Put,))),),
        DUALS,
        implied=V1_CHECKED,
        both=("v1 and v2 create over anything",),
    ),
    Mutant(
        "v1 and v2 create over anything",
        ((dual_write, "commit", _bare_both(Put)),),
        (DUAL,),
        plan=TWO_CREATES,
    ),
    Mutant(
        "a create looks for absence nowhere",
        (
            *ABSENCE_DROPPED,
            (dual_write, "commit", _bare(Side.SOURCE, Side.SOURCE, (Put,))),
        ),
        (DUAL,),
        plan=TWO_CREATES,
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
        "full puts to v1", ((dual_write, "commit", commit_changed(_full_source_put)),), (DUAL, OFF)
    ),
    Mutant(
        "partial images in v2",
        ((dual_write, "target_update", _partial_target),),
        (DUAL, OFF),
    ),
    Mutant(
        "no healing when v2 refuses",
        ((dual_write.DualWriter, "_contend", _contend_without_healing),),
        (OFF, DUAL),
    ),
    Mutant(
        "healing keeps no v2-only field",
        ((dual_write, "keep_target_only", keep_never),),
        (*DUALS, ALL),
    ),
    Mutant(
        "healing keeps v2-only fields of another birth",
        ((dual_write, "keep_target_only", keep_always),),
        (OFF, DUAL, ALL),
    ),
    Mutant(
        "healing does not pass v2's version",
        ((dual_write, "max", lambda a, _b: a),),
        DUALS,
        implied=V1_CHECKED,
        both=("healing neither passes v2's version nor checks v1",),
    ),
    Mutant("healing does not check v1", ((dual_write, "commit", _heal_blindly),), (OFF, DUAL)),
    Mutant(
        "healing neither passes v2's version nor checks v1",
        ((dual_write, "max", lambda a, _b: a), (dual_write, "commit", _heal_blindly)),
        (DUAL,),
        plan=plan((Phase.DUAL_WRITE, "ahead"), (), asks("rename"), asks("rename")),
    ),
    Mutant("resend with a new token", ((dual_write, "commit", _resend_anew),), (*DUALS, ALONE)),
    Mutant("OFF counts no versions", ((single_write, "Update", _Uncounted),), (OFF, ALL)),
    Mutant(
        "strict reads are plain",
        ((record.Shape, "strict", lambda _self, _op: False),),
        (READ_V2, READ_N),
    ),
)
