"""The lease: an instance acts only while it certainly knows the phase, and else not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from shared.engine.lease import PhaseLease
from shared.engine.records import Records
from shared.memory.clock import MemoryClock
from shared.model.control import PROTOCOL, AuditEntry
from shared.model.environment import LOCAL
from shared.model.errors import CutoverError, LeaseLost, TableGone, Throttled
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage

TIMING = LOCAL.timing
A = key("A")


class Cut:
    """A connection to the control table that a test may cut, and slow down."""

    def __init__(self, conductor: Conductor) -> None:
        self.reads = 0
        self.down = False
        self.takes = 0.0
        self._clock = conductor.parts.clock
        self.records: Records = conductor.watched(before=self, port="control").records()

    def __call__(self, name: str) -> None:
        self.reads += 1
        self._clock.advance(self.takes)
        if self.down:
            raise Throttled("no answer from the control table")


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(LeaseLost) as loss:
        yield
    assert loss.value.mend


def change_state(conductor: Conductor, **fields: Any) -> None:
    state = conductor.state
    entry = AuditEntry(state.migration, 0.0, state.epoch, "test", "test", "")
    conductor.world.control.write(
        replace(state, revision=state.revision + 1, **fields), state.revision, entry
    )


def test_the_control_table_when_unreachable_expects_service_until_the_lease_ends() -> None:
    conductor = stage(legacy("A"), phase=Phase.VALIDATE)
    cut = Cut(conductor)
    cut.records.get(A)
    cut.down = True
    conductor.pass_time(TIMING.lease * 0.99)
    cut.records.update(A, {"role": "admin"}, (), None)
    conductor.pass_time(TIMING.lease * 0.02)
    before = conductor.stored(Side.SOURCE, A)
    for call in (
        lambda: cut.records.get(A),
        lambda: cut.records.update(A, {"role": "user"}, (), None),
        lambda: cut.records.delete(A, None),
        lambda: cut.records.create(person("B"), key("B")),
    ):
        with refused():
            call()
    assert conductor.stored(Side.SOURCE, A) == before
    cut.down = False
    assert cut.records.get(A).item["role"] == "admin"


def test_a_lease_when_young_expects_no_read_and_when_older_one_renewal() -> None:
    conductor = stage(legacy("A"))
    cut = Cut(conductor)
    for _ in range(5):
        cut.records.get(A)
    assert cut.reads == 1
    conductor.pass_time(TIMING.renew)
    cut.records.get(A)
    assert cut.reads == 2


def test_a_new_instance_when_the_control_table_is_unreachable_expects_503() -> None:
    conductor = stage(legacy("A"))
    cut = Cut(conductor)
    cut.down = True
    with refused():
        cut.records.get(A)


@pytest.mark.parametrize("jump", [-1.0, -1e6, TIMING.lease + 0.1, 1e6])
def test_the_wall_clock_when_it_jumps_expects_the_lease_void(jump: float) -> None:
    conductor = stage(legacy("A"))
    cut = Cut(conductor)
    cut.records.get(A)
    cut.down = True
    conductor.parts.clock.set(conductor.parts.clock.wall() + jump)
    with refused():
        cut.records.get(A)


def test_the_monotonic_clock_when_it_stands_still_expects_the_wall_clock_to_decide() -> None:
    conductor = stage(legacy("A"))
    cut = Cut(conductor)
    cut.records.get(A)
    cut.down = True
    conductor.parts.clock.freeze(TIMING.lease + 0.1)
    with refused():
        cut.records.get(A)


def test_the_wall_clock_when_it_stands_still_expects_the_monotonic_clock_to_decide() -> None:
    conductor = stage(legacy("A"))
    cut = Cut(conductor)
    cut.records.get(A)
    cut.down = True
    wall = conductor.parts.clock.wall()
    conductor.pass_time(TIMING.lease + 0.1)
    conductor.parts.clock.set(wall)
    with refused():
        cut.records.get(A)


def test_an_answer_when_older_than_a_lease_expects_it_not_to_be_used() -> None:
    conductor = stage(legacy("A"))
    cut = Cut(conductor)
    cut.takes = TIMING.lease
    with refused():
        cut.records.get(A)


def test_a_lease_when_renewed_slowly_expects_to_count_from_before_the_request() -> None:
    conductor = stage(legacy("A"))
    cut = Cut(conductor)
    cut.takes = TIMING.lease * 0.4
    cut.records.get(A)
    cut.takes = 0.0
    cut.down = True
    conductor.pass_time(TIMING.lease * 0.7)
    with refused():
        cut.records.get(A)


class Freezing(MemoryClock):
    """A clock of a process that is frozen once, after a number of looks at the wall clock."""

    def __init__(self, at: int, inner: MemoryClock, seconds: float) -> None:
        super().__init__()
        self._at, self._inner, self._seconds = at, inner, seconds
        self.looks = 0

    def wall(self) -> float:
        self.looks += 1
        if self.looks == self._at:
            self._inner.freeze(self._seconds)
        return self._inner.wall()

    def monotonic(self) -> float:
        return self._inner.monotonic()

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


def act_frozen_at(look: int) -> bool:
    """Act on a lease and be frozen at a look at the clock; return whether it came to that."""
    conductor = stage(legacy("A"))
    clock = Freezing(look, conductor.parts.clock, 3600.0)
    asked: list[float] = []
    control = conductor.watched(
        lambda _: asked.append(conductor.parts.clock.wall()), port="control"
    )
    lease = PhaseLease(control.world.control, clock, "personnel", TIMING, conductor.parts.tables)
    try:
        for _ in range(4):
            lease.operation(TIMING.operation).check()
            # What is sent right after the check ends within the settle time of what was read.
            assert conductor.parts.clock.wall() + TIMING.request - asked[-1] <= TIMING.settle
            conductor.pass_time(TIMING.renew / 2)
    except LeaseLost:
        assert clock.looks >= look, "nothing was wrong with the lease"
    return clock.looks >= look


def test_a_process_when_frozen_at_any_look_expects_no_request_on_a_stale_phase() -> None:
    look = 1
    while act_frozen_at(look):
        look += 1
    assert look > 10


def test_an_operation_when_its_store_is_slow_expects_no_write_after_its_time() -> None:
    for phase in (Phase.OFF, Phase.DUAL_WRITE, Phase.READ_V2, Phase.WRITE_V2_ONLY):
        conductor = stage(legacy("A"), phase=phase)

        def slow(name: str, conductor: Conductor = conductor) -> None:
            if name.startswith("get"):
                conductor.pass_time(TIMING.operation - TIMING.request + 0.1)

        before = [conductor.stored(phase.primary, A)]
        with refused():
            conductor.watched(after=slow).records().update(A, {"role": "admin"}, (), None)
        assert [conductor.stored(phase.primary, A)] == before


@pytest.mark.parametrize("side", list(Side))
def test_a_table_when_made_again_under_its_name_expects_everything_to_stop(side: Side) -> None:
    conductor = stage(legacy("A"), phase=Phase.VALIDATE)
    conductor.parts.store.create(side)
    with pytest.raises(TableGone):
        conductor.records().update(A, {"role": "admin"}, (), None)
    for stopped in (
        lambda: conductor.migrate(approve="auto"),
        lambda: conductor.rollback(),
        lambda: conductor.backfill(),
        lambda: conductor.validate(),
    ):
        with pytest.raises(CutoverError):
            stopped()
        assert conductor.phase is Phase.VALIDATE


def test_a_table_when_deleted_expects_table_gone() -> None:
    conductor = stage(legacy("A"), phase=Phase.VALIDATE)
    conductor.parts.store.drop(Side.TARGET)
    with pytest.raises(TableGone):
        conductor.records().update(A, {"role": "admin"}, (), None)


def test_a_service_when_v1_is_deleted_as_planned_expects_to_go_on() -> None:
    conductor = stage(legacy("A"), phase=Phase.ARCHIVED)
    records = conductor.records()
    records.get(A)
    conductor.go_to(Phase.DECOMMISSIONED)
    assert records.get(A).version == 0
    assert conductor.records().update(A, {"role": "admin"}, (), None).version == 1


def test_the_protocol_when_its_version_is_unknown_expects_503() -> None:
    conductor = stage(legacy("A"))
    change_state(conductor, protocol=PROTOCOL + 1)
    with refused():
        conductor.records().get(A)


def test_a_warm_instance_when_a_table_is_made_again_stops_within_two_leases() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    records = conductor.records()
    records.get(A)
    conductor.parts.store.create(Side.TARGET)
    conductor.pass_time(2 * TIMING.lease + 0.1)
    with pytest.raises(TableGone):
        records.get(A)
