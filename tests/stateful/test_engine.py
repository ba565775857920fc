"""Two instances, a backfill, a validator and people who move phases, in any order.

Each instance has a lease of its own, so that it may be a phase behind the other. Whatever
happens: what was acknowledged is what is read, both tables go in lock step once a certificate
says so, and no key becomes unwritable. A failure prints the steps and the seed to repeat them.
"""

from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from migrations.personnel.transform import TARGET_ONLY
from shared.engine.backfill import backfill_segment
from shared.engine.cutover import approve, move_by_hand
from shared.engine.images import target_image
from shared.engine.records import Records
from shared.engine.runs import StartedRun
from shared.model.errors import (
    AlreadyExists,
    AlreadyRunning,
    Contended,
    GuardRefused,
    LeaseLost,
    NotFound,
    NotInPhase,
    Throttled,
)
from shared.model.item import Item, canonical
from shared.model.moves import MOVES
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage

NAMES = ("A", "B")
STARTS = [Phase.OFF, Phase.DUAL_WRITE, Phase.VALIDATE, Phase.READ_N, Phase.READ_V2]
names = st.sampled_from(NAMES)
acts = ("wait", "forward", "back", "create", "update", "delete")
amid = st.lists(
    st.tuples(st.sampled_from(acts), st.integers(0, len(NAMES) - 1)), min_size=1, max_size=3
).map(tuple)
instances = st.sampled_from((0, 1))
BUSY = (LeaseLost, Contended, NotInPhase)


def comparable(item: Item | None) -> object:
    """Return a record without what only v2 holds, which is seen or not by the phase."""
    if item is None:
        return None
    return canonical({name: v for name, v in item.items() if name not in TARGET_ONLY})


