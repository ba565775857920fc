"""How each kind of migration judges a stored record, for the person who has to decide about it.

A decision is a change of the record in its old shape. So between two tables it is made while only
v1 is written, and in place in every phase.
"""

from collections.abc import Mapping
from typing import Protocol

from shared.engine.backfill import moved_image
from shared.engine.images import Unmovable
from shared.engine.in_place.shapes import Change, Lookups, Shapes
from shared.engine.world import InPlaceWorld, PairedWorld, World, in_place, paired
from shared.model.control import ControlState
from shared.model.declaration import TRANSFORM, Decision, Verdict
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.in_place import InPlace
from shared.model.item import Item, same
from shared.model.phases import Phase
from shared.model.stamp import StampNames
from shared.model.writes import Condition, Equals, Every, Missing, Side, Update


class Judge(Protocol):
    """What one kind of migration makes of a stored item; it looks things up once."""

    def verdict(self, stored: Item) -> Verdict:
        """Return the transform's decision about a record as it is stored."""
        ...

    def becomes(self, stored: Item) -> Item | Unmovable:
        """Return what a record migrates to, or why it does not."""
        ...

    def update(self, before: Item, after: Item) -> Update:
        """Return the write of what differs, if the record is still exactly as before."""
        ...

    def refuse_phase(self, state: ControlState) -> None:
        """Raise GuardRefused in a phase in which a decision cannot be written."""
        ...


def judge_of(world: World) -> Judge:
    """Return the judge of a migration; a fresh one looks everything up anew."""
    if isinstance(world.migration, InPlace):
        return InPlaceJudge(in_place(world))
    return PairedJudge(paired(world))


def _unreadable(stamps: StampNames, stored: Item) -> Verdict | None:
    """Return the verdict on an item whose stamp is not the engine's; None for all others."""
    try:
        stamps.read(stored)
    except InvalidInput as error:
        return Verdict(Decision.REJECT, error.message, error.field)
    return None


class InPlaceJudge:
    """Judges records that change where they lie; one in the new shape is decided."""

    def __init__(self, world: InPlaceWorld) -> None:
        self._shapes = Shapes(world)
        self._lookups = Lookups(world)

    def verdict(self, stored: Item) -> Verdict:
        """Return the decision about a record; what is in the new shape has been decided."""
        unreadable = _unreadable(self._shapes.stamps, stored)
        if unreadable is not None:
            return unreadable
        if self._shapes.upgraded(stored):
            return TRANSFORM
        own = self._shapes.stamps.strip(stored)
        return self._shapes.migration.classify(own, self._lookups.of(own))

    def becomes(self, stored: Item) -> Item | Unmovable:
        """Return a record's new shape, or why it has none."""
        if self._shapes.upgraded(stored):
            return stored
        return self._shapes.upgrade(stored, self._lookups)

    def update(self, before: Item, after: Item) -> Update:
        """Return the write of what differs; a record must stay in the old shape."""
        if self._shapes.upgraded(after):
            raise InvalidInput(
                "with that the record would be in the new shape",
                field="value",
                mend="give attributes of the old shape: the migration does the rest",
            )
        return self._shapes.update(Change(before, after))

    def refuse_phase(self, state: ControlState) -> None:
        """Refuse nothing: readers of each phase accept a record of the old shape."""


class PairedJudge:
    """Judges records of v1, which a decision changes as a writer does in OFF."""

    def __init__(self, world: PairedWorld) -> None:
        self._world = world
        self._migration = world.migration

    def verdict(self, stored: Item) -> Verdict:
        """Return the decision about a record of v1."""
        unreadable = _unreadable(self._migration.stamps, stored)
        own = self._migration.stamps.strip(stored)
        return unreadable or self._migration.classify(own)

    def becomes(self, stored: Item) -> Item | Unmovable:
        """Return a record's image in v2, or why it has none."""
        return moved_image(self._world, stored)

    def update(self, before: Item, after: Item) -> Update:
        """Return the write of what differs; what it replaces must be as it was read."""
        assign = {n: v for n, v in after.items() if n not in before or not same(before[n], v)}
        stamps, keys = self._migration.stamps, self._migration.source.keys
        held: tuple[Condition, ...] = tuple(_as_read(before, name) for name in sorted(assign))
        unchanged = Every((stamps.cas(before, keys.partition), *held))
        return Update(Side.SOURCE, keys.key_of(before), assign, condition=unchanged)

    def refuse_phase(self, state: ControlState) -> None:
        """Refuse every phase in which v2 is written too: the record has no form there."""
        if state.phase is not Phase.OFF:
            raise GuardRefused(
                f"a record of v1 is decided on while only v1 is written, not in {state.phase}",
                missing=("phase",),
                mend=f"exclude the record, or roll back to {Phase.OFF} first",
            )


def _as_read(before: Mapping[str, object], name: str) -> Condition:
    return Equals(name, before[name]) if name in before else Missing(name)
