"""Where runs in place begin that are to crash: records of every sort, in a phase."""

from functools import cache

from prove import toy
from prove.conduct import Conduct
from prove.in_place.toy import MIGRATION, legacy, person
from shared.engine.in_place.records import InPlaceRecords
from shared.engine.in_place.shapes import Shapes
from shared.engine.in_place.snapshots import SnapshotReader, mark_of
from shared.engine.key_sets import store
from shared.memory.world import MemoryParts, memory_parts
from shared.model.in_place import InPlace
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import RunKind
from shared.model.writes import Side


@cache
def in_place_stage(phase: Phase) -> MemoryParts[InPlace]:
    """Return a migration with a handful of records, upgraded and written since as phases allow."""
    parts = memory_parts(MIGRATION)
    world = parts.world(toy.ENVIRONMENT)
    conduct = Conduct(world, parts.executions, parts.syncs)
    parts.store.load(Side.SOURCE, *(legacy(name, name="old", project="p") for name in "abcde"))
    records = InPlaceRecords(world)
    records.create(person("f", name="new", team="t"), Key("f"))
    if phase is Phase.OFF:
        return parts
    conduct.job(RunKind.DRY_RUN)
    conduct.back_and_forth((Phase.READ_BOTH, Phase.WRITE_NEW))
    conduct.settle()
    records.create(person("g", name="new"), Key("g"))
    records.update(Key("b"), {"name": "changed"}, (), None)
    if phase is Phase.WRITE_NEW:
        return parts
    conduct.job(RunKind.BACKFILL)
    records.update(Key("c"), {"name": "changed since"}, (), None)
    records.delete(Key("e"), None)
    records.create(person("e", name="again", team="t"), Key("e"))
    _go(conduct, phase)
    if phase is Phase.VALIDATE:
        conduct.job(RunKind.RESTORE, keys=store(world, ["d", "f"]))
    conduct.settle()
    return parts


def _go(conduct: Conduct, phase: Phase) -> None:
    if phase is Phase.READ_BOTH:
        conduct.reach(phase)
    else:
        conduct.reach(Phase.VALIDATE)
    if phase is Phase.DONE:
        conduct.reach(phase)


def without_snapshot(parts: MemoryParts[InPlace]) -> int:
    """Return how many upgraded records no snapshot has as they were."""
    shapes = Shapes(parts.world(toy.ENVIRONMENT))
    reader = SnapshotReader(shapes)
    found = 0
    for item in parts.store.items(Side.SOURCE):
        mark = mark_of(item, shapes)
        found += mark is not None and reader.find(item, mark) is None
    return found
