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
from prove.mutants.patching import (
    ALL,
    ALONE,
    DUAL,
    DUALS,
    IN_STEP,
    OFF,
    READ_N,
    READ_V2,
    Mutant,
    commit_changed,
    keep_always,
    keep_never,
)
from shared.model.errors import ConditionFailed, Contended, OutcomeUnknown, Throttled
from shared.model.item import Item
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
        spare="v2 is ahead of v1 only before the certificate that every way back to v1 needs",
    ),
    Mutant("resend with a new token", ((dual_write, "commit", _resend_anew),), (*DUALS, ALONE)),
    Mutant("OFF counts no versions", ((single_write, "Update", _Uncounted),), (OFF, ALL)),
    Mutant(
        "strict reads are plain",
        ((record.Shape, "strict", lambda _self, _op: False),),
        (READ_V2, READ_N),
    ),
)
