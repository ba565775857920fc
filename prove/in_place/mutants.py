"""The engine in place with one rule removed."""

from functools import partial

import shared.engine.guards as guards
import shared.engine.in_place.choice as choice
import shared.engine.in_place.records as records
import shared.engine.in_place.restore as restore
import shared.engine.in_place.snapshots as snapshots
import shared.engine.in_place.upgrade as upgrade
import shared.engine.in_place.validate as validate
import shared.engine.runs as runs
import shared.engine.segments as segments
from prove.in_place.families import LOWER, RESTORE, RESTORE_ONE
from prove.in_place.patches import (
    bare,
    begin_at,
    cas,
    content_with,
    created_over,
    found_anything,
    judged_leniently,
    lowered_anyhow,
    marked,
    moved_restored,
    overwritten,
    proven_anywhen,
    put_back,
    stale_by_worker,
    unsnapped,
    write_first,
)
from prove.mutants.patching import Mutant, asks, never, plan
from prove.scenarios import Fault
from prove.steps import BACKFILL, REPAIR, to
from shared.engine.in_place.lost_answers import LostAnswers
from shared.engine.in_place.shapes import Shapes
from shared.model.control import ControlState
from shared.model.moves import Guard
from shared.model.phases import Phase
from shared.model.stamp import Seen

HOME, ON = "in place OFF–READ_BOTH", "in place READ_BOTH–WRITE_NEW"
UP, LAST = "in place WRITE_NEW–VALIDATE", "in place VALIDATE–DONE"

_scene = partial(plan, in_place=True)

