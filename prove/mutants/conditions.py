"""The two conditions everything rests on, without one of their parts."""

from collections.abc import Callable
from typing import Any

from prove.mutants.patching import (
    ALONE,
    DUAL,
    DUALS,
    FIRST,
    OFF,
    READ_V2,
    Mutant,
    asks,
    plan,
)
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.stamp import Seen, StampNames
from shared.model.writes import (
    AtMost,
    Condition,
    Either,
    Equals,
    Every,
    Exists,
    Missing,
)


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
        kept: dict[str, Condition] = {
            "version": Every((Exists(partition), birth)),
            "birth": Every((Exists(partition), newer)),
            "everything": Exists(partition),
        }
        return Either((Missing(partition), kept[part]))

    return replaceable


def _anything(partition: str) -> Condition:
    return Either((Missing(partition), Exists(partition)))


ABSENCE_DROPPED = ((StampNames, "cas", _cas("absence")),)
"""What two more mutants lack beside another rule."""

CONDITIONS: tuple[Mutant, ...] = (
    Mutant("CAS without version", ((StampNames, "cas", _cas("version")),), (DUAL, READ_V2)),
    Mutant(
        "CAS without birth",
        ((StampNames, "cas", _cas("birth")),),
        (ALONE,),
        plan=plan((Phase.READ_V2, "created"), (), asks("assign team"), asks("delete", "create")),
    ),
    Mutant("CAS of legacy without exists", ((StampNames, "cas", _cas("existence")),), (DUAL, OFF)),
    Mutant(
        "CAS of absence dropped",
        ABSENCE_DROPPED,
        (DUAL, OFF, ALONE),
        implied="the condition on the other table, in the same transaction",
        both=("a create looks for absence nowhere", "a repair takes an absent primary for granted"),
    ),
    Mutant(
        "CAS of updated legacy without birth",
        ((StampNames, "cas", _cas("birth of legacy")),),
        (DUAL, OFF),
        plan=plan(
            (Phase.READ_V2, "noted legacy"),
            (),
            asks("assign team"),
            asks("delete", "create", "rename", "rename"),
        ),
    ),
    Mutant(
        "If-Match without the life",
        ((Seen, "holds", lambda seen, stamp: seen.version == stamp.version),),
        (DUAL,),
        plan=plan(
            (Phase.OFF, "created"), (), asks("get", "rename if unchanged"), asks("delete", "create")
        ),
    ),
    Mutant(
        "REPL without version",
        ((StampNames, "replaceable", _replaceable("version")),),
        (FIRST,),
        plan=plan(
            (Phase.DUAL_AF, "created"), (), asks("rename"), asks("rename", "rename"), first=True
        ),
    ),
    Mutant("REPL without birth", ((StampNames, "replaceable", _replaceable("birth")),), DUALS),
    Mutant("REPL dropped", ((StampNames, "replaceable", _replaceable("everything")),), DUALS),
)
