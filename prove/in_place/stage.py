"""Where a run in place begins: the table, the control item, the ledger and the snapshots."""

from collections.abc import Callable
from functools import cache
from typing import Any

from prove import toy
from prove.conduct import Conduct
from prove.history import State, state_of
from prove.in_place.toy import MIGRATION, NOTE, legacy, person, up, upgraded
from prove.stage import NAMES, Stage
from shared.engine.in_place.records import InPlaceRecords
from shared.memory.world import MemoryParts, memory_parts
from shared.model.in_place import InPlace
from shared.model.key import Key
from shared.model.phases import IN_PLACE, Phase
from shared.model.runs import RunKind
from shared.model.writes import Side

STAMPS = MIGRATION.stamps


class Director:
    """Brings a migration in place to where a scenario begins."""

    def __init__(self) -> None:
        self.parts = memory_parts(MIGRATION)
        self.world = self.parts.world(toy.ENVIRONMENT)
        self.conduct = Conduct(self.world, self.parts.executions, self.parts.syncs)
        self.key = Key(NAMES[0])

    def records(self) -> InPlaceRecords:
        """Return a fresh instance of the service."""
        return InPlaceRecords(self.world)

    def legacy(self) -> None:
        """Let the table hold a record that is older than the wrapper."""
        item = legacy(NAMES[0], project="p0", name="first")
        self.parts.store.load(Side.SOURCE, item)

    def create(self) -> None:
        """Create the record through the wrapper."""
        self.records().create(person(NAMES[0], name="first", team="p0"), self.key)

    def update(self, **changes: str) -> None:
        """Change the record."""
        self.records().update(self.key, changes, (), None)

    def delete(self) -> None:
        """Delete the record."""
        self.records().delete(self.key, None)

    def backfill(self) -> None:
        """Upgrade all records."""
        self.conduct.job(RunKind.BACKFILL)

    def reach(self, phase: Phase) -> None:
        """Go forward or back to a phase, one move after the other, and let each settle."""
        while (here := self.conduct.world.control.read(MIGRATION.name).phase) is not phase:
            step = 1 if phase.order > here.order else -1
            self.conduct.reach(IN_PLACE[IN_PLACE.index(here) + step])
            self.conduct.settle()


def _nothing(_director: Director) -> None:
    """Leave no record in the table."""


def _upgraded(director: Director) -> None:
    """Leave a record older than the wrapper that was upgraded."""
    director.legacy()
    director.reach(Phase.WRITE_NEW)
    director.backfill()


def _made_and_upgraded(director: Director) -> None:
    """Leave a record of the wrapper's that was upgraded."""
    director.create()
    director.reach(Phase.WRITE_NEW)
    director.backfill()


def _new(director: Director) -> None:
    """Leave a record that was created in the new shape."""
    director.reach(Phase.WRITE_NEW)
    director.create()


def _noted(director: Director) -> None:
    """Leave an upgraded record with a note that the old shape cannot hold."""
    _upgraded(director)
    director.update(note="n0")


def _two(director: Director) -> None:
    """Leave two records that are older than the wrapper."""
    director.legacy()
    director.parts.store.load(Side.SOURCE, legacy(NAMES[1], name="first"))


def _again(director: Director) -> None:
    """Leave a record that was upgraded, restored, and has its first snapshot still."""
    _upgraded(director)
    director.reach(Phase.READ_BOTH)
    director.conduct.job(RunKind.RESTORE)


VARIANTS: dict[str, Callable[[Director], Any]] = {
    "nothing": _nothing,
    "old": Director.legacy,
    "made": Director.create,
    "upgraded": _upgraded,
    "made and upgraded": _made_and_upgraded,
    "new": _new,
    "noted in place": _noted,
    "restored": _again,
    "two old": _two,
}
"""How a record may be found: where it was made, and what an earlier try left of it."""

LATER: dict[str, Callable[[Director], Any]] = {
    "delete": Director.delete,
    "update": lambda director: director.update(name="third"),
}
"""What may have been done in the phase itself before a run begins."""


@cache
def in_place_stage(phase: Phase, variant: str, later: str = "") -> Stage:
    """Return a stage; `later` is what is done in the phase itself: update or delete."""
    director = Director()
    VARIANTS[variant](director)
    if phase is Phase.OFF:
        director.conduct.job(RunKind.DRY_RUN)
    director.reach(phase)
    for act in later.split():
        LATER[act](director)
    director.conduct.settle()
    known = {name: known_state(director.parts, Key(name)) for name in NAMES}
    return Stage(director.parts, director.parts.clock.wall(), known)


def known_state(parts: MemoryParts[InPlace], key: Key) -> State | None:
    """Return what callers know of a record, with nobody about."""
    stored = parts.store.table(Side.SOURCE).read(key)
    if stored is None:
        return None
    own = STAMPS.strip(stored)
    seen = own if upgraded(own) else up(own, ())
    note = seen.get(NOTE)
    return state_of(seen, note if isinstance(note, str) else None, STAMPS.read(stored))
