"""The availability-first phases: the primary's write stands whatever becomes of the replica."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from shared.engine.records import Records
from shared.engine.sync import sync
from shared.model.errors import (
    Contended,
    LeaseLost,
    NotFound,
    NotInPhase,
    OutcomeUnknown,
    RecordHeld,
    Refused,
    StoreError,
    Throttled,
)
from shared.model.metrics import Metric
from shared.model.phases import DETOURS, Phase
from shared.model.runs import RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import (
    AVAILABILITY_FIRST,
    Conductor,
    key,
    legacy,
    person,
    stage,
)

A, B = key("A"), key("B")
FAULTS = [Throttled("busy"), OutcomeUnknown("lost"), Contended("busy"), Refused("no")]


class Broken:
    """Tables of which one takes no write, before or after the effect; counts the tries."""

    def __init__(self, tables: Any, side: Side, fault: StoreError, *, late: bool = False) -> None:
        self._tables = tables
        self._side, self._fault, self._late = side, fault, late
        self.tries = 0
        self.healed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def write(self, action: Any) -> Any:
        if action.side is not self._side or self.healed:
            return self._tables.write(action)
        self.tries += 1
        if self._late:
            self._tables.write(action)
        raise self._fault


def broken(
    conductor: Conductor, fault: StoreError, *, late: bool = False
) -> tuple[Records, Broken]:
    tables = Broken(conductor.world.tables, conductor.phase.primary.other, fault, late=late)
    return Records(replace(conductor.world, tables=tables)), tables


def lag(conductor: Conductor) -> tuple[float, ...]:
    """Return how many syncs were queued, and how many could not even be."""
    told = conductor.world.meter.drain()
    return tuple(sum(told.get(each, [])) for each in (Metric.SYNCS_QUEUED, Metric.SYNCS_LOST))


def alike(conductor: Conductor, *names: str) -> bool:
    """Tell whether v2 holds exactly what `up` makes of v1, or neither has the record."""
    for name in names:
        source, target = (conductor.stored(side, key(name)) for side in Side)
        stamps = AVAILABILITY_FIRST.stamps
        if (source is None) is not (target is None):
            return False
        if source is None or target is None:
            continue
        made = AVAILABILITY_FIRST.up(stamps.strip(source))
        kept = {n: v for n, v in stamps.strip(target).items() if n not in ("health_notes",)}
        if made != kept or [source.get(n) for n in stamps.all] != [
            target.get(n) for n in stamps.all
        ]:
            return False
    return True


@pytest.mark.parametrize("phase", DETOURS)
def test_a_replica_when_it_can_be_written_follows_at_once_and_nothing_is_queued(
    phase: Phase,
) -> None:
    conductor = stage(legacy("L", full_name="Old", active=True), phase=phase)
    records = conductor.records()
    records.create(person("A", full_name="Ann", team_id="T1"), A)
    assert alike(conductor, "A")
    for name in ("A", "L"):
        records.update(key(name), {"role": "admin"}, ("full_name",), None)
        assert alike(conductor, name)
        records.delete(key(name), None)
        assert alike(conductor, name)
    assert conductor.parts.syncs.keys == []
    assert lag(conductor) == (0, 0)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("phase", DETOURS)
def test_a_write_when_the_replica_fails_stands_and_the_replica_follows_later(
    phase: Phase, fault: StoreError, late: bool
) -> None:
    conductor = stage(legacy("L", full_name="Old"), legacy("M"), phase=phase)
    records, tables = broken(conductor, fault, late=late)
    records.create(person("A", full_name="Ann"), A)
    records.update(A, {"full_name": "Anna"}, (), None)
    records.update(key("L"), {"full_name": "New"}, (), None)
    records.delete(key("M"), None)
    assert records.get(A).item["full_name"] == "Anna"
    assert records.get(key("L")).item["full_name"] == "New"
    assert tables.tries
    assert lag(conductor) == (4, 0)
    conductor.sync()
    assert alike(conductor, "A", "L", "M")
    with pytest.raises(NotFound):
        records.get(key("M"))


def test_a_replica_when_it_was_throttled_is_left_alone_for_a_while() -> None:
    conductor = stage(phase=Phase.DUAL_AF)
    records, tables = broken(conductor, Throttled("busy"))
    for name in "ABC":
        records.create(person(name), key(name))
    assert tables.tries == 1
    conductor.pass_time(conductor.world.environment.timing.renew)
    tables.healed = True
    records.create(person("D"), key("D"))
    assert conductor.stored(Side.TARGET, key("D")) is not None
    assert len(conductor.parts.syncs.keys) == 3


def test_a_replica_when_it_keeps_failing_is_left_alone_longer_each_time_and_then_no_more() -> None:
    conductor = stage(phase=Phase.DUAL_AF)
    records, tables = broken(conductor, OutcomeUnknown("lost"))
    first, rests = conductor.world.environment.timing.renew, []
    for number in range(300):
        before = tables.tries
        records.create(person(str(number)), key(str(number)))
        if tables.tries > before:
            rests.append(number)
        conductor.pass_time(first * 0.2501)
    assert [later - sooner for sooner, later in pairwise(rests)][:6] == [4, 8, 16, 32, 32, 32]
    tables.healed = True
    conductor.pass_time(8 * first)
    for name in "AB":
        records.create(person(name), key(name))
    tables.healed, tried = False, tables.tries
    records.create(person("C"), key("C"))
    conductor.pass_time(first)
    records.create(person("D"), key("D"))
    assert tables.tries == tried + 2, "a write that was taken makes the next rest a short one"


def test_a_delete_when_the_stamp_was_spoilt_stands_and_the_replica_follows_later() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_AF)
    conductor.backfill()
    conductor.load(Side.SOURCE, {**legacy("A"), AVAILABILITY_FIRST.stamps.version: "two"})
    conductor.records().delete(A, None)
    assert conductor.stored(Side.SOURCE, A) is None
    conductor.sync()
    assert conductor.stored(Side.TARGET, A) is None


@pytest.mark.parametrize("phase", DETOURS)
def test_a_service_that_begins_when_the_replica_tells_nothing_of_itself_serves_all_the_same(
    phase: Phase,
) -> None:
    conductor = stage(legacy("A"), migration=AVAILABILITY_FIRST)
    conductor.migrate(approve="auto", until=phase.value)
    tables = _Silent(conductor.world.tables, phase.primary.other)
    records = Records(replace(conductor.world, tables=tables))
    records.update(A, {"full_name": "Ann"}, (), None)
    assert records.get(A).item["full_name"] == "Ann"
    tables = _Silent(conductor.world.tables, phase.primary)
    with pytest.raises(LeaseLost):
        Records(replace(conductor.world, tables=tables)).get(A)


class _Silent:
    """Tables of which one cannot be described."""

    def __init__(self, tables: Any, side: Side) -> None:
        self._tables, self._side = tables, side

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def describe(self, side: Side) -> Any:
        if side is self._side:
            raise Throttled("no description now")
        return self._tables.describe(side)


@pytest.mark.parametrize("phase", DETOURS)
def test_a_write_when_even_the_queue_is_gone_stands_and_is_counted(phase: Phase) -> None:
    conductor = stage(legacy("A"), legacy("B"), phase=phase)

    def gone(name: str) -> None:
        raise OutcomeUnknown(name)

    watched = conductor.watched(before=gone, port="syncs")
    records, _ = broken(watched, Throttled("busy"))
    records.update(A, {"full_name": "Ann"}, (), None)
    assert lag(conductor) == (0, 1)
    assert records.get(A).item["full_name"] == "Ann"
    assert conductor.parts.syncs.keys == []
    ahead = Phase.DUAL_WRITE if phase is Phase.DUAL_AF else Phase.READ_V2
    conductor.settle()
    run = conductor.migrate(until="VALIDATE") if ahead is Phase.DUAL_WRITE else None
    if run is None:
        conductor.rollback(to_phase="READ_V2")
    assert alike(conductor, "A", "B")


@pytest.mark.parametrize("phase", DETOURS)
def test_a_record_when_made_again_while_the_replica_kept_the_old_one_follows_by_a_sync(
    phase: Phase,
) -> None:
    conductor = stage(legacy("A", full_name="Old", phone="1"), phase=phase)
    if phase is Phase.DUAL_AF:
        conductor.backfill()
    records, tables = broken(conductor, Contended("busy"))
    records.delete(A, None)
    tables.healed = True
    records.create(person("A", full_name="New"), A)
    replica = conductor.stored(conductor.phase.primary.other, A)
    assert replica is not None
    assert replica["full_name"] == "Old", "another incarnation is never written over blindly"
    conductor.sync()
    assert alike(conductor, "A")
    assert records.get(A).item["full_name"] == "New"


@pytest.mark.parametrize("phase", DETOURS)
def test_a_sync_when_late_repeated_or_needless_does_nothing(phase: Phase) -> None:
    conductor = stage(legacy("A"), phase=phase)
    records, tables = broken(conductor, Contended("busy"))
    records.update(A, {"full_name": "Ann"}, (), None)
    tables.healed = True
    assert sync(conductor.world, A)
    assert not sync(conductor.world, A)
    records.update(A, {"full_name": "Anna"}, (), None)
    assert not sync(conductor.world, A)
    assert not sync(conductor.world, key("nobody"))
    assert alike(conductor, "A")


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.WRITE_V2_ONLY])
def test_a_sync_when_there_is_no_replica_leaves_both_tables_alone(phase: Phase) -> None:
    conductor = stage(legacy("A"), phase=phase)
    conductor.records().update(A, {"full_name": "Ann"}, (), None)
    before = [conductor.stored(side, A) for side in Side]
    assert not sync(conductor.world, A)
    assert [conductor.stored(side, A) for side in Side] == before


def test_a_sync_when_v1_holds_what_cannot_move_is_refused_naming_the_field() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_AF)
    conductor.load(Side.SOURCE, legacy("B", active="yes"))
    with pytest.raises(RecordHeld) as refusal:
        sync(conductor.world, B)
    assert refusal.value.field == "active"


def test_a_sync_when_the_replica_cannot_be_written_comes_back() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_AF)
    records, _ = broken(conductor, Contended("busy"))
    records.update(A, {"full_name": "Ann"}, (), None)

    def busy(name: str) -> None:
        if name == "write_together":
            raise Throttled("busy")

    with pytest.raises(Contended):
        sync(conductor.watched(before=busy).world, A)


def test_a_write_when_the_phase_follows_is_refused_what_v2_could_not_hold() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_AF)
    records = conductor.records()
    with pytest.raises(NotInPhase):
        records.update(A, {"health_notes": "knee"}, (), None)
    with pytest.raises(RecordHeld):
        records.update(A, {"employee_number": "GEN-MINE"}, (), None)


def test_v2_only_attributes_when_v2_follows_again_after_a_rollback_survive() -> None:
    conductor = stage(legacy("A"), phase=Phase.READ_V2, migration=AVAILABILITY_FIRST)
    records = conductor.records()
    records.update(A, {"health_notes": "knee"}, (), None)
    conductor.rollback(to_phase="DUAL_AF")
    conductor.settle()
    records.update(A, {"full_name": "Ann"}, (), None)
    stored = conductor.stored(Side.TARGET, A)
    assert stored is not None
    assert (stored["health_notes"], stored["full_name"]) == ("knee", "Ann")


def test_a_way_to_readers_when_records_lag_waits_for_them_and_proves_both_alike() -> None:
    conductor = stage(legacy("A"), legacy("B"), migration=AVAILABILITY_FIRST)
    conductor.migrate(until="DUAL_AF")
    conductor.settle()
    records, _ = broken(conductor, Throttled("busy"))
    records.update(A, {"full_name": "Ann"}, (), None)
    records.delete(B, None)
    run = conductor.migrate(approve="auto", until="READ_N")
    assert run.status is RunStatus.SUCCEEDED
    assert conductor.certificate_granted()
    assert alike(conductor, "A", "B")
