"""Any writes, with any fate of the replica's share: the primary is right at once, both in the end.

Two instances write the same few records. A replica's write may be refused, lost before or after
its effect, or come much later than anybody waits for; the queue may be gone as well.
"""

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from shared.engine.records import Records
from shared.engine.sync import sync
from shared.model.errors import (
    AlreadyExists,
    ConditionFailed,
    Contended,
    NotFound,
    OutcomeUnknown,
    Throttled,
)
from shared.model.item import Item, canonical
from shared.model.key import Key
from shared.model.phases import DETOURS, Phase
from shared.model.writes import Action, Side
from tests.unit.engine.conductor import (
    AVAILABILITY_FIRST,
    Conductor,
    key,
    legacy,
    person,
    stage,
)

NAMES = ("A", "B")
V2_ONLY = AVAILABILITY_FIRST.target_only
FATES = ("fine", "fine", "throttled", "contended", "lost before", "lost after", "late", "late")
writes = st.tuples(
    st.sampled_from(("create", "update", "update", "strip", "delete")),
    st.sampled_from(NAMES),
    st.integers(0, 1),
    st.sampled_from(FATES),
)
others = st.tuples(
    st.sampled_from(("sync", "land", "wait", "queue goes", "queue comes")),
    st.sampled_from(NAMES),
    st.integers(0, 1),
    st.just(""),
)
acts = st.lists(st.one_of(writes, writes, writes, others), min_size=2, max_size=12)


class Play:
    """A migration whose replica meets the fates, and what its callers were told."""

    def __init__(self, phase: Phase) -> None:
        self.conductor = stage(legacy("A", full_name="Old", project_id="P1"), phase=phase)
        if phase is Phase.DUAL_AF:
            self.conductor.backfill()
        self.replica = phase.primary.other
        self.fate = "fine"
        self.queue_gone = False
        self.unqueued = False
        self.ghosts = False
        self.late: list[Action] = []
        self.services = [self._service() for _ in range(2)]
        self.known = {"A": self.services[0].get(key("A")).item}
        self.serial = 0

    def _service(self) -> Records:
        world = self.conductor.world
        return Records(replace(world, tables=_Fateful(world.tables, self), syncs=_Leaky(self)))

    def act(self, act: str, name: str, instance: int, fate: str) -> None:
        self.fate = fate
        self.serial += 1
        self.conductor.pass_time(0.5)  # the shortest rest of a replica is over by then
        match act:
            case "sync" if self.queued:
                self.queued.append(self.queued[0])  # it is delivered at least once
                sync(self.conductor.world, self.queued.pop(0))
            case "land" if self.late:
                self.land(self.late.pop())
            case "wait":
                self.conductor.pass_time(1.0)
            case "queue goes" | "queue comes":
                self.queue_gone = act == "queue goes"
            case "create" | "update" | "strip" | "delete":
                self.write(act, name, self.services[instance])

    def write(self, act: str, name: str, records: Records) -> None:
        """Do a write, whose answer must be the one that all answers before allow."""
        try:
            match act:
                case "create":
                    item = person(name, full_name=f"N{self.serial}", team_id="T1")
                    self.known[name] = records.create(item, key(name)).item
                case "delete":
                    records.delete(key(name), None)
                    assert self.known.pop(name)
                case "update":
                    changes = {"hourly_rate": Decimal(self.serial), "phone": f"+{self.serial}"}
                    self.known[name] = records.update(key(name), changes, (), None).item
                case "strip":
                    self.known[name] = records.update(key(name), {}, ("phone",), None).item
        except NotFound:
            assert name not in self.known
        except AlreadyExists:
            assert name in self.known

    def land(self, action: Action) -> None:
        """Let a write take effect that nobody waits for any more."""
        self.ghosts = True
        with suppress(ConditionFailed):
            self.conductor.world.tables.write(action)

    @property
    def queued(self) -> list[Key]:
        return self.conductor.parts.syncs.keys

    def check_callers(self) -> None:
        for records in self.services:
            for name in NAMES:
                assert _told(records, name) == canonical(self.known.get(name, {})), name

    def check_alike(self, *, ghosts: bool = False) -> None:
        """Compare both tables; a ghost is a deleted record that a late write brought back."""
        stamps = AVAILABILITY_FIRST.stamps
        for name in NAMES:
            source, target = (self.conductor.stored(side, key(name)) for side in Side)
            primary = self.conductor.stored(self.replica.other, key(name))
            if primary is None and ghosts:
                continue
            assert (source is None) is (target is None), name
            if source is None or target is None:
                continue
            made = AVAILABILITY_FIRST.up(stamps.strip(source))
            assert _comparable(made) == _comparable(stamps.strip(target)), name
            assert [source.get(n) for n in stamps.all] == [target.get(n) for n in stamps.all]


class _Fateful:
    """Both tables, of which the replica's single writes meet the play's fate."""

    def __init__(self, tables: Any, play: Play) -> None:
        self._tables, self._play = tables, play

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def write(self, action: Action) -> Item | None:
        fate = self._play.fate if action.side is self._play.replica else "fine"
        match fate:
            case "throttled":
                raise Throttled("busy")
            case "contended":
                raise Contended("busy")
            case "late":
                self._play.late.append(action)
            case "lost after":
                with suppress(ConditionFailed):
                    self._tables.write(action)
            case "fine":
                return self._tables.write(action)  # type: ignore[no-any-return]
        raise OutcomeUnknown("the answer was lost")


class _Leaky:
    """The queue of syncs, as long as it can be reached."""

    def __init__(self, play: Play) -> None:
        self._play = play

    def ask(self, keys: list[Key]) -> None:
        if self._play.queue_gone:
            self._play.unqueued = True
            raise OutcomeUnknown("the queue does not answer")
        self._play.conductor.parts.syncs.ask(keys)


def _told(records: Records, name: str) -> str:
    try:
        return canonical(records.get(key(name)).item)
    except NotFound:
        return canonical({})


def _comparable(item: Item) -> str:
    return canonical({name: value for name, value in item.items() if name not in V2_ONLY})


def prove_alike(conductor: Conductor, phase: Phase) -> None:
    """Go on to where both are written in lock step, and compare and mend them there."""
    conductor.settle()
    if phase is Phase.DUAL_AF:
        conductor.migrate(until="DUAL_WRITE")
    else:
        conductor.rollback(to_phase="READ_V2")
    conductor.settle()
    assert conductor.validate(repair=True).status == "SUCCEEDED"


@example(Phase.DUAL_AF, [("update", "A", 0, "late"), ("update", "A", 1, "fine")])
@example(Phase.DUAL_AF, [("delete", "A", 0, "late"), ("create", "A", 1, "fine")])
@example(Phase.V2_AF, [("update", "A", 0, "late"), ("strip", "A", 1, "fine")])
@example(Phase.V2_AF, [("delete", "A", 0, "late"), ("create", "A", 1, "fine")])
@given(phase=st.sampled_from(DETOURS), acts=acts)
def test_writes_when_the_replica_meets_any_fate_are_right_at_once_and_in_both_in_the_end(
    phase: Phase, acts: list[tuple[str, str, int, str]]
) -> None:
    play = Play(phase)
    for each in acts:
        play.act(*each)
        play.check_callers()
    play.conductor.sync()
    for action in play.late:
        play.land(action)
    if not play.unqueued:
        play.check_alike(ghosts=play.ghosts)
    prove_alike(play.conductor, phase)
    play.check_callers()
    play.check_alike()
