"""Where runs begin that are to crash: a handful of records of every sort, in a phase."""

from dataclasses import replace
from functools import cache
from typing import Any

from prove.conduct import Conduct
from prove.toy import ENVIRONMENT, FIRST, MIGRATION, legacy, person
from shared.engine.records import Records
from shared.engine.world import PairedWorld
from shared.memory.world import MemoryParts, memory_parts
from shared.model.declaration import TableToTable
from shared.model.errors import Throttled
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import RunKind
from shared.model.writes import Action, Side
from shared.ports import Tables


@cache
def paired_stage(phase: Phase, *, first: bool) -> MemoryParts[TableToTable]:
    """Return a migration with a handful of records of every sort, in a phase."""
    parts = memory_parts(FIRST if first else MIGRATION)
    world = parts.world(ENVIRONMENT)
    conduct = Conduct(world, parts.executions, parts.syncs)
    parts.store.load(Side.SOURCE, *(legacy(name, name="old", project="p") for name in "abcde"))
    records = Records(world)
    records.create(person("f", name="new", team="t"), Key("f"))
    if phase is Phase.OFF:
        return parts
    conduct.job(RunKind.DRY_RUN)
    conduct.reach(Phase.DUAL_AF if first else Phase.DUAL_WRITE)
    conduct.settle()
    records.create(person("g", name="new", team="t"), Key("g"))
    if phase is Phase.DUAL_AF:
        _leave_behind(world)
    if phase in (Phase.DUAL_WRITE, Phase.DUAL_AF):
        return parts
    _single_writes(conduct, records)
    if phase is Phase.ARCHIVED:
        conduct.journey(RunKind.MIGRATE, until="ARCHIVED", approve="auto")
    if phase is Phase.V2_AF:
        conduct.reach(Phase.V2_AF)
        conduct.settle()
        _leave_behind(world)
    return parts


class _DeadReplica:
    """Tables of which the replica cannot be written, outside of transactions."""

    def __init__(self, tables: Tables, replica: Side) -> None:
        self._tables = tables
        self._replica = replica

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def write(self, action: Action) -> Item | None:
        """Refuse what the replica is to take."""
        if action.side is self._replica:
            raise Throttled("the replica is dead")
        return self._tables.write(action)


def _leave_behind(world: PairedWorld) -> None:
    """Change, remove and make records that the replica of a detour does not follow."""
    phase = world.control.read(MIGRATION.name).phase
    dead: Any = _DeadReplica(world.tables, phase.primary.other)
    records = Records(replace(world, tables=dead))
    records.update(Key("c"), {"name": "changed"}, (), None)
    records.update(Key("g"), {"name": "changed"}, (), None)
    records.delete(Key("d"), None)
    records.create(person("i", name="made"), Key("i"))


def _single_writes(conduct: Conduct, records: Records) -> None:
    """Go on to WRITE_V2_ONLY and write there what v1 does not get."""
    conduct.journey(RunKind.MIGRATE, until="WRITE_V2_ONLY", approve="auto")
    conduct.settle()
    records.update(Key("a"), {"name": "newer", "note": "n"}, (), None)
    records.delete(Key("b"), None)
    records.delete(Key("f"), None)
    records.create(person("f", name="newest"), Key("f"))
    records.create(person("h", name="new"), Key("h"))
