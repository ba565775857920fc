"""Writes of one record whose answer may be lost: they are looked for, and claimed only if found."""

from shared.engine.commit import Patience, unknown
from shared.engine.in_place.shapes import Shapes
from shared.engine.lease import Operation
from shared.model.errors import ConditionFailed, Contended, OutcomeUnknown, Throttled
from shared.model.item import Item
from shared.model.key import Key
from shared.model.writes import Action


class LostAnswers:
    """Sends writes to the one table, and finds out what became of them."""

    def __init__(self, shapes: Shapes) -> None:
        self._world = shapes.world
        self._shapes = shapes

    def sent(self, operation: Operation, key: Key, action: Action, write: str) -> Item:
        """Do a conditional write and return the item; one whose answer was lost is looked for.

        It may be sent again: its condition is what was read, so it takes effect once.
        """
        patience, lost = Patience(self._world, write), False
        while True:
            why: Exception
            try:
                return self._world.tables.write(action) or {}
            except ConditionFailed as error:
                if not lost:
                    raise Contended("the record changed while it was read") from error
                return self._found(operation, key, write, error)
            except OutcomeUnknown as error:
                lost, why = True, error
            except (Contended, Throttled) as error:
                if not lost:
                    raise
                why = error
            patience.wait()
            if operation.expired:  # whoever sends later may meet another phase
                return self._found(operation, key, write, why)

    def _found(self, operation: Operation, key: Key, write: str, error: Exception) -> Item:
        """Return the item if it is as a write left it; raise OutcomeUnknown otherwise."""
        stored = self.look(operation, key, error)
        if stored is None or self._shapes.stamps.read(stored).write != write:
            raise unknown() from error
        return stored

    def look(self, operation: Operation, key: Key, error: Exception) -> Item | None:
        """Return what is stored; raise OutcomeUnknown when time runs out before that is known."""
        patience = Patience(self._world, operation.state.migration)
        while True:
            try:
                return self._shapes.read(key)
            except (Contended, Throttled):
                if operation.expired:
                    raise unknown() from error
                patience.wait()
