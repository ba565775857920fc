"""Records that a person has excluded from the migration: they stay in v1, unwritten."""

import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from shared.engine.control_writes import change_control
from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import GuardRefused, RecordHeld
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.writes import Side


class Exclusions:
    """The excluded keys of one migration, read once per decided set."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._known: tuple[str, frozenset[str]] | None = None

    def keys(self, state: ControlState) -> frozenset[str]:
        """Return the excluded keys as text."""
        digest = state.exclusions
        if digest is None:
            return frozenset()
        with self._lock:
            if self._known is None or self._known[0] != digest:
                name = self._world.migration.name
                self._known = (digest, self._world.ledger.exclusions(name, digest))
            return self._known[1]

    def holds(self, state: ControlState, key: Key) -> bool:
        """Tell whether a record is excluded."""
        return self._world.migration.source.keys.text(key) in self.keys(state)

    def refuse_excluded(self, state: ControlState, key: Key) -> None:
        """Raise RecordHeld when the record may not be written in this phase.

        Once v1 is deleted, what was released with it is gone: its key is free again.
        """
        bound = state.phase is not Phase.OFF and state.phase.source_exists
        if bound and self.holds(state, key):
            raise RecordHeld(
                "the record is excluded from the migration",
                key=self._world.migration.source.keys.text(key),
                mend="an operator rolls back to OFF, where it can be written",
            )


def digest_of(keys: Iterable[str]) -> str:
    """Return the name of a set of keys: the same set always has the same."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()


def decide_exclusions(world: World, texts: Sequence[str] | None, actor: str) -> None:
    """Record a person's decision about which records are left out; None decides nothing.

    In OFF, where nothing has moved, the keys replace the set, so that an empty list takes every
    exclusion back; later they can only add to it.
    """
    if texts is None:
        return
    name = world.migration.name
    exclusions = Exclusions(world)
    at = world.clock.wall()

    def decided(state: ControlState) -> ControlState:
        before = frozenset() if state.phase is Phase.OFF else exclusions.keys(state)
        keys = before | frozenset(texts)
        digest = digest_of(keys) if keys else None
        if digest == state.exclusions:
            return state
        refuse_late(state)
        if digest is not None:
            world.ledger.store_exclusions(name, digest, keys)
        # Writers who do not know of it yet are fenced off as workers are.
        return replace(state.voided(), exclusions=digest, released=False, quiet_since=at)

    detail = ", ".join(texts[:20]) or "none"
    change_control(world, decided, AuditEntry(name, at, 0, "exclude", actor, "a decision", detail))


def refuse_late(state: ControlState) -> None:
    """Raise GuardRefused once v2 is primary: v1's copy may be older than what was acknowledged."""
    if state.phase.primary is Side.TARGET:
        raise GuardRefused(
            f"in {state.phase} v2 decides: a record can no longer be left in v1",
            missing=("phase",),
            field="exclude",
            mend=f"roll back to {Phase.READ_N} first",
        )
