"""Callers of the service: what they ask for, and what they were told."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial

from prove import toy
from prove.commuting import BEGINS, ENDS
from prove.history import ANY_LIFE, UNSEEN, Act, Call, End, Seen, fields_of
from prove.scheduler import Actor, Violation
from prove.witness import Witness
from shared.engine.in_place.records import InPlaceRecords
from shared.engine.records import Record, Records
from shared.model.errors import (
    AlreadyExists,
    Contended,
    LeaseLost,
    NotFound,
    NotInPhase,
    OutcomeUnknown,
    Refused,
    Throttled,
    VersionConflict,
)
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.stamp import Seen as Expected

BUSY = (LeaseLost, Contended, Throttled, NotInPhase)
"""Answers that promise that nothing was done."""

MENU = (
    "get",
    "rename",
    "assign team",
    "delete",
    "create",
    "leave team",
    "note",
    "rename if unchanged",
    "delete if unchanged",
    "remove note",
)
"""What a client may ask for, the simplest first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that a client will ask for; `after` is what happens to its process before."""

    what: str
    key: str
    after: str = ""
    seconds: float = 0.0


class Chronicle:
    """All calls of all clients of a run, in the order in which they began."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._events = 0

    def moment(self) -> int:
        """Return the number of the next event."""
        self._events += 1
        return self._events

    def begin(self, call: Call) -> Call:
        """Note a call."""
        self.calls.append(call)
        return call

    def order(self) -> Hashable:
        """Return which calls had ended when each began: all that matters of their order."""
        names: dict[int, tuple[str, int]] = {}
        asked: Counter[str] = Counter()
        for call in self.calls:
            asked[call.actor] += 1
            names[id(call)] = (call.actor, asked[call.actor])
        return frozenset(
            (names[id(call)], frozenset(names[id(e)] for e in self.calls if e.ended < call.began))
            for call in self.calls
        )


class Client:
    """One instance of the service with one caller after the other."""

    def __init__(
        self,
        actor: Actor,
        records: Records | InPlaceRecords,
        chronicle: Chronicle,
        book: Witness,
        new: Callable[..., Item] = toy.person,
    ) -> None:
        self._actor = actor
        self._records = records
        self._chronicle = chronicle
        self._book = book
        self._new = new
        self._last: Expected | None = None
        self._asked = 0

    def live(self, wishes: Sequence[Wish]) -> None:
        """Ask for one thing after the other."""
        for number, wish in enumerate(wishes):
            self._suffer(wish)
            if number:  # it begins the first one when it is first chosen
                self._actor.pause()
            self.ask(wish)

    def ask(self, wish: Wish) -> End | None:
        """Ask for one thing and note the answer; None when nothing was done."""
        self._asked += 1
        call, act = self._prepared(wish, f"{self._actor.name}{self._asked}")
        call.began = self._chronicle.moment()
        self._chronicle.begin(call)
        self._actor.scheduler.touch(BEGINS)
        end = self._told(call, act)
        self._actor.scheduler.touch(ENDS)
        if end is None:
            self._chronicle.calls.remove(call)
            self._book.branches.add("refused for now")
            return None
        call.end = end
        if end is not End.UNKNOWN:
            call.ended = self._chronicle.moment()
        return end

    def _suffer(self, wish: Wish) -> None:
        """Let the process sleep; it may be frozen, set back in time, or slow from then on."""
        if not wish.seconds:
            return
        self._actor.sleep(wish.seconds)
        if wish.after == "freeze":
            self._actor.frozen += wish.seconds
        elif wish.after == "jump":
            self._actor.jumped -= wish.seconds
        elif wish.after == "slow":
            self._actor.hold = toy.TIMING.request

    def _prepared(self, wish: Wish, value: str) -> tuple[Call, Callable[[], Record | None]]:
        key, records = Key(wish.key), self._records
        seen = self._last if wish.what.endswith("unchanged") else None
        call = Call(self._actor.name, wish.key, Act.UPDATE, 0)
        if seen is not None:
            call.expected, call.life = seen.version, seen.life or ANY_LIFE
        match wish.what:
            case "get":
                call.act = Act.GET
                return call, partial(records.get, key)
            case "create":
                call.act = Act.CREATE
                item = self._new(wish.key, name=value, team=f"t{value}")
                call.fields = fields_of(item)
                return call, partial(records.create, item, key)
            case "delete" | "delete if unchanged":
                call.act = Act.DELETE
                return call, partial(records.delete, key, seen)
            case "leave team":
                call.remove = ("team",)
            case "remove note":
                call.remove = (toy.NOTE,)
            case "note":
                call.note = value
            case "assign team":
                call.fields = (("status", "inactive"), ("team", value))
            case _:
                call.fields = (("name", value),)
        changes = dict(call.fields) | ({toy.NOTE: call.note} if call.note else {})
        return call, partial(records.update, key, changes, call.remove, seen)

    def _told(self, call: Call, act: Callable[[], Record | None]) -> End | None:
        """Return what the caller is told; None when it is told that nothing was done."""
        lost = len(self._actor.scheduler.trace)
        self._book.at_home.discard(self._actor.name)
        try:
            record = act()
        except NotFound:
            return End.ABSENT
        except AlreadyExists:
            return End.PRESENT
        except VersionConflict:
            return End.CONFLICT
        except OutcomeUnknown as error:
            self._blame(error)
            return End.UNKNOWN
        except Refused:
            if not self._book.closed():
                raise
            self._book.branches.add("v1 closed by a late archive")
            return None
        except BUSY as error:
            self._blame(error)
            self._book.branches.add(type(error).__name__)
            return None
        if call.act is Act.GET and self._book.state.phase is Phase.READ_N:
            table = "v1" if self._book.told_at_home(self._actor.name) else "v2"
            self._book.branches.add(f"reader of {table} in READ_N")
        if record is not None:
            self._last = Expected(record.version, record.life)
            call.seen = self._seen(record)
        elif any(
            f"{self._actor.name}." in each and " lost" in each
            for each in self._actor.scheduler.trace[lost:]
        ):
            return End.GONE  # it only knows that the record is no more
        return End.DONE

    def _blame(self, error: Exception) -> None:
        """Raise Violation when nothing but a dead replica can have failed a call."""
        at_fault = isinstance(error, (Throttled, OutcomeUnknown)) and self._book.settled_in_detour()
        if at_fault and self._book.blameless:
            raise Violation(f"a dead replica failed a call of the primary: {error}")

    def _seen(self, record: Record) -> Seen:
        at_home = self._book.told_at_home(self._actor.name)
        note = record.item.get(toy.NOTE)
        told = UNSEEN if at_home and note is None else note
        return Seen(fields_of(record.item), told, record.version, record.life)
