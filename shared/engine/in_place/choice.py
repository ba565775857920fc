"""In which shape a record is written, and whether it may be written so: by phase, key and content.

Before WRITE_NEW a record is stored in the shape it is found in, a new one in the old shape; from
there on a write leaves the new shape, for the share of the keys that the phase has.
"""

from shared.engine.exclusions import Exclusions
from shared.engine.images import Unmovable
from shared.engine.in_place.judging import unsound
from shared.engine.in_place.shapes import Change as Writing
from shared.engine.in_place.shapes import Lookups, Shapes
from shared.engine.record import Change, changed, refuse_too_large
from shared.engine.shares import in_share
from shared.model.control import ControlState
from shared.model.errors import InvalidInput, NotInPhase, RecordHeld
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.stamp import Stamp

UPGRADING = frozenset({Phase.WRITE_NEW, Phase.VALIDATE, Phase.DONE})
"""The phases in which a write leaves the new shape."""


class Choice:
    """Decides on the shape of each write of one migration."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._exclusions = Exclusions(shapes.world)

    def complete(self, item: Item, key: Key, lookups: Lookups) -> Item:
        """Return a record that is created with all that the transform derives and fills in."""
        image = self._shapes.derived(item, lookups)
        self._refuse_formless(image, key)
        return image

    def created(self, state: ControlState, key: Key, own: Item, lookups: Lookups) -> Item:
        """Return a new record as it is stored; raise InvalidInput or NotInPhase."""
        return self._shaped(state, key, own, self._shapes.lowered(own, lookups), lookups)

    def changed(
        self, state: ControlState, key: Key, old: Item, change: Change, write: str
    ) -> tuple[Writing, Item]:
        """Return a change as it is written, and the record as callers then see it."""
        lookups = Lookups(self._shapes.world)
        seen = self._shapes.view(old, lookups)
        after = self._shapes.derived(changed(seen, change.assign, change.remove), lookups)
        if self._shapes.migration.upgraded(seen):  # one that had no such form may still be changed
            self._refuse_formless(after, key)
        image = after
        if not self._shapes.upgraded(old):
            before = self._shapes.stamps.strip(old)
            lowered = self._shapes.relowered(before, seen, after, lookups)
            image = self._shaped(state, key, after, lowered, lookups)
        elif unsound(self._shapes, seen, lookups) is None:  # one that was so before may be mended
            self._refuse_unsound(after, lookups)
        stamp = self._shapes.stamps.read(old)
        stamps = Stamp(stamp.version + 1, stamp.birth, write)
        stored = {**image, **self._shapes.stamps.write_out(stamps)}
        refuse_too_large(stored)
        return Writing(old, stored), after

    def _refuse_formless(self, image: Item, key: Key) -> None:
        if not self._shapes.migration.upgraded(image):
            raise RecordHeld(
                "the record has no form in the new shape",
                key=self._shapes.keys.text(key),
                mend="give it everything that the new shape asks for",
            )

    def _upgrades(self, state: ControlState, key: Key) -> bool:
        """Tell whether a write of this record leaves the new shape."""
        if state.phase not in UPGRADING or self._exclusions.holds(state, key):
            return False
        all_of_them = state.phase is not Phase.WRITE_NEW
        return all_of_them or in_share(self._shapes.keys.text(key), state.percent)

    def _shaped(
        self, state: ControlState, key: Key, own: Item, image: Item | None, lookups: Lookups
    ) -> Item:
        """Return a record in the shape in which it is stored now, when it is not in the new one.

        `image` is its old shape, if that can hold it. A record that only a person can upgrade
        stays in the old shape: it is not refused, and not lost.
        """
        if self._upgrades(state, key) and (image is None or self._clear(image, lookups)):
            self._refuse_unsound(own, lookups)
            return own
        if image is None:
            self._refuse_unsound(own, lookups)
            raise NotInPhase(
                f"the record cannot be stored before {Phase.WRITE_NEW} (phase {state.phase})",
                key=self._shapes.keys.text(key),
                mend=f"keep to what the old shape can hold, or wait for {Phase.WRITE_NEW}",
            )
        return image

    def _clear(self, image: Item, lookups: Lookups) -> bool:
        """Tell whether a record of the old shape may be upgraded."""
        return not isinstance(self._shapes.upgrade(image, lookups), Unmovable)

    def _refuse_unsound(self, own: Item, lookups: Lookups) -> None:
        """Raise InvalidInput for a record of the new shape that breaks a declared law."""
        reason = unsound(self._shapes, own, lookups)
        if reason is not None:
            raise InvalidInput(reason, field="body", mend="correct the record")
