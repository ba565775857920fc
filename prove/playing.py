"""One run of any kind of migration: its actors, the order of their steps, and the judgement."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, TypeVar

from prove import toy
from prove.choices import Choices
from prove.clients import Chronicle, Client, Wish
from prove.conduct import Conduct, GaveUp, Piece
from prove.control import SimulatedControl
from prove.history import State, explains, shown
from prove.ports import SimulatedPort, SimulatedTables
from prove.processes import SimulatedClock, SimulatedIds, StoreClock, Unmeasured
from prove.scenarios import Fault, Plan
from prove.scheduler import Actor, Scheduler, Violation
from prove.stage import NAMES
from prove.steps import Step
from prove.witness import Witness
from shared.engine.world import World
from shared.memory.world import MemoryParts
from shared.model.declaration import Migration
from shared.model.errors import CutoverError
from shared.model.phases import Phase
from shared.model.runs import Run

M = TypeVar("M", bound=Migration)


@dataclass(slots=True)
class Outcome:
    """What came of a run."""

    digest: int
    turns: int
    branches: set[str] = field(default_factory=set)
    violation: str | None = None
    again: bool = False
    """Whether it was cut short in a state from which everything was tried before."""
    trace: list[str] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    plan: Plan | None = None
    """The scenario, of a run that is to be told."""


class Play(ABC, Generic[M]):
    """One run's actors over one copy of a stage."""

    book: Witness
    migration: M

    def __init__(
        self,
        parts: MemoryParts[M],
        now: float,
        known: dict[str, State | None],
        choices: Choices,
        plan: Plan,
        *,
        ticking: bool,
    ) -> None:
        self.plan = plan
        self.scheduler = Scheduler(choices, now, ticking=ticking)
        self.parts = parts.copy(StoreClock(self.scheduler))
        self.known = known
        self.chronicle = Chronicle()
        self.digest = "test"
        self._spawned = 0
        self._worker_faults: list[Fault] = []

    @abstractmethod
    def client(self, actor: Actor) -> Client:
        """Return an instance of the service that an actor is."""

    @abstractmethod
    def act(self, conduct: Conduct, step: str, phase: Phase | None) -> None:
        """Let the operator do one thing."""

    def others(self) -> list[tuple[str, Callable[[Actor], None]]]:
        """Return who else is about, each with what it does."""
        return []

    def ended(self, run: Run) -> None:
        """Look at a job that has just ended."""

    @abstractmethod
    def conclude(self) -> None:
        """Look at what is left when everybody is done."""

    def world(self, actor: Actor) -> World[M]:
        """Return the world as one actor sees it."""
        parts = self.parts
        request = toy.TIMING.request
        return World(
            migration=self.migration,
            environment=toy.ENVIRONMENT,
            digest=self.digest,
            tables=SimulatedTables(actor, parts.tables, self.book, request),
            control=SimulatedControl(actor, parts.control, self.book),
            ledger=SimulatedPort(actor, parts.ledger),
            snapshots=SimulatedPort(actor, parts.snapshots),
            references=parts.references,
            archive=SimulatedPort(actor, parts.archive),
            exports=SimulatedPort(actor, parts.exports),
            administration=SimulatedPort(actor, parts.administration),
            executions=SimulatedPort(actor, parts.executions),
            syncs=SimulatedPort(actor, parts.syncs),
            alarms=parts.alarms,
            dead_letters=parts.dead_letters,
            notifications=parts.notifications,
            measurements=parts.measurements,
            clock=SimulatedClock(actor),
            ids=SimulatedIds(actor),
            meter=Unmeasured(),
        )

    def perform(self) -> None:
        """Let everybody act, then see what is left."""
        actors = [
            self.scheduler.spawn(f"w{number}", partial(self._client, wishes))
            for number, wishes in enumerate(self.plan.clients)
        ]
        for name, path in (("c", self.plan.path), ("d", self.plan.rival)):
            if path:
                actors.append(self.scheduler.spawn(name, partial(self._operator, path)))
        for name, work in self.others():
            self.scheduler.spawn(name, work)
        self._trouble(actors)
        self.scheduler.run()
        self._worker_faults = []
        self.scheduler.now += toy.TIMING.settle + toy.TIMING.fence
        self.conclude()
        self._judge()

    def _trouble(self, actors: Sequence[Actor]) -> None:
        """Give each actor the faults that are meant for it; workers get theirs when they come."""
        if self.plan.slow is not None:
            actors[self.plan.slow].hold = toy.TIMING.request
        if self.plan.blind is not None:
            actors[self.plan.blind].blind = True
        for fault in self.plan.faults:
            if fault.who >= len(actors):
                self._worker_faults.append(replace(fault, who=fault.who - len(actors)))
            elif actors[fault.who].name not in ("c", "d") or "crash" not in " ".join(fault.kinds):
                actors[fault.who].faults.append(fault)

    # -- the actors

    def _client(self, wishes: Sequence[Wish], actor: Actor) -> None:
        self.client(actor).live(wishes)

    def conduct(self, actor: Actor) -> Conduct:
        """Return the hand of an operator whose workers are actors of their own."""
        team = partial(self._team, actor)
        parts = self.parts
        conduct = Conduct(self.world(actor), parts.executions, parts.syncs, team, self.ended)
        conduct.branches = self.book.branches
        return conduct

    def _operator(self, path: Sequence[Step], actor: Actor) -> None:
        conduct = self.conduct(actor)
        for step, phase in path:
            try:
                self.act(conduct, step, phase)
            except GaveUp:
                self.book.branches.add("gave up")
                return
            except CutoverError as error:
                self.book.branches.add(f"operator met {type(error).__name__}")

    def _team(self, operator: Actor, pieces: Sequence[Piece]) -> None:
        """Have each piece done by a worker, and by a second one that nobody waits for."""
        if self.plan.small:  # one worker, with one piece after the other
            operator.join([self._worker(partial(_in_turn, pieces))])
            return
        workers = [self._worker(piece) for piece in pieces]
        if self.plan.twins is not None:
            for piece in pieces:
                self._worker(piece, self.plan.twins)
        operator.join(workers)

    def _worker(self, piece: Piece, later: float = 0.0) -> Actor:
        def work(actor: Actor) -> None:
            actor.sleep(later)
            try:
                piece(self.world(actor))
            except CutoverError as error:  # the state machine leaves it to the ledger
                self.book.branches.add(f"worker failed: {type(error).__name__}")

        self._spawned += 1
        actor = self.scheduler.spawn(f"v{self._spawned}", work)
        actor.faults = [each for each in self._worker_faults if each.who == self._spawned - 1]
        return actor

    # -- the judgement

    @property
    def names(self) -> list[str]:
        """Return the records of the run: the one that was found, and those asked for."""
        return sorted({NAMES[0], *(w.key for wishes in self.plan.clients for w in wishes)})

    def alone(self, name: str, work: Callable[[Actor], None]) -> None:
        """Let one actor do something when all others are done."""
        before = self.scheduler
        self.scheduler = Scheduler(before.choices, before.now, ticking=False)
        self.scheduler.began = before.began
        self.scheduler.trace = before.trace
        self.scheduler.spawn(name, work)
        try:
            self.scheduler.run()
        finally:
            before.now, self.scheduler = self.scheduler.now, before

    def _judge(self) -> None:
        for name in {call.key for call in self.chronicle.calls}:
            calls = [call for call in self.chronicle.calls if call.key == name]
            start = self.known[name]
            if not explains(calls, start):
                first = "absent" if start is None else shown(start)
                raise Violation(f"no order explains what callers of {name} saw; first {first}")


def _in_turn(pieces: Sequence[Piece], world: World) -> None:
    for piece in pieces:
        piece(world)
