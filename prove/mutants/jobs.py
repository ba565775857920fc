"""Backfill, validation and repair without one of their rules."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import shared.engine.certificate as certificate
import shared.engine.compare as compare
import shared.engine.images as images
import shared.engine.lease as lease
import shared.engine.repair as repair
import shared.engine.runs as runs
import shared.engine.segments as segments
import shared.engine.validate as validate
import shared.memory.tables as memory_tables
from prove.clients import Wish
from prove.follower import Round
from prove.mutants.conditions import ABSENCE_DROPPED
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
    commit_changed,
    keep_always,
    keep_never,
    never,
    plan,
)
from prove.scenarios import Fault
from prove.steps import BACKFILL, REPAIR, VALIDATE, to
from shared.model.errors import ConditionFailed, Contended
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.runs import RunKind
from shared.model.writes import (
    Put,
    Side,
)
from shared.ports import Insert, InsertOutcome, InsertResult


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
    return commit_changed(lambda _operation, actions: change(actions))


def _certify(*ignoring: str) -> Callable[..., Any]:
    """Return the grant of a certificate that ignores what happened during the pass."""
    real = certificate.with_certificate

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


THERE_AND_BACK = plan(
    (Phase.SHADOW_READ, "created"),
    (REPAIR,),
    asks("rename", after=4.0),
    rival=to(Phase.VALIDATE, Phase.DUAL_WRITE, Phase.OFF, Phase.DUAL_WRITE),
)
"""A pass during which the migration goes to OFF, or from there: no move to DUAL voids anything."""

JOBS: tuple[Mutant, ...] = (
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
        plan=plan(
            (Phase.READ_N, "noted"),
            (VALIDATE,),
            asks("rename", "rename", "rename"),
            asks("rename", "rename"),
        ),
    ),
    Mutant(
        "repair keeps no v2-only field",
        ((repair, "keep_target_only", keep_never),),
        (OFF, DUAL, ALL),
    ),
    Mutant(
        "repair keeps v2-only fields of another birth",
        ((repair, "keep_target_only", keep_always),),
        (OFF, DUAL, ALL),
    ),
    Mutant(
        "repair without the authority",
        ((repair, "commit", _repair_commit(lambda a: a[1:])),),
        (DUAL, OFF, ALONE),
        plan=plan((Phase.DUAL_WRITE, "legacy"), (REPAIR,), asks("delete")),
    ),
    Mutant(
        "repair over any replica",
        ((repair, "commit", _repair_commit(lambda a: [a[0], replace(a[1], condition=None)])),),
        (DUAL, OFF, ALONE),
        implied="the authority's check, in the same transaction",
        both=("repair without any condition",),
    ),
    Mutant(
        "repair without any condition",
        ((repair, "commit", _repair_commit(lambda a: [replace(a[1], condition=None)])),),
        (DUAL,),
        plan=plan((Phase.DUAL_WRITE, "stale"), (REPAIR,), asks("rename"), asks("delete")),
    ),
    Mutant(
        "a repair takes an absent primary for granted",
        (
            *ABSENCE_DROPPED,
            (repair, "commit", _repair_commit(lambda a: [a[0], replace(a[1], condition=None)])),
        ),
        (DUAL,),
        plan=plan((Phase.DUAL_WRITE, "orphan"), (REPAIR,), asks("create")),
    ),
    Mutant(
        "a pass may span a move",
        (
            (runs, "with_certificate", _certify("epoch")),
            (segments, "refuse_stale", _stale_by("epoch")),
        ),
        (OFF,),
        plan=THERE_AND_BACK,
    ),
    Mutant(
        "a pass may span what voids a certificate",
        ((runs, "with_certificate", _certify("voids")),),
        (DUAL,),
        plan=plan(
            (Phase.SHADOW_READ, "created"),
            (VALIDATE,),
            [Wish("create", "b"), Wish("rename", "b"), Wish("rename", "b")],
            outside="v1",
            watch=(Round(0.0, 0),) * 3,
        ),
    ),
    Mutant(
        "a pass may span whatever happens",
        (
            (runs, "with_certificate", _certify("epoch", "voids")),
            (segments, "refuse_stale", _stale_by("epoch", "voids")),
        ),
        (OFF,),
        plan=THERE_AND_BACK,
    ),
    Mutant(
        "a pass begins at once",
        ((runs, "_begin_at", lambda world, _run, _state: world.clock.wall()),),
        (OFF, DUAL, ALONE),
    ),
    Mutant(
        "overtaken workers go on",
        ((segments, "refuse_stale", never), (lease.Operation, "expired", FOREVER)),
        (DUAL, OFF),
        plan=plan(
            (Phase.DUAL_WRITE, "legacy"),
            (BACKFILL, REPAIR),
            asks("get", "delete", after=15.0),
            twins=0.0,
            faults=[Fault(3, each, writes=False, kinds=("frozen after",)) for each in (5, 6, 7)],
        ),
    ),
)
