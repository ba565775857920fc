"""Where a run begins: both tables, the control item and the ledger, made by the real engine.

A stage is set once per process, one step after the other and with nobody else about; each run
works on a copy of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from prove import toy
from prove.conduct import Conduct
from prove.history import State, state_of
from shared.engine.records import Records
from shared.memory.world import MemoryParts, memory_parts
from shared.model.declaration import TableToTable
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import RunKind
from shared.model.writes import Side

NAMES = ("a", "b")
STAMPS = toy.MIGRATION.stamps

Opening = tuple[Phase, str, str]
"""A phase, how the record was found in OFF, and what was done in the phase itself."""


class Director:
    """Brings a migration to where a scenario begins."""

    def __init__(self, name: str) -> None:
        self.parts = memory_parts(toy.MIGRATION)
        self.world = self.parts.world(toy.ENVIRONMENT)
        self.conduct = Conduct(self.world, self.parts.executions, self.parts.syncs)
        self.name = name
        self.key = Key(name)

    def first(self) -> "Director":
        """Return one of the same migration in its availability-first mode."""
        other = Director(self.name)
        other.parts = self.parts
        other.world = replace(self.world, migration=toy.FIRST)
        other.conduct = Conduct(other.world, self.parts.executions, self.parts.syncs)
        return other

    def records(self) -> Records:
        """Return a fresh instance of the service."""
        return Records(self.world)

    def legacy(self) -> None:
        """Let v1 hold a record that is older than the wrapper."""
        self.parts.store.load(Side.SOURCE, toy.legacy(self.name, project="p0", name="first"))

    def create(self) -> None:
        """Create the record through the wrapper."""
        self.records().create(toy.person(self.name, name="first", team="p0"), self.key)

    def update(self, **changes: str) -> None:
        """Change the record."""
        self.records().update(self.key, changes, (), None)

    def delete(self) -> None:
        """Delete the record."""
        self.records().delete(self.key, None)

    def forward(self, phase: Phase) -> None:
        """Go forward to a phase and let it settle."""
        self.conduct.journey(RunKind.MIGRATE, until=phase.value, approve="auto", ramp=[100])
        self.conduct.settle()

    def back(self, phase: Phase = Phase.OFF) -> None:
        """Roll back to a phase and let it settle."""
        self.conduct.journey(RunKind.ROLLBACK, to_phase=phase.value)
        self.conduct.settle()

    def enter(self, phase: Phase) -> None:
        """Go to a phase; to DUAL_WRITE without the backfill that follows there."""
        if phase is Phase.OFF:
            self.conduct.job(RunKind.DRY_RUN)
        elif phase in (Phase.DUAL_AF, Phase.DUAL_WRITE):
            self.conduct.reach(phase)
            self.conduct.settle()
        elif phase is Phase.V2_AF:
            self.forward(Phase.READ_V2)
            self.conduct.reach(phase)
            self.conduct.settle()
        else:
            self.forward(phase)


def _absent(_director: Director) -> None:
    """Leave no record in either table."""


def _stale(director: Director) -> None:
    """Leave v2 with an older copy of the record than v1."""
    director.create()
    director.forward(Phase.VALIDATE)
    director.back()
    director.update(name="second")


def _noted(director: Director) -> None:
    """Leave v2 with a note that v1 cannot hold."""
    director.create()
    director.forward(Phase.READ_V2)
    director.update(note="n0")
    director.back()


def _noted_legacy(director: Director) -> None:
    """Leave v2 with a note of a record that is older than the wrapper."""
    director.legacy()
    director.forward(Phase.READ_V2)
    director.update(note="n0")
    director.back()


def _other(director: Director) -> None:
    """Leave v2 with a record that was deleted and made again in v1 since, and with its note."""
    _noted(director)
    director.update(name="second")
    director.delete()
    director.create()


def _other_legacy(director: Director) -> None:
    """Leave v2 with a record older than the wrapper that was made again in v1 since."""
    _noted_legacy(director)
    director.delete()
    director.create()


def _orphan(director: Director) -> None:
    """Leave v2 with a record that was deleted in v1 since."""
    _noted(director)
    director.delete()


def _ahead(director: Director) -> None:
    """Leave v2 one version ahead of v1, as nothing but code outside the wrapper can."""
    director.create()
    director.forward(Phase.VALIDATE)
    director.back()
    (row,) = director.parts.store.items(Side.TARGET)
    director.parts.store.load(Side.TARGET, {**row, STAMPS.version: row[STAMPS.version] + 1})


VARIANTS: dict[str, Callable[[Director], None]] = {
    "absent": _absent,
    "legacy": Director.legacy,
    "created": Director.create,
    "noted": _noted,
    "noted legacy": _noted_legacy,
    "stale": _stale,
    "other": _other,
    "other legacy": _other_legacy,
    "orphan": _orphan,
    "ahead": _ahead,
}
"""How a record may be found in OFF: what v1 has of it, and what an earlier try left in v2."""


LATER: dict[str, Callable[[Director], None]] = {
    "create": Director.create,
    "delete": Director.delete,
    "update": lambda director: director.update(name="third"),
    "note": lambda director: director.update(note="n1"),
}
"""What may have been done in the phase itself before a run begins."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A migration in a phase, and what its callers know of the records."""

    parts: MemoryParts[Any]
    now: float
    known: dict[str, State | None]


@cache
def stage(phase: Phase, variant: str, later: str = "") -> Stage:
    """Return a stage; `later` is what is done in the phase itself: update, delete or create."""
    director = Director(NAMES[0])
    if phase.follows:
        VARIANTS[variant](director)
        director = director.first()
    else:
        VARIANTS[variant](director)
    director.enter(phase)
    for act in later.split():
        LATER[act](director)
    director.conduct.settle()
    known = {name: known_state(director.parts, phase, Key(name)) for name in NAMES}
    return Stage(director.parts, director.parts.clock.wall(), known)


def known_state(parts: MemoryParts[TableToTable], phase: Phase, key: Key) -> State | None:
    """Return what callers know of a record, from both tables with nobody about."""
    source = parts.store.table(Side.SOURCE).read(key) if phase.source_exists else None
    target = parts.store.table(Side.TARGET).read(toy.target_key(key))
    primary = source if phase.primary is Side.SOURCE else target
    if primary is None:
        return None
    shown = toy.up(STAMPS.strip(primary)) if phase.primary is Side.SOURCE else primary
    stamp = STAMPS.read(primary)
    same = target is not None and STAMPS.read(target).birth == stamp.birth
    note = target.get(toy.NOTE) if target is not None and same else None
    return state_of(own(shown), note, stamp)


def own(item: Item) -> Item:
    """Return an item without the engine's stamp."""
    return STAMPS.strip(item)