IN_PLACE: tuple[Mutant, ...] = (
    Mutant("in place: CAS without write id", ((Shapes, "exactly", cas("write")),), (UP, ON)),
    Mutant(
        "in place: CAS without version",
        ((Shapes, "exactly", cas("version")),),
        (UP, ON),
        implied="the write id, which is new with every write",
        both=("in place: CAS without version and write id",),
    ),
    Mutant(
        "in place: CAS without birth",
        ((Shapes, "exactly", cas("birth")),),
        (UP, ON),
        implied="the write id, which is new with every write",
        both=("in place: CAS without birth and write id",),
    ),
    Mutant(
        "in place: CAS without version and write id",
        ((Shapes, "exactly", cas("version", "write")),),
        (UP,),
        plan=_scene((Phase.WRITE_NEW, "made"), (), asks("rename"), asks("assign team")),
    ),
    Mutant(
        "in place: CAS without birth and write id",
        ((Shapes, "exactly", cas("birth", "write")),),
        (UP,),
        plan=_scene((Phase.WRITE_NEW, "made"), (), asks("rename"), asks("delete", "create")),
    ),
    Mutant("in place: CAS without existence", ((Shapes, "exactly", cas("existence")),), (HOME,)),
    Mutant(
        "in place: If-Match without the life",
        ((Seen, "holds", lambda seen, stamp: seen.version == stamp.version),),
        (UP,),
        plan=_scene(
            (Phase.WRITE_NEW, "made"),
            (BACKFILL,),
            asks("get", "rename if unchanged"),
            asks("delete", "create"),
        ),
    ),
    Mutant("in place: no snapshot", ((snapshots.SnapshotWriter, "store", unsnapped),), (UP, LAST)),
    Mutant(
        "in place: snapshot after the write", ((upgrade.Upgrade, "make", write_first),), (UP, LAST)
    ),
    Mutant(
        "in place: one snapshot a segment",
        ((snapshots.SnapshotWriter, "store", overwritten),),
        (UP,),
        plan=_scene((Phase.WRITE_NEW, "two old"), (BACKFILL,), asks("rename"), asks("rename")),
    ),
    Mutant("in place: backfill without condition", ((upgrade.Upgrade, "make", bare),), (UP, LAST)),
    Mutant(
        "in place: restore compares nothing",
        ((restore, "same", lambda *_given: True),),
        (UP,),
        plan=_scene((Phase.WRITE_NEW, "upgraded"), (RESTORE,), asks("get"), outside="in place"),
    ),
    Mutant(
        "in place: restore puts without condition",
        ((restore.Restore, "_written", put_back),),
        (UP, ON),
    ),
    Mutant(
        "in place: restore takes a lost race for won",
        ((restore.Restore, "_written", content_with),),
        (HOME, UP),
        plan=_scene((Phase.READ_BOTH, "upgraded"), (RESTORE,), asks("rename")),
    ),
    Mutant(
        "in place: READ_BOTH writes the new shape",
        ((choice, "UPGRADING", frozenset(Phase)),),
        (HOME, ON),
    ),
    Mutant(
        "in place: VALIDATE writes the old shape",
        ((choice, "UPGRADING", frozenset({Phase.WRITE_NEW})),),
        (LAST, UP),
    ),
    Mutant(
        "in place: every key is in the share", ((choice, "in_share", lambda *_given: True),), (ON,)
    ),
    Mutant(
        "in place: no key is in the share", ((choice, "in_share", lambda *_given: False),), (UP,)
    ),
    Mutant(
        "in place: restore before settle",
        ((runs, "_begin_at", begin_at("settle")),),
        (UP, ON),
        plan=_scene(
            (Phase.WRITE_NEW, "nothing"), (*to(Phase.READ_BOTH), LOWER), asks("get", "create")
        ),
    ),
    Mutant(
        "in place: restore before the fence",
        ((runs, "_begin_at", begin_at("fence")),),
        (UP, ON),
        plan=_scene(
            (Phase.WRITE_NEW, "two old"),
            (BACKFILL, RESTORE),
            asks("get"),
            twins=0.0,
        ),
    ),
    Mutant("in place: OFF without a restore", ((guards.CHECKS, Guard.RESTORED, never),), (HOME,)),
    Mutant(
        "in place: a restore is proof across moves",
        ((runs, "_proven", proven_anywhen),),
        (HOME,),
        plan=_scene(
            (Phase.READ_BOTH, "upgraded"),
            (LOWER, *to(Phase.OFF)),
            asks("rename"),
            asks("get", "rename"),
            rival=to(Phase.WRITE_NEW, Phase.READ_BOTH),
        ),
    ),
    Mutant(
        "in place: a backfill works in any phase",
        ((segments, "refuse_stale", stale_by_worker),),
        (UP,),
        plan=_scene(
            (Phase.WRITE_NEW, "old"),
            (BACKFILL,),
            asks("get"),
            rival=(*to(Phase.READ_BOTH), LOWER, *to(Phase.OFF)),
        ),
    ),
    Mutant(
        "in place: restored outlives new writes",
        ((ControlState, "moved", moved_restored),),
        (HOME, ON),
    ),
    Mutant(
        "in place: a restore leaves the certificate",
        ((ControlState, "voided", lambda state: state),),
        (LAST,),
        plan=_scene((Phase.VALIDATE, "upgraded"), (REPAIR, RESTORE_ONE), asks("get")),
    ),
    Mutant(
        "in place: old records pass for migrated",
        ((validate, "judge", judged_leniently),),
        (LAST,),
    ),
    Mutant(
        "in place: what is derived stays", ((Shapes, "derived", lambda _s, own, _l: own),), (UP,)
    ),
    Mutant(
        "in place: an upgrade counts a version",
        ((Shapes, "marked", marked(version=lambda stamp: stamp.version + 1)),),
        (UP,),
    ),
    Mutant(
        "in place: an upgrade begins the versions anew",
        ((Shapes, "marked", marked(version=lambda stamp: 1 if stamp.birth else 0)),),
        (UP,),
        plan=_scene((Phase.READ_BOTH, "old"), (*to(Phase.WRITE_NEW), BACKFILL), asks("rename")),
    ),
    Mutant(
        "in place: an upgrade is a birth",
        (
            (
                Shapes,
                "marked",
                marked(birth=lambda stamp: stamp.write, version=lambda s: s.version or 1),
            ),
        ),
        (UP,),
    ),
    Mutant(
        "in place: lowering loses what is new", ((Shapes, "lowered", lowered_anyhow),), (HOME, UP)
    ),
    Mutant(
        "in place: any write is one's own",
        ((LostAnswers, "_found", found_anything),),
        (UP, HOME),
        plan=_scene(
            (Phase.WRITE_NEW, "made"),
            (),
            asks("rename", "get"),
            asks("rename"),
            faults=[Fault(0, 1, writes=True, kinds=("lost before",))],
        ),
    ),
    Mutant(
        "in place: a create overwrites",
        ((records.InPlaceRecords, "_created", created_over),),
        (HOME, UP),
    ),
)
