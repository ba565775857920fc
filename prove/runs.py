"""One run: a scenario, an order of its steps, and the judgement."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any

from prove import toy
from prove.aftermath import conclude
from prove.book import Book
from prove.choices import Again, Choices
from prove.clients import Client
from prove.conduct import Conduct
from prove.families import FAMILIES
from prove.follower import Follower
from prove.in_place.play import InPlacePlay
from prove.playing import Outcome, Play
from prove.ports import FAULTS
from prove.scenarios import Plan, drawn
from prove.scheduler import Actor, Violation
from prove.stage import NAMES, Stage, stage
from prove.watchers import Rogue, Tripwire
from shared.engine.cutover import reopen
from shared.engine.records import Records
from shared.model.declaration import TableToTable
from shared.model.errors import StoreError
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind
from shared.model.writes import Side

BOOKKEEPING = {
    "checkpoint": "a checkpoint",
    "store": "the archive",
    "read": "the control table's read",
    "move": "the control table's write",
    "ask": "the queue of syncs",
}
"""The calls that a fault is told of by name, when it meets one: all but those of tables."""


class PairedPlay(Play[TableToTable]):
    """One run of a migration from one table to another."""

    book: Book

    def __init__(self, opening: Stage, choices: Choices, plan: Plan, *, ticking: bool) -> None:
        super().__init__(opening.parts, opening.now, opening.known, choices, plan, ticking=ticking)
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
        self.migration = replace(
            toy.FIRST if plan.first else toy.MIGRATION,
            strict_reads=plan.late is not None,
            up=up,
            tripwire="repair" if plan.mends else "report",
        )
        self.digest = "changed" if plan.changed else "test"
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

    # -- the actors

    def client(self, actor: Actor) -> Client:
        """Return an instance of the service that an actor is."""
        return Client(actor, Records(self.world(actor)), self.chronicle, self.book)

    def others(self) -> list[tuple[str, Callable[[Actor], None]]]:
        """Return who else is about: who writes past the wrapper, who reads streams and queues."""
        about = (
            ("o", self._outsider, bool(self.plan.outside)),
            ("t", self._watcher, bool(self.plan.watch)),
            ("s", self._follower, bool(self.plan.follow)),
        )
        return [(name, work) for name, work, there in about if there]

    def ended(self, run: Run) -> None:
        """Look at a job that has just ended."""
        self.book.passed(run)

    def conclude(self) -> None:
        """Look at what is left when everybody is done."""
        conclude(self)

    def act(self, conduct: Conduct, step: str, phase: Phase | None) -> None:
        """Let the operator do one thing."""
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
            case "grow old":
                conduct.world.clock.sleep(2 * toy.ENVIRONMENT.certificate_age)
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


def perform(family: str, choices: Choices, *, ticking: bool = True) -> Outcome:
    """Do one run of a family of scenarios and judge it."""
    plan = drawn(FAMILIES[family], choices)
    return play(plan, choices, ticking=ticking)


def playing(plan: Plan, choices: Choices, *, ticking: bool) -> Play[Any]:
    """Return a run of a scenario of either kind of migration."""
    if plan.in_place:
        return InPlacePlay(choices, plan, ticking=ticking)
    return PairedPlay(stage(*plan.opening), choices, plan, ticking=ticking)


def play(plan: Plan, choices: Choices, *, ticking: bool = True) -> Outcome:
    """Do one run of a scenario and judge it."""
    run = playing(plan, choices, ticking=ticking)
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
    outcome.branches = run.book.branches | (suffered(run.scheduler.trace) if plan.faults else set())
    outcome.trace = run.scheduler.trace
    outcome.plan = plan
    if outcome.violation:
        outcome.history = [str(call) for call in run.chronicle.calls]
    return outcome


def suffered(trace: Sequence[str]) -> set[str]:
    """Return which faults happened in a run, and which ports of the bookkeeping met one."""
    met = set()
    for step in trace:
        call, _, rest = step.partition(".")[2].partition(" ")
        fault = next((each for each in FAULTS if rest.endswith(each)), None)
        if fault is not None:
            met.add(f"fault: {fault}")
            if call in BOOKKEEPING:
                met.add(f"fault at: {BOOKKEEPING[call]}")
    return met