class Migration(RuleBasedStateMachine):
    """The whole engine over one store."""

    def __init__(self) -> None:
        super().__init__()
        self.conductor: Conductor = stage()
        self.services: list[Records] = []
        self.known: dict[str, Item] = {}
        self.notes: dict[str, str] = {}
        self.backfill: StartedRun | None = None
        self.proven = False
        self.cut = [False, False]
        self.amid: tuple[tuple[str, int], ...] = ()

    @initialize(old=st.sets(names), start=st.sampled_from(STARTS))
    def load(self, old: set[str], start: Phase) -> None:
        self.conductor.load(
            Side.SOURCE, *[legacy(name, full_name="Old", project_id="P1") for name in sorted(old)]
        )
        self.services = [self._service(at) for at in range(2)]
        for name in sorted(old):
            self.known[name] = self.conductor.records().get(key(name)).item
        self.conductor.dry_run()
        self.conductor.go_to(start)
        self.proven = self.conductor.certificate_granted()

    def _service(self, at: int) -> Records:
        """Return an instance whose way to the control table can be cut."""

        def before(name: str) -> None:
            if self.cut[at]:
                raise Throttled("no answer from the control table")

        watched = self.conductor.watched(before=before, port="control")
        return watched.watched(before=self._interrupt).records()

    def _interrupt(self, name: str) -> None:
        """Let others act between an operation's last look and its write, or a page's."""
        if name in ("write", "write_together", "insert_absent"):
            acts, self.amid = self.amid, ()
            for act, at in acts:
                self._act(act, at)

    def _act(self, act: str, at: int) -> None:
        match act:
            case "wait":
                self.conductor.pass_time(0.4)  # three of them: less than a request may take
            case "forward" | "back":
                self.move(act == "forward", 50)
            case "create":
                self.create(NAMES[at], at % 2, "T9")
            case "update":
                self.update(NAMES[at], at % 2, at, ())
            case "delete":
                self.delete(NAMES[at], at % 2)

    @rule(name=names, instance=instances, acts=amid, kind=st.sampled_from(("c", "u", "u", "d")))
    def write_amid_others(
        self, name: str, instance: int, acts: tuple[tuple[str, int], ...], kind: str
    ) -> None:
        """Write while others write, move and take their time, before the write gets there."""
        self.amid = acts
        match kind:
            case "c":
                self.create(name, instance, "T1")
            case "u":
                self.update(name, instance, 7, ("team_id",))
            case _:
                self.delete(name, instance)
        self.amid = ()

    @rule(instance=instances)
    def cut_or_mend(self, instance: int) -> None:
        """Let an instance lose sight of the phase, and so fall behind until its lease ends."""
        self.cut[instance] = not self.cut[instance]

    # -- writers

    @rule(name=names, instance=instances)
    def read(self, name: str, instance: int) -> None:
        with suppress(LeaseLost):
            self._check(self.services[instance], name)

    @rule(name=names, instance=instances, team=st.sampled_from(("T1", "T2", None)))
    def create(self, name: str, instance: int, team: str | None) -> None:
        given = {"team_id": team} if team else {}
        with suppress(*BUSY):
            alone = not self.amid
            try:
                made = self.services[instance].create(person(name, **given), key(name))
            except AlreadyExists:
                assert name in self.known or not alone
                return
            assert name not in self.known
            self.known[name] = made.item
            self.notes.pop(name, None)

    @rule(
        name=names,
        instance=instances,
        rate=st.integers(0, 9),
        remove=st.sampled_from(((), ("team_id",), ("full_name",))),
    )
    def update(self, name: str, instance: int, rate: int, remove: tuple[str, ...]) -> None:
        changes = {"hourly_rate": Decimal(rate), "status": "active" if rate % 2 else "inactive"}
        with suppress(*BUSY):
            alone = not self.amid
            try:
                changed = self.services[instance].update(key(name), changes, remove, None)
            except NotFound:
                assert name not in self.known or not alone
                return
            assert name in self.known
            expected = {n: v for n, v in {**self.known[name], **changes}.items() if n not in remove}
            assert comparable(changed.item) == comparable(expected)
            self.known[name] = changed.item

    @rule(name=names, instance=instances, text=st.sampled_from(("knee", "back")))
    def note_health(self, name: str, instance: int, text: str) -> None:
        with suppress(*BUSY, NotFound):
            changed = self.services[instance].update(key(name), {"health_notes": text}, (), None)
            self.known[name] = changed.item
            self.notes[name] = text

    @rule(name=names, instance=instances)
    def delete(self, name: str, instance: int) -> None:
        with suppress(*BUSY):
            alone = not self.amid
            try:
                self.services[instance].delete(key(name), None)
            except NotFound:
                assert name not in self.known or not alone
                return
            assert name in self.known
            del self.known[name]
            self.notes.pop(name, None)

    # -- workers

    @precondition(lambda self: self.backfill is None)
    @rule()
    def begin_backfill(self) -> None:
        with suppress(GuardRefused, AlreadyRunning):
            self.backfill = self.conductor.begin(RunKind.BACKFILL, total_segments=2, batch_size=1)
            self.proven = False

    @precondition(lambda self: self.backfill is not None)
    @rule(at=st.integers(0, 1), pages=st.integers(1, 3), acts=amid)
    def copy_pages(self, at: int, pages: int, acts: tuple[tuple[str, int], ...]) -> None:
        assert self.backfill is not None
        segment = self.conductor.world.archive.load(self.backfill.segments_uri)[at]
        # One page lasts an instant of the monotonic clock: a fence of pages is one of writes.
        left = [pages]

        def page(name: str) -> None:
            self._interrupt(name)
            if name == "scan":
                left[0] -= 1
                if left[0] < 0:
                    raise StopWork

        watched = self.conductor.watched(before=page)
        self.amid = acts
        with suppress(StopWork):
            backfill_segment(watched.world, until=1e12, **segment)
        self.amid = ()

    @precondition(lambda self: self.backfill is not None)
    @rule()
    def end_backfill(self) -> None:
        assert self.backfill is not None
        self.conductor.work(self.backfill)
        run = self.conductor.finish(self.backfill)
        assert run.status in (RunStatus.SUCCEEDED, RunStatus.SUPERSEDED)
        self.backfill = None

    @precondition(lambda self: self.backfill is not None)
    @rule()
    def kill_backfill(self) -> None:
        self.conductor.parts.executions.under_way.clear()
        self.backfill = None

    @rule(repair=st.booleans())
    def validate(self, repair: bool) -> None:
        with suppress(GuardRefused, AlreadyRunning):
            run = self.conductor.validate(repair=repair)
            self.proven = self.conductor.certificate_granted()
            if repair:
                assert run.status is RunStatus.SUCCEEDED

    # -- people

    @rule(forward=st.booleans(), percent=st.sampled_from((10, 50, 100)))
    def move(self, forward: bool, percent: int) -> None:
        state = self.conductor.state
        planned = next((m for m in MOVES if m.start is state.phase and m.forward is forward), None)
        if planned is None or planned.end in (Phase.ARCHIVED, Phase.DECOMMISSIONED):
            return
        hand: dict[str, Any] = {"actor": "Ada", "reason": "a walk"}
        with suppress(GuardRefused):
            if forward:
                approve(self.conductor.world, planned.end, approver="Ada", reason="a walk")
            share = percent if planned.end is Phase.READ_N else None
            move_by_hand(self.conductor.world, planned.end, share, **hand)
            note(f"moved to {planned.end}")
        self.proven = self.conductor.certificate_granted()

    @precondition(lambda self: self.backfill is None)  # a journey would wait for it
    @rule(goal=st.sampled_from([Phase.VALIDATE, Phase.READ_N, Phase.READ_V2, Phase.WRITE_V2_ONLY]))
    def travel(self, goal: Phase) -> None:
        """Let a journey do what people rarely get right by hand."""
        if self.conductor.phase is Phase.OFF:
            self.conductor.dry_run()
        with suppress(AlreadyRunning):
            if goal.order > self.conductor.phase.order:
                self.conductor.migrate(approve="auto", until=goal.value)
            elif goal is not self.conductor.phase:
                self.conductor.rollback(to_phase=goal.value)
        self.proven = self.conductor.certificate_granted()

    @rule(seconds=st.sampled_from((0.1, 0.5, 1.1, 3.0, 10.0)))
    def wait(self, seconds: float) -> None:
        self.conductor.pass_time(seconds)

    # -- what must hold

    @invariant()
    def acknowledged_writes_are_read(self) -> None:
        fresh = self.conductor.records()  # the two instances must not learn of the phase by it
        for name in NAMES:
            self._check(fresh, name)

    def _check(self, service: Records, name: str) -> None:
        try:
            found: Item | None = service.get(key(name)).item
        except NotFound:
            found = None
        assert comparable(found) == comparable(self.known.get(name)), name

    @invariant()
    def tables_agree_where_it_is_certified(self) -> None:
        if not self.proven or not self.conductor.certificate_granted():
            return
        for name in NAMES:
            source, target = (self.conductor.stored(side, key(name)) for side in Side)
            assert (source is None) == (target is None), name
            if source is not None and target is not None:
                image = target_image(self.conductor.world.migration, source)
                assert isinstance(image, dict)
                assert comparable(image) == comparable(target), name

    @invariant()
    def v2_keeps_what_only_it_can_hold(self) -> None:
        if self.conductor.phase not in (Phase.READ_V2, Phase.WRITE_V2_ONLY):
            return
        for name, text in self.notes.items():
            target = self.conductor.stored(Side.TARGET, key(name))
            assert target is not None
            assert target.get("health_notes") == text, name

    def teardown(self) -> None:
        """Whatever happened, the migration gets home and every key is still writable."""
        self.conductor.parts.executions.under_way.clear()
        self.cut = [False, False]
        self.conductor.settle()
        goal = partial(self.conductor.rollback, to_phase="OFF", reason="the end")
        if self.services and self.conductor.phase is not Phase.OFF:
            assert goal().status is RunStatus.SUCCEEDED
        self.conductor.settle()
        if self.services:
            self.acknowledged_writes_are_read()
            for name in NAMES:
                self.update(name, 0, 3, ())


class StopWork(BaseException):
    """A worker is held up between two pages."""


TestMigration = Migration.TestCase
