"""Records that a person has excluded from the migration: they stay in v1, unwritten."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.engine.control_writes import change_control
from shared.engine.key_sets import KeySets, digest_of
from shared.engine.world import World
from shared.model.control import AuditEntry, Change, ControlState
from shared.model.errors import GuardRefused, RecordHeld
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import Run
from shared.model.writes import Side

SHOWN = 20
"""Keys that the audit log names of a decision."""


class Exclusions:
    """The excluded keys of one migration, read once per decided set."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sets = KeySets(world)

    def keys(self, state: ControlState) -> frozenset[str]:
        """Return the excluded keys as text."""
        return frozenset() if state.exclusions is None else self._sets.get(state.exclusions)

    def left_out(self, run: Run, state: ControlState) -> frozenset[str]:
        """Return the keys that a run leaves out: those decided for good, and its input's."""
        return self.keys(state) | self._sets.given(run.params.get("exclude"))

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


def decide_exclusions(world: World, given: Mapping[str, Any] | None, actor: str) -> None:
    """Record a person's decision about which records are left out; None decides nothing.

    In OFF, where nothing has moved, the keys replace the set, so that an empty list takes every
    exclusion back; later they can only add to it.
    """
    if given is None:
        return
    name = world.migration.name
    exclusions = Exclusions(world)
    texts = KeySets(world).given(given)
    at = world.clock.wall()

    def decided(state: ControlState) -> ControlState:
        before = frozenset() if state.phase is Phase.OFF else exclusions.keys(state)
        keys = before | texts
        digest = digest_of(keys) if keys else None
        if digest == state.exclusions:
            return state
        refuse_late(state)
        if digest is not None:
            world.ledger.store_keys(name, digest, keys)
        # Writers who do not know of it yet are fenced off as workers are.
        return replace(state.voided(), exclusions=digest, released=False, work_stop=Change(at))

    detail = ", ".join(sorted(texts)[:SHOWN]) or "none"
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
