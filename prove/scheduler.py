"""Runs actors one port call at a time, in an order that is decided elsewhere.

An actor is a greenlet. Before each call of a port it stands still and whoever is chosen goes
on. Time is simulated: it passes only while everybody agrees, that is, when no call that was
issued would last longer than a request may (`patience`), which is what the protocol assumes.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from hashlib import blake2b
from math import inf
from operator import itemgetter
from typing import Any

from greenlet import (  # type: ignore[import-untyped]  # it ships no types
    GreenletExit,
    getcurrent,
    greenlet,
)

from prove.choices import Choices
from prove.commuting import ANYTHING, Touched

TICK = 1.0
"""Seconds by which time passes when that is chosen."""
NAP = 1.0
"""Whoever sleeps no longer than this may be woken by choice before others go on."""
LONGEST = 6000
"""Turns after which a run counts as one that never ends."""


class Violation(Exception):
    """The engine did what it must not do; the message says what."""


class Crash(BaseException):
    """The process of an actor died: nothing in the engine may catch this."""


class Actor:
    """One process: what it does, when it may go on, and how its own clock differs."""

    def __init__(self, scheduler: "Scheduler", name: str, work: Callable[["Actor"], None]) -> None:
        self.scheduler = scheduler
        self.name = name
        self.calls = 0
        self.writes = 0
        self.faults: list[Any] = []
        self.troubles: list[str] = []
        self.hold = 0.0
        self.blind = False
        self.looked = 0
        self.waited = 0.0
        self.turns = 0
        self.learned = 0
        self.deadline = inf
        self.wakes: float | None = None
        self.awaits: Sequence[Actor] = ()
        self.done = False
        self.frozen = 0.0
        self.jumped = 0.0
        self.crashed = False
        self._work = work
        self.greenlet = greenlet(self._live, parent=scheduler.hub)

    def _live(self) -> None:
        try:
            self._work(self)
        except Crash:
            self.crashed = True
        finally:
            self.done = True
            self.scheduler.retire(self)

    def pause(self, patience: float = inf) -> None:
        """Stand still before a call that ends within `patience` seconds of now.

        An actor that is slow takes all of that time.
        """
        self.deadline = self.scheduler.now + patience
        if self.hold and patience < inf:
            self.wakes = self.scheduler.now + min(self.hold, patience)
            self.scheduler.rest(self)
        self.scheduler.yield_from(self)
        self.deadline = inf

    def sleep(self, seconds: float) -> None:
        """Let at least so much time pass; in a small scope, short waits that add up to seconds."""
        if self.scheduler.exhaustive:
            self.waited += seconds
            seconds = float(int(self.waited))
            self.waited -= seconds
        if seconds <= 0:
            return
        self.wakes = self.scheduler.now + seconds
        self.scheduler.rest(self)
        self.scheduler.yield_from(self)
        self.wakes = None

    def join(self, others: Sequence["Actor"]) -> None:
        """Stand still until others are done."""
        self.awaits = others
        if not all(each.done for each in others):
            self.scheduler.rest(self)
            self.scheduler.yield_from(self)
        self.awaits = ()


class Scheduler:
    """Who is there, what time it is, and what has happened so far."""

    def __init__(self, choices: Choices, now: float, *, ticking: bool = True) -> None:
        self.choices = choices
        self.now = now
        self.began = now
        self.hub = getcurrent()
        self.actors: list[Actor] = []
        self.ready: list[Actor] = []
        self.resting: list[Actor] = []
        self.trace: list[str] = []
        self.turns = 0
        self._touched: set[str] = set()
        self.quiet = not ticking
        self.shared: Callable[[], Hashable] | None = None
        """What all actors share, where a search wants to know a state when it sees it again."""
        self._ticking = ticking

    @property
    def exhaustive(self) -> bool:
        """Tell whether every order is tried, of a scope that is small enough for it."""
        return self.shared is not None

    def spawn(self, name: str, work: Callable[[Actor], None]) -> Actor:
        """Add an actor that begins when it is chosen."""
        actor = Actor(self, name, work)
        self.actors.append(actor)
        self.ready.append(actor)
        return actor

    def run(self) -> None:
        """Let everybody come to an end; raises what an actor raised."""
        try:
            while (actor := self._next(None)) is not None:
                actor.greenlet.switch()
        finally:
            for actor in self.actors:
                if not actor.greenlet.dead:
                    actor.greenlet.throw(GreenletExit)

    def mark(self, actor: Actor, what: str) -> None:
        """Note what came of an actor's call."""
        self.trace.append(f"{actor.name}.{what}")

    def touch(self, what: Touched) -> None:
        """Note what the step that is being done touches."""
        self._touched |= what

    def learn(self, actor: Actor, what: str, answer: Any) -> None:
        """Note what an actor was told, on which all that it does from now on depends."""
        if not self.exhaustive:
            return
        try:
            told = hash(answer)
        except TypeError:  # an item, or what holds one
            told = hash(repr(answer))
        actor.learned = hash((actor.learned, what, told))

    def state(self, shared: Callable[[], Hashable]) -> Hashable:
        """Return everything on which the rest of the run depends."""
        each = [(a.name, a.turns, a.learned, a.wakes, a.deadline, a.done) for a in self.actors]
        return hash((self.now, shared(), tuple(sorted(each, key=itemgetter(0)))))

    def digest(self) -> int:
        """Return a number for this interleaving: the same trace always has the same."""
        text = "\n".join(self.trace)
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")

    # -- for actors

    def rest(self, actor: Actor) -> None:
        """Let an actor be none of those that can go on."""
        self.ready.remove(actor)
        self.resting.append(actor)

    def retire(self, actor: Actor) -> None:
        """Forget an actor that is done."""
        for each in (self.ready, self.resting):
            if actor in each:
                each.remove(actor)

    def yield_from(self, actor: Actor) -> None:
        """Let whoever is chosen go on; returns when that is this actor again."""
        actor.turns += 1
        chosen = self._next(actor)
        if chosen is not None and chosen is not actor:
            chosen.greenlet.switch()
        elif chosen is None:
            raise Violation(f"{actor.name} waits for something that never happens")

    # -- who is next

    def _next(self, current: Actor | None) -> Actor | None:
        self.turns += 1
        if self.turns > LONGEST:
            raise Violation(f"no end after {LONGEST} turns")
        if not self._ticking and len(self.ready) == 1 and not self.resting:
            self._meet([self.ready[0].name])
            return self.ready[0]
        while True:
            self._wake_waiting()
            if not self.ready and not self.resting:
                return None
            staying = current in self.ready
            options = self._able(current if staying else None)
            latest = min(each.deadline for each in (*self.ready, *self.resting))
            naps, jump = self._sleepers(latest)
            moments = self._moments(options, naps, latest, jump)
            count = len(options) + len(naps) + len(moments)
            if count == 0:
                return None
            if self.exhaustive:
                every = (*(a.name for a in options), *(f"rouse {a.name}" for a in naps))
                self._meet([*every, *(f"let pass until {moment}" for moment in moments)])
            at = self.choices.turn(count, len(moments), staying=staying) if count > 1 else 0
            if at < len(options):
                return options[at]
            at -= len(options)
            if at < len(naps):
                self._rouse(naps[at])
                return naps[at]
            self._pass_to(moments[at - len(naps)])

    def _meet(self, options: Sequence[str]) -> None:
        """Say what may come next to whoever tries every order."""
        if self.shared is not None:
            touched, self._touched = frozenset(self._touched), set()
            self.choices.meet(partial(self.state, self.shared), options, touched)

    def _able(self, current: Actor | None) -> list[Actor]:
        if current is None:
            return list(self.ready)
        return [current, *(each for each in self.ready if each is not current)]

    def _sleepers(self, latest: float) -> tuple[list[Actor], float]:
        """Return who may be woken by choice, and the time at which the next one wakes."""
        naps, jump = [], inf
        for each in self.resting:
            if each.wakes is not None:
                jump = min(jump, each.wakes)
                if each.wakes <= min(latest, self.now + NAP):
                    naps.append(each)
        return naps, jump

    def _moments(
        self, options: Sequence[Actor], naps: Sequence[Actor], latest: float, jump: float
    ) -> list[float]:
        """Return the times to which time may pass now, without hurrying anybody."""
        if not options and not naps:
            return [jump] if jump < inf else []
        moments = []
        if self._ticking and self.now + TICK <= latest:
            moments.append(self.now + TICK)
        if self.now + TICK < jump <= latest and jump < inf:
            moments.append(jump)
        return moments

    def _pass_to(self, moment: float) -> None:
        self.touch(ANYTHING)
        self.now = moment
        for each in [each for each in self.resting if each.wakes is not None]:
            if each.wakes is not None and each.wakes <= moment:
                self._rouse(each)

    def _rouse(self, actor: Actor) -> None:
        self.touch(ANYTHING)
        self.now = max(self.now, actor.wakes or self.now)
        actor.wakes = None
        self.resting.remove(actor)
        self.ready.append(actor)

    def _wake_waiting(self) -> None:
        for each in [each for each in self.resting if each.awaits]:
            if all(other.done for other in each.awaits):
                self.resting.remove(each)
                self.ready.append(each)
