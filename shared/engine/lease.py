"""The phase lease: an instance acts on a cached phase only while it certainly holds.

A lease counts from before the request that read the phase, and holds only while the wall
clock and the monotonic clock both say so, since Lambda freezes processes (rule 2 of
docs/protocol.md, "Transitions"). When it cannot be renewed, operations fail closed.
"""

import threading
from dataclasses import dataclass

from shared.model.control import PROTOCOL, ControlState
from shared.model.environment import Timing
from shared.model.errors import CutoverError, LeaseLost, StoreError, TableGone
from shared.model.writes import Side
from shared.ports import Clock, Control, Tables


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both clocks, in seconds."""

    wall: float
    monotonic: float

    def age(self, clock: Clock) -> float:
        """Return the seconds since then by the clock that says more; a jump back is forever."""
        wall = clock.wall() - self.wall
        return float("inf") if wall < 0 else max(wall, clock.monotonic() - self.monotonic)


def now(clock: Clock) -> Instant:
    """Return this moment."""
    return Instant(clock.wall(), clock.monotonic())


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one actor: the phase it acts on, picked once, and its hard deadline."""

    state: ControlState
    clock: Clock
    began: Instant
    limit: float
    request: float

    def check(self) -> None:
        """Raise LeaseLost unless one more request is sure to end within the operation's time."""
        if self.expired:
            raise LeaseLost(
                "the operation took too long to be sure of its phase", mend="try it again"
            )

    @property
    def expired(self) -> bool:
        """Tell whether one more request could outlive the operation."""
        return self.began.age(self.clock) + self.request > self.limit


class PhaseLease:
    """The cached control state of one instance."""

    def __init__(
        self, control: Control, clock: Clock, migration: str, timing: Timing, tables: Tables
    ) -> None:
        self._control = control
        self._clock = clock
        self._migration = migration
        self._timing = timing
        self._tables = tables
        self._lock = threading.Lock()
        self._held: tuple[Instant, ControlState] | None = None
        self._pinned: tuple[tuple[str, str], Instant] | None = None

    def operation(self, limit: float) -> Operation:
        """Begin an operation of at most `limit` seconds; raise LeaseLost when it may not act."""
        began = now(self._clock)  # before the lease is looked at: it may stand still in between
        state = self._current()
        if state.protocol != PROTOCOL:
            raise LeaseLost(
                f"protocol version {state.protocol} is not the version {PROTOCOL} of this code",
                mend="deploy the code that knows it",
            )
        return Operation(state, self._clock, began, limit, self._timing.request)

    def _current(self) -> ControlState:
        with self._lock:
            held = self._held
            age = held[0].age(self._clock) if held else float("inf")
            if held and age < self._timing.renew:
                return held[1]
            try:
                return self._renew()
            except TableGone:
                raise
            except CutoverError as error:
                if held and held[0].age(self._clock) < self._timing.lease:
                    return held[1]
                raise LeaseLost(
                    f"the phase of {self._migration} is unknown: {error.message}",
                    mend="try again; if it lasts, look at the control table",
                ) from error

    def _renew(self) -> ControlState:
        asked = now(self._clock)
        state = self._control.read(self._migration)
        if asked.age(self._clock) >= self._timing.lease:
            raise LeaseLost("the control table answered later than a lease lasts")
        self._check_tables(state)  # an older state may speak of a table that is gone by now
        self._held = (asked, state)
        return state

    def _check_tables(self, state: ControlState) -> None:
        """Compare both tables' ids with the pinned ones: new pins now, known ones now and then.

        A description that cannot be had now and then is no reason to stop; another table is.
        """
        pins = (state.source_id, state.target_id)
        known = self._pinned is not None and self._pinned[0] == pins
        if known and self._pinned and self._pinned[1].age(self._clock) < 2 * self._timing.lease:
            return
        moment = now(self._clock)
        for side in Side:
            try:
                _check_pin(state, self._tables, side)
            except TableGone:
                raise
            except StoreError:
                if not (known or _spared(state, side)):
                    raise
        self._pinned = (pins, moment)


def check_pins(state: ControlState, tables: Tables) -> None:
    """Raise TableGone when a pinned table was dropped and made again under the same name."""
    for side in Side:
        _check_pin(state, tables, side)


def _check_pin(state: ControlState, tables: Tables, side: Side) -> None:
    pin = state.source_id if side is Side.SOURCE else state.target_id
    gone = side is Side.SOURCE and not state.phase.source_exists
    if pin and not gone and tables.describe(side).table_id != pin:
        raise TableGone(
            f"the {side} table is another one than the migration began with",
            mend="restore the table, or begin a new migration under another name",
        )


def _spared(state: ControlState, side: Side) -> bool:
    """Tell whether writers can do without this table: it only follows, and nobody reads it."""
    return state.phase.follows and side is state.phase.primary.other
