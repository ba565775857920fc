"""Whether what the callers of one record saw could have happened one thing after the other.

The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993): try every
operation that may come first, remember which sets of operations and states led nowhere. A record
is absent, or has fields, a note that only v2 can hold, a version, and a life of its own since it
was created. What nobody was told (the version after an answer that was lost) may be anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from math import inf
from typing import Any

from prove import toy
from shared.model.item import Item
from shared.model.stamp import Stamp, life

UNTOLD = -1
"""The version of a record of which no caller was told it."""
ANY_LIFE = ""
"""The life of a record of which no caller was told it, or does not care."""
UNSEEN = "unseen"
"""The note as seen by somebody who looked at v1, which has none."""


class Act(StrEnum):
    """What a caller asked for."""

    CREATE = "create"
    GET = "get"
    UPDATE = "update"
    DELETE = "delete"


class End(StrEnum):
    """What a caller was told; GONE is a delete that only knows that nothing is left."""

    DONE = "done"
    ABSENT = "not found"
    PRESENT = "already exists"
    CONFLICT = "version conflict"
    UNKNOWN = "unknown"
    GONE = "gone"


NOT_TOLD = frozenset({"pk", "id", "kind", "label", toy.NOTE, toy.OUTSIDE})
Fields = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class State:
    """A record that is there."""

    fields: Fields
    note: str | None
    version: int
    life: str = ANY_LIFE


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer shows of a record."""

    fields: Fields
    note: str | None
    version: int
    life: str = ANY_LIFE


@dataclass(slots=True)
class Call:
    """One call of a client: when it was made and answered, and what it was told."""

    actor: str
    key: str
    act: Act
    began: int
    ended: float = inf
    end: End = End.UNKNOWN
    fields: Fields = ()
    remove: tuple[str, ...] = ()
    note: str | None = None
    expected: int | None = None
    life: str = ANY_LIFE
    """The life in which the caller wants the record to be, with the version that it expects."""
    seen: Seen | None = None
    held: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value}" for name, value in self.fields)
        extra = f" note={self.note}" if self.note else ""
        wanted = f" if version {self.expected}" if self.expected is not None else ""
        gone = f" without {', '.join(self.remove)}" if self.remove else ""
        told = self.end if self.seen is None else f"{self.end} {shown(self.seen)}"
        until = "…" if self.ended == inf else int(self.ended)
        return (
            f"[{self.began}–{until}] {self.actor}: {self.act} {self.key} "
            f"{given}{extra}{gone}{wanted} → {told}"
        )


def shown(seen: Seen | State) -> str:
    """Return a record in a line."""
    given = ", ".join(f"{name}={value}" for name, value in seen.fields)
    return f"({given}; note {seen.note}; version {seen.version})"


def fields_of(item: Mapping[str, Any]) -> Fields:
    """Return what a caller can tell a record by, in v2's shape and without its note."""
    return tuple(sorted((name, v) for name, v in item.items() if name not in NOT_TOLD))


def explains(calls: Sequence[Call], start: State | None) -> bool:
    """Tell whether there is an order of the calls that explains every answer."""
    everything = (1 << len(calls)) - 1
    needed = sum(1 << at for at, call in enumerate(calls) if call.end is not End.UNKNOWN)

    @cache
    def leads(done: int, state: State | None) -> bool:
        if done & needed == needed:
            return True
        open_ = [at for at in range(len(calls)) if not done >> at & 1]
        first = min(calls[at].ended for at in open_)
        return any(
            leads(done | 1 << at, after)
            for at in open_
            if calls[at].began <= first
            for after in outcomes(calls[at], state)
        )

    return everything == 0 or leads(0, start)


def outcomes(call: Call, state: State | None) -> Iterator[State | None]:
    """Yield the states after a call that takes effect in this state and is answered as it was."""
    match call.end:
        case End.UNKNOWN:
            yield from _unknown(call, state)
        case End.ABSENT:
            if state is None:
                yield None
        case End.PRESENT:
            if state is not None:
                yield state
        case End.CONFLICT:
            if state is not None and not _surely_expected(call, state):
                yield state
        case End.GONE:
            yield None
        case End.DONE:
            yield from _done(call, state)


def _unknown(call: Call, state: State | None) -> Iterator[State | None]:
    """Yield what a call whose answer was lost may have done; that it did nothing is no step."""
    if call.act is Act.CREATE and state is None:
        yield State(call.fields, call.note, UNTOLD)
    elif call.act is Act.UPDATE and state is not None and _expected(call, state):
        fields, note = _updated(call, state)
        yield State(fields, note, UNTOLD, state.life)
    elif call.act is Act.DELETE and state is not None and _expected(call, state):
        yield None


def _done(call: Call, state: State | None) -> Iterator[State | None]:
    if call.act is Act.DELETE:
        if state is not None and _expected(call, state):
            yield None
        return
    seen = call.seen
    if seen is None or (call.act is Act.CREATE) != (state is None):
        return
    if call.act is Act.CREATE:
        after = State(call.fields, call.note, seen.version, seen.life)
    elif state is not None and call.act is Act.GET:
        if state.version not in (UNTOLD, seen.version) or not _one_life(state.life, seen.life):
            return
        after = State(state.fields, state.note, seen.version, seen.life)
    elif state is not None:
        if not _expected(call, state) or seen.version <= state.version:
            return
        if not _one_life(state.life, seen.life):
            return
        after = State(*_updated(call, state), seen.version, seen.life)
    else:
        return
    if after.fields == seen.fields and seen.note in (UNSEEN, after.note):
        yield after


def _expected(call: Call, state: State) -> bool:
    if call.expected is None:
        return True
    return state.version in (UNTOLD, call.expected) and _one_life(state.life, call.life)


def _surely_expected(call: Call, state: State) -> bool:
    """Tell whether a record is surely in the version and life that a caller asks for."""
    known = call.life == ANY_LIFE or state.life != ANY_LIFE
    return state.version != UNTOLD and known and _expected(call, state)


def _one_life(left: str, right: str) -> bool:
    return ANY_LIFE in (left, right) or left == right


def _updated(call: Call, state: State) -> tuple[Fields, str | None]:
    fields = {**dict(state.fields), **dict(call.fields)}
    kept = {name: value for name, value in fields.items() if name not in call.remove}
    note = None if toy.NOTE in call.remove else (call.note or state.note)
    return tuple(sorted(kept.items())), note


def state_of(item: Item, note: str | None, stamp: Stamp) -> State:
    """Return the state of a record that is there before anybody calls."""
    return State(fields_of(item), note, stamp.version, life(stamp.birth))
