"""The control item as an actor of the simulation sees it; every change is held to the invariants.

In a small scope the operator, and the worker it waits for, are all that change the item. So they
read it without that anybody else could go on meanwhile, and the same holds for what they write
that tells callers nothing: it commutes with all that callers do.
"""

from dataclasses import replace

from prove import ports
from prove.commuting import CHANGES_CONTROL, READS_CONTROL
from prove.scheduler import Actor
from prove.witness import Witness
from shared.model.control import NEVER, AuditEntry, ControlState
from shared.model.errors import Throttled
from shared.ports import Control

OPERATORS = "cv"
"""How the names of the operator and of its workers begin."""


def told(state: ControlState) -> ControlState:
    """Return what a caller's instance acts on, and what its writes are held to.

    Since when a class is in force matters to `strict_reads` alone, which no small scope has.
    """
    return replace(
        state,
        revision=0,
        mover=None,
        class_change=NEVER,
        working=None,
        work_stop=NEVER,
        voids=0,
        backfilled=None,
        dry_run=None,
        baseline=None,
    )


class SimulatedControl:
    """The control item for one actor."""

    def __init__(self, actor: Actor, inner: Control, book: Witness) -> None:
        self._actor = actor
        self._inner = inner
        self._book = book
        self._small = actor.scheduler.exhaustive
        self._operates = actor.name[0] in OPERATORS

    def read(self, migration: str) -> ControlState:
        """Return the state; it may be read slowly, since a lease counts from before."""
        actor = self._actor
        actor.looked += 1
        if actor.blind and actor.looked > 1:
            actor.scheduler.mark(actor, "read in vain")
            raise Throttled("the control table does not answer")
        state: ControlState = ports.call(
            *(actor, "read", self._read, float("inf"), migration),
            noticed=not (self._small and self._operates),
            touches=READS_CONTROL,
        )
        self._book.looked(actor.name, state)
        if actor.hold:
            actor.sleep(actor.hold)  # the answer is under way
        return state

    def _read(self, migration: str) -> ControlState:
        state = self._inner.read(migration)
        return told(state) if self._small and not self._operates else state

    def write(self, state: ControlState, replaces: int, audit: AuditEntry) -> None:
        """Store a state over the revision it replaces."""
        if self._small and not self._operates:
            raise AssertionError(f"{self._actor.name} changes the control item")

        def effect() -> bool:
            self._inner.write(state, replaces, audit)
            self._book.moved(state, audit)
            return True

        ports.call(
            *(self._actor, f"move {state.phase}", effect, float("inf")),
            noticed=not self._small or told(state) != told(self._book.state),
            touches=CHANGES_CONTROL,
        )
