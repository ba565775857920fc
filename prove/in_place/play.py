"""One run of a migration in place: its actors over one copy of a stage."""

from collections.abc import Callable, Hashable
from typing import Any

from prove import toy
from prove.choices import Choices
from prove.clients import Client, Wish
from prove.commuting import LOOKS
from prove.conduct import Conduct, GaveUp
from prove.history import End
from prove.in_place.book import InPlaceBook
from prove.in_place.stage import in_place_stage
from prove.in_place.toy import ANYBODY, MIGRATION, OUTSIDE, person
from prove.playing import Play
from prove.scenarios import Plan
from prove.scheduler import Actor, Violation
from prove.stage import NAMES
from shared.engine.in_place.records import InPlaceRecords
from shared.engine.key_sets import store
from shared.model.errors import CutoverError
from shared.model.in_place import InPlace
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from shared.model.writes import Side, Update

FINAL = ("get", "rename", "delete", "create", "get")
"""What must succeed in every end state, for an instance that was not there before."""


class InPlacePlay(Play[InPlace]):
    """One run of a migration within one table."""

    book: InPlaceBook

    def __init__(self, choices: Choices, plan: Plan, *, ticking: bool) -> None:
        opening = in_place_stage(*plan.opening)
        super().__init__(opening.parts, opening.now, opening.known, choices, plan, ticking=ticking)
        self.migration = ANYBODY if plan.outside else MIGRATION
        state = self.parts.control.read(MIGRATION.name)
        self.book = InPlaceBook(self.parts, state, now=lambda: self.scheduler.now)
        if plan.small:
            self.scheduler.shared = self._shared

    def _shared(self) -> Hashable:
        """Return what the actors of a small scope share; the rest each of them was told."""
        rows = repr(self.parts.store.table(Side.SOURCE).rows)
        kept = frozenset(self.parts.snapshots.documents.items())
        return (rows, kept, self.book.state, self.book.shared(), self.chronicle.order())

    def client(self, actor: Actor) -> Client:
        """Return an instance of the service that an actor is."""
        records = InPlaceRecords(self.world(actor))
        return Client(actor, records, self.chronicle, self.book, person)

    def others(self) -> list[tuple[str, Callable[[Actor], None]]]:
        """Return who else is about: who writes past the wrapper."""
        return [("o", self._outsider)] if self.plan.outside else []

    def act(self, conduct: Conduct, step: str, phase: Phase | None) -> None:
        """Let the operator do one thing."""
        match step:
            case "reach" if phase is not None:
                conduct.reach(phase, self.plan.percent if phase is Phase.WRITE_NEW else None)
            case "raise":
                conduct.reach(Phase.WRITE_NEW, 100)
            case "backfill":
                conduct.job(RunKind.BACKFILL)
            case "repair":
                conduct.job(RunKind.VALIDATE, repair=True)
            case "validate":
                conduct.job(RunKind.VALIDATE)
            case "restore":
                conduct.job(RunKind.RESTORE)
            case "lower":
                conduct.job(RunKind.RESTORE, lower=True)
            case "restore one":
                conduct.job(RunKind.RESTORE, keys=store(conduct.world, [NAMES[0]]))
            case "settle":
                conduct.world.clock.sleep(toy.TIMING.settle)
            case "sleep":
                conduct.world.clock.sleep(2.0)
            case "migrate" if phase is not None:
                ramp = [self.plan.percent]
                conduct.journey(RunKind.MIGRATE, until=phase.value, approve="auto", ramp=ramp)
            case "rollback" if phase is not None:
                conduct.journey(RunKind.ROLLBACK, to_phase=phase.value)

    def ended(self, run: Run) -> None:
        """Look at a job that has just ended."""
        self.scheduler.touch(LOOKS)
        self.book.ended(run)

    def _outsider(self, actor: Actor) -> None:
        """Write past the wrapper what both shapes have."""
        for number in range(3):
            actor.pause()
            if self.parts.store.table(Side.SOURCE).read(Key(NAMES[0])) is None:
                continue
            self.parts.tables.write(Update(Side.SOURCE, Key(NAMES[0]), {OUTSIDE: str(number)}))
            self.book.wrote_outside(Key(NAMES[0]))
            self.scheduler.mark(actor, "writes past the wrapper")
            self.book.branches.add("write past the wrapper: in place")

    # -- what is looked at when nobody is about

    def conclude(self) -> None:
        """See that a fresh instance can do everything, and that the migration can go on."""
        self.alone("z", self._use)
        if self.plan.agree:
            self.alone("y", self._go)

    def _use(self, actor: Actor) -> None:
        client = self.client(actor)
        for name in self.names:
            for what in FINAL:
                if client.ask(Wish(what, name)) in (None, End.UNKNOWN):
                    raise Violation(f"{what} of {name} is refused, with nobody about")

    def _go(self, actor: Actor) -> None:
        """Go to one end of the way; from OFF to DONE, from elsewhere home."""
        conduct = self.conduct(actor)
        onward = self.book.state.phase is Phase.OFF
        given: dict[str, Any] = {"to_phase": Phase.OFF.value}
        if onward:
            given = {"until": Phase.DONE.value, "approve": "auto", "ramp": [50, 100]}
        try:
            run = conduct.journey(RunKind.MIGRATE if onward else RunKind.ROLLBACK, **given)
        except (CutoverError, GaveUp) as error:
            raise Violation(f"the migration cannot go on: {error}") from error
        if run.status is not RunStatus.SUCCEEDED:
            raise Violation(f"the migration cannot go on: {run.status} in {run.phase}")
        self.book.branches.add("went on to DONE" if onward else "went home to OFF")
