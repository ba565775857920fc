"""One run: a scenario, an order of its steps, and the judgement."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from prove import toy
from prove.aftermath import conclude
from prove.book import Book
from prove.choices import Again, Choices
from prove.clients import Chronicle, Client, Wish
from prove.conduct import Conduct, GaveUp, Piece
from prove.families import FAMILIES, Step
from prove.follower import Follower
from prove.history import explains, shown
from prove.ports import SimulatedControl, SimulatedPort, SimulatedTables
from prove.processes import SimulatedClock, SimulatedIds, StoreClock, Unmeasured
from prove.scenarios import Fault, Plan, drawn
from prove.scheduler import Actor, Scheduler, Violation
from prove.stage import NAMES, Stage, stage
from prove.watchers import Rogue, Tripwire
from shared.engine.cutover import reopen
from shared.engine.records import Records
from shared.engine.world import PairedWorld, World
from shared.memory.world import MemoryParts
from shared.model.declaration import TableToTable
from shared.model.errors import CutoverError, StoreError
from shared.model.phases import Phase
from shared.model.runs import RunKind
from shared.model.writes import Side


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


class Play:
    """One run's actors over one copy of a stage."""

    def __init__(self, opening: Stage, choices: Choices, plan: Plan, *, ticking: bool) -> None:
        self.plan = plan
        self.scheduler = Scheduler(choices, opening.now, ticking=ticking)
        self.parts: MemoryParts[TableToTable] = opening.parts.copy(StoreClock(self.scheduler))
        state = self.parts.control.read(toy.MIGRATION.name)
        up = toy.up_changed if plan.changed else toy.up
        forgets = any(w.what == "remove note" for wishes in plan.clients for w in wishes)
        self.book = Book(
            self.parts,
            state,
            now=lambda: self.scheduler.now,
            late=plan.late,
            outside=bool(plan.outside),
            up=up,
            forgets=forgets,
        )
        self.book.dead_until = opening.now + plan.dead if plan.dead else 0.0
        self.book.blameless = plan.blameless
        self.tripwire = Tripwire(self.book, shadows=plan.shadows)
        self.known = opening.known
        self.chronicle = Chronicle()
        self.migration = replace(
            toy.FIRST if plan.first else toy.MIGRATION,
            strict_reads=plan.late is not None,
            up=up,
            tripwire="repair" if plan.mends else "report",
        )
        self.digest = "changed" if plan.changed else "test"
        self._spawned = 0
        if plan.small:
            self.scheduler.shared = self._shared

    def _shared(self) -> Hashable:
        """Return what the actors of a small scope share; the rest each of them was told."""
        tables = [
            (repr(table.rows), table.denied)
            for side in Side
            if self.parts.store.exists(side)
            for table in [self.parts.store.table(side)]
        ]
        queue = tuple(self.parts.syncs.keys)
        return (tuple(tables), queue, self.book.state, self.chronicle.order())

    def world(self, actor: Actor) -> PairedWorld:
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
            snapshots=parts.snapshots,
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
        if self.plan.outside:
            self.scheduler.spawn("o", self._outsider)
        if self.plan.watch:
            self.scheduler.spawn("t", self._watcher)
        if self.plan.follow:
            self.scheduler.spawn("s", self._follower)
        if self.plan.slow is not None:
            actors[self.plan.slow].hold = toy.TIMING.request
        if self.plan.blind is not None:
            actors[self.plan.blind].blind = True
        self._worker_faults: list[Fault] = []
        for fault in self.plan.faults:
            if fault.who >= len(actors):
                self._worker_faults.append(replace(fault, who=fault.who - len(actors)))
            elif actors[fault.who].name not in ("c", "d") or "crash" not in " ".join(fault.kinds):
                actors[fault.who].faults.append(fault)
        self.scheduler.run()
        self.scheduler.now += toy.TIMING.settle + toy.TIMING.fence
        conclude(self)
        self._judge()

    # -- the actors

    def _client(self, wishes: Sequence[Wish], actor: Actor) -> None:
        Client(actor, Records(self.world(actor)), self.chronicle, self.book).live(wishes)

    def _operator(self, path: Sequence[Step], actor: Actor) -> None:
        world = self.world(actor)
        team = partial(self._team, actor)
        conduct = Conduct(world, self.parts.executions, self.parts.syncs, team)
        conduct.branches = self.book.branches
        for step, phase in path:
            try:
                self._act(conduct, step, phase)
            except GaveUp:
                self.book.branches.add("gave up")
                return
            except CutoverError as error:
                self.book.branches.add(f"operator met {type(error).__name__}")

    def _act(self, conduct: Conduct, step: str, phase: Phase | None) -> None:
        match step:
            case "reach" if phase is not None:
                conduct.reach(phase, self.plan.percent if phase is Phase.READ_N else None)
            case "backfill":
                conduct.job(RunKind.BACKFILL)
            case "validate":
                self._validate(conduct)
            case "repair":
                conduct.job(RunKind.VALIDATE, repair=True)
            case "reopen":
                reopen(conduct.world, actor="prove", reason="another transform")
            case "settle":
                conduct.world.clock.sleep(toy.TIMING.settle)
            case "sleep":
                conduct.world.clock.sleep(2.0)
            case "migrate" if phase is not None:
                conduct.journey(
                    RunKind.MIGRATE, until=phase.value, approve="auto", ramp=[self.plan.percent]
                )
            case "rollback" if phase is not None:
                conduct.journey(RunKind.ROLLBACK, to_phase=phase.value)

    def _validate(self, conduct: Conduct) -> None:
        """Let a pass look at tables that agree all the time; it must find nothing."""
        before = self.book.state
        run = conduct.job(RunKind.VALIDATE)
        if before.certificate is None or run is None or self.plan.outside:
            return
        undisturbed = (before.epoch, before.voids) == (run.epoch, run.voids)
        if undisturbed and run.epoch == self.book.state.epoch and run.counts.mismatched:
            raise Violation("a validation found a mismatch where there was none")

    def _outsider(self, actor: Actor) -> None:
        """Write past the wrapper."""
        rogue = Rogue(self.book, self.parts.tables)
        for number in range(3):
            actor.pause()
            if rogue.write(self.plan.outside, NAMES[0], str(number)):
                self.scheduler.mark(actor, f"writes {self.plan.outside}")
                self.book.branches.add(f"write past the wrapper: {self.plan.outside}")

    def _watcher(self, actor: Actor) -> None:
        self.tripwire.live(actor, self.world(actor), self.plan.watch)

    def _follower(self, actor: Actor) -> None:
        follower = Follower(self.book.branches, self.parts.syncs)
        follower.live(actor, self.world(actor), self.plan.follow)

    def _team(self, operator: Actor, pieces: Sequence[Piece]) -> None:
        """Have each piece done by a worker, and by a second one that nobody waits for."""
        if self.plan.small:  # one worker, with one piece after the other
            operator.join([self._worker(partial(_in_turn, pieces))])
            return
        workers = [self._worker(piece) for piece in pieces]
        if self.plan.twins:
            for piece in pieces:
                self._worker(piece)
        operator.join(workers)

    def _worker(self, piece: Piece) -> Actor:
        def work(actor: Actor) -> None:
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
        """Return the records of the run."""
        return sorted({w.key for wishes in self.plan.clients for w in wishes} or {NAMES[0]})

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


def _in_turn(pieces: Sequence[Piece], world: PairedWorld) -> None:
    for piece in pieces:
        piece(world)


def perform(family: str, choices: Choices, *, ticking: bool = True) -> Outcome:
    """Do one run of a family of scenarios and judge it."""
    plan = drawn(FAMILIES[family], choices)
    return play(plan, choices, ticking=ticking)


def play(plan: Plan, choices: Choices, *, ticking: bool = True) -> Outcome:
    """Do one run of a scenario and judge it."""
    run = Play(stage(*plan.opening), choices, plan, ticking=ticking)
    outcome = Outcome(0, 0)
    try:
        run.perform()
    except Violation as violation:
        outcome.violation = str(violation)
    except Again:
        outcome.again = True
    except StoreError as error:
        outcome.violation = f"an error of the store reached nobody: {error!r}"
    outcome.digest = run.scheduler.digest()
    outcome.turns = run.scheduler.turns
    outcome.branches = run.book.branches
    outcome.trace = run.scheduler.trace
    if outcome.violation:
        outcome.history = [str(call) for call in run.chronicle.calls]
    return outcome
