"""The engine's ports as an actor of the simulation sees them.

Before a call that others could notice, whoever is chosen goes on; then the call takes effect at
once. Faults happen at calls that were decided beforehand: the process dies before or after the
effect, the answer is lost before or after it, or the store refuses for a while; a write of the
control item may be late as well.
"""

from collections.abc import Callable, Sequence
from typing import Any

from prove import toy
from prove.commuting import (
    ANYTHING,
    CHANGES_ROWS,
    READS_CONTROL,
    READS_ROWS,
    Touched,
    refused,
)
from prove.scheduler import Actor, Crash
from prove.witness import Witness
from shared.memory.tables import MemoryTables
from shared.model.errors import ConditionFailed, Contended, CutoverError, OutcomeUnknown, Throttled
from shared.model.item import Item
from shared.model.key import Key
from shared.model.writes import Action, Put, Side
from shared.ports import InsertResult, Page, TableDescription

READS = frozenset({"get", "get_many", "get_together", "scan", "read"})
WRITES = frozenset({"put", "update", "delete", "transact", "insert", "move"})
FAULTS = (
    *("crash before", "crash after", "lost before", "lost after", "throttled", "contended"),
    *("frozen after", "late and lost"),
)
FREEZE = 20.0
"""Seconds for which a process stands still with an answer in its hands, and does not count them."""

UNDER_WAY = 20.0
"""Seconds for which a write of the control item is under way that is late: nothing bounds them."""

ALONE = frozenset(
    {
        *("describe", "record", "audit", "findings", "exclusions", "approval", "wait_for_approval"),
        *("waiter", "holder", "runs", "store", "running", "wake", "open_segments", "segments"),
        *("save", "segment", "claim", "reads_counted"),
    }
)
"""Calls that nobody switches at: they commute with all that the others in a scenario do."""

LEDGER = frozenset({"begin", "load", "retake", "release", "checkpoint", "approve"})
"""Calls that commute with all that others do as long as there is one operator."""


def call(
    actor: Actor,
    name: str,
    effect: Callable[..., Any],
    patience: float,
    *given: Any,
    noticed: bool = True,
    touches: Touched = ANYTHING,
    **named: Any,
) -> Any:
    """Do one port call of an actor when it is its turn, with the fault that is due, if any.

    Nobody switches at a call that is not `noticed`, since it commutes with all others.
    """
    fault = _due(actor, name) if actor.faults or actor.troubles else None
    alone = not noticed or name in ALONE or (actor.scheduler.quiet and name in LEDGER)
    if not alone:
        actor.pause(patience)
    if fault is not None:
        actor.scheduler.touch(ANYTHING)
        _before(actor, name, fault)
    try:
        answer = effect(*given, **named)
    except CutoverError as error:
        actor.scheduler.touch(refused(touches) if not alone else frozenset())
        actor.scheduler.mark(actor, f"{name} {type(error).__name__}")
        actor.scheduler.learn(actor, name, str(error))
        raise
    actor.scheduler.learn(actor, name, answer)
    if not alone:
        actor.scheduler.touch(touches)
        actor.scheduler.mark(actor, f"{name} absent" if answer is None else name)
    if fault is not None:
        _after(actor, name, fault)
    return answer


def _due(actor: Actor, name: str) -> str | None:
    """Return the fault that is due at an actor's next call."""
    actor.calls += 1
    actor.writes += name.split()[0] in WRITES
    for fault in actor.faults:
        if fault.number == (actor.writes if fault.writes else actor.calls) and (
            not fault.writes or name.split()[0] in WRITES
        ):
            actor.faults.remove(fault)
            actor.troubles = list(fault.kinds)
            break
    due = actor.troubles.pop(0) if actor.troubles else None
    if due == "late and lost" and not name.startswith("move"):
        return "lost after"  # nothing but a write of the control item is late without bounds
    return due


def _before(actor: Actor, name: str, fault: str) -> None:
    if fault == "crash before":
        actor.scheduler.mark(actor, f"{name} {fault}")
        raise Crash
    if fault == "late and lost":
        actor.sleep(UNDER_WAY)
    if name.split()[0] in READS:
        if fault not in ("crash after", "frozen after"):
            actor.scheduler.mark(actor, f"{name} throttled")
            raise Throttled("too much traffic")
        return
    if fault in ("lost before", "throttled", "contended"):
        actor.scheduler.mark(actor, f"{name} {fault}")
        raise {
            "lost before": OutcomeUnknown("the request was lost"),
            "throttled": Throttled("too much traffic"),
            "contended": Contended("another transaction holds an item"),
        }[fault]


def _after(actor: Actor, name: str, fault: str) -> None:
    """Let the process die, stand still or lose the answer, now that the effect is there."""
    actor.scheduler.mark(actor, f"{name} {fault}")
    if fault == "crash after":
        raise Crash
    if fault in ("lost after", "late and lost"):
        raise OutcomeUnknown("the answer was lost")
    actor.sleep(FREEZE)
    actor.frozen += FREEZE


class SimulatedPort:
    """A port of which every call is a step of its actor."""

    def __init__(self, actor: Actor, inner: Any) -> None:
        self._actor = actor
        self._inner = inner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        effect = getattr(self._inner, name)

        def step(*given: Any, **named: Any) -> Any:
            return call(self._actor, name, effect, float("inf"), *given, **named)

        setattr(self, name, step)  # looked up once per actor
        return step


class SimulatedTables:
    """Both tables; a transaction may be seen half by plain reads where the scenario says so."""

    def __init__(self, actor: Actor, inner: MemoryTables, book: Witness, request: float) -> None:
        self._actor = actor
        self._inner = inner
        self._book = book
        self._request = request

    def __getattr__(self, name: str) -> Callable[..., Any]:
        effect = getattr(self._inner, name)

        def step(*given: Any, **named: Any) -> Any:
            return call(self._actor, name, effect, self._request, *given, **named)

        setattr(self, name, step)
        return step

    def describe(self, side: Side) -> TableDescription:
        """Return what a table says of itself; its counts are those of when it was first asked."""

        def effect() -> TableDescription:
            return self._book.described(side)

        found: TableDescription = call(self._actor, "describe", effect, self._request)
        return found

    def get(self, side: Side, key: Key) -> Item | None:
        """Return one item."""

        def effect() -> Item | None:
            if side is Side.SOURCE:
                self._book.at_home.add(self._actor.name)
            return self._book.commits.masked(side, key, self._inner.get(side, key))

        found: Item | None = self._do(f"get {side}", effect, side)
        return found

    def get_many(self, side: Side, keys: Sequence[Key]) -> list[Item | None]:
        """Return items, each as a plain read sees it."""

        def effect() -> list[Item | None]:
            found = self._inner.get_many(side, keys)
            masked = self._book.commits.masked
            return [masked(side, key, item) for key, item in zip(keys, found, strict=True)]

        found: list[Item | None] = self._do(f"get_many {side}", effect, side)
        return found

    def get_together(self, keys: Sequence[tuple[Side, Key]]) -> list[Item | None]:
        """Return items as they were at one moment."""

        def effect() -> list[Item | None]:
            self._book.commits.refuse_locked(keys)
            self._book.at_home.add(self._actor.name)  # or not: which of them counts is not seen
            return self._inner.get_together(keys)

        found: list[Item | None] = self._do("get_together", effect, *Side)
        return found

    def write(self, action: Action) -> Item | None:
        """Do one write."""
        place = self._place(action)

        def effect() -> Item | None:
            self._book.commits.refuse_locked([place])
            answer = self._inner.write(action)
            self._book.wrote([place])
            return answer

        what = type(action).__name__.lower()
        answer: Item | None = self._do(f"{what} {action.side}", effect, action.side)
        return answer

    def write_together(self, actions: Sequence[Action], token: str) -> None:
        """Do all writes or none."""
        places = [self._place(action) for action in actions]

        def effect() -> bool:
            self._book.commits.refuse_locked(places)
            before = self._book.before(places) if self._book.commits.late else {}
            self._book.sent(self._actor.name, token)
            try:
                self._inner.write_together(actions, token)
            except ConditionFailed as refused:
                self._book.refused(self._actor.name, actions, refused.failed)
                raise
            self._book.wrote(places)
            if before:
                self._tear(before)
            return True

        self._do("transact", effect, *Side)

    def insert_absent(self, side: Side, items: Sequence[Item]) -> InsertResult:
        """Store what is absent."""

        def effect() -> InsertResult:
            places = [(side, toy.key_of(side, item)) for item in items]
            self._book.commits.refuse_locked(places)
            result = self._inner.insert_absent(side, items)
            self._book.wrote(places)
            return result

        result: InsertResult = self._do("insert", effect, side)
        return result

    def scan(
        self, side: Side, segment: int, total: int, cursor: Item | None, limit: int, *, strong: bool
    ) -> Page:
        """Return one page as plain reads see it."""

        def effect() -> Page:
            page = self._inner.scan(side, segment, total, cursor, limit, strong=strong)
            return self._book.commits.masked_page(side, page)

        page: Page = self._do(f"scan {side}", effect, side)
        return page

    def _do(self, name: str, effect: Callable[[], Any], *sides: Side) -> Any:
        """Make one call, if all tables that it needs are in order."""

        def done() -> Any:
            if any(map(self._book.down, sides)):
                self._actor.scheduler.touch(READS_CONTROL)
                self._book.branches.add("replica down")
                raise Throttled("the table answers nothing but errors")
            self._book.acts(self._actor.name, writes=name.split()[0] in WRITES)
            return effect()

        each = CHANGES_ROWS if name.split()[0] in WRITES else READS_ROWS
        touches = frozenset[str]().union(*(each[side] for side in sides))
        if self._book.dead_until:  # whether a table answers then depends on the phase
            touches |= READS_CONTROL
        return call(self._actor, name, done, self._request, touches=touches)

    def _tear(self, before: dict[tuple[Side, Key], Item | None]) -> None:
        """Let plain reads see the transaction's items change one after the other."""
        self._actor.scheduler.touch(ANYTHING)
        with self._book.commits.torn_commit(before):
            self._actor.pause(0.0)

    def _place(self, action: Action) -> tuple[Side, Key]:
        if isinstance(action, Put):
            return action.side, toy.key_of(action.side, action.item)
        return action.side, action.key
