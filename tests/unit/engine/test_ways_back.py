"""Ways back that were interrupted or stop half-way, and what OFF forgets of the try before."""

import pytest

from shared.engine.cutover import approve, move, reopen
from shared.engine.journey import begin_journey, plan_step
from shared.model.errors import InvalidInput, RecordHeld, Superseded, TableGone
from shared.model.item import ITEM_LIMIT_BYTES, LARGEST_CHANGE, size
from shared.model.phases import Phase
from shared.model.runs import FindingKind, RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage
from tests.unit.engine.watched import Killed

OURS = {"migration": "personnel"}


def test_a_rollback_to_read_v2_when_v1_lacks_writes_expects_them_there_and_a_certificate() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.WRITE_V2_ONLY)
    conductor.records().update(key("A"), {"full_name": "Anna"}, (), None)
    run = conductor.rollback(to_phase="READ_V2")
    assert (run.status, conductor.phase) == (RunStatus.SUCCEEDED, Phase.READ_V2)
    assert conductor.certificate_granted()
    assert (conductor.stored(Side.SOURCE, key("A")) or {})["full_name"] == "Anna"


@pytest.mark.parametrize("killed_in", ["release", "begin"])
def test_a_rollback_when_its_start_was_killed_expects_the_migrate_to_do_nothing_more(
    killed_in: str,
) -> None:
    conductor = stage(legacy("A"), phase=Phase.READ_N)
    migrate = conductor.begin_journey(RunKind.MIGRATE, approve="auto")
    execution = conductor.execution()

    def kill(name: str) -> None:
        if name == killed_in:
            raise Killed(name)

    dying = conductor.watched(after=kill, port="ledger")
    with pytest.raises(Killed):
        begin_journey(dying.world, RunKind.ROLLBACK, OURS, execution)
    rollback = begin_journey(conductor.world, RunKind.ROLLBACK, OURS, execution)
    with pytest.raises(Superseded):
        plan_step(conductor.world, migrate.run_id)
    with pytest.raises(Superseded):
        move(conductor.world, migrate.run_id, Phase.READ_V2, None)
    assert conductor.go_on(rollback).status is RunStatus.SUCCEEDED
    assert conductor.phase is Phase.OFF


def back_in_off() -> Conductor:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.READ_N)
    conductor.rollback()
    conductor.settle()
    return conductor


def test_v1_when_v2_is_dropped_in_off_expects_to_be_served_and_a_new_v2_to_be_taken() -> None:
    conductor = back_in_off()
    conductor.parts.store.drop(Side.TARGET)
    records = conductor.records()
    assert records.get(key("A")).item["full_name"] == "Ann"
    records.update(key("A"), {"full_name": "Anna"}, (), None)
    conductor.parts.store.create(Side.TARGET)
    conductor.go_to(Phase.READ_V2)
    assert conductor.records().get(key("A")).item["full_name"] == "Anna"


def test_v2_when_dropped_outside_off_expects_every_operation_refused() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    conductor.parts.store.drop(Side.TARGET)
    conductor.parts.store.create(Side.TARGET)
    with pytest.raises(TableGone):
        conductor.records().get(key("A"))


def test_a_release_of_excluded_records_when_rolled_back_to_off_expects_to_be_asked_again() -> None:
    conductor = stage(legacy("A"), legacy("B", active="perhaps"))
    conductor.migrate(approve="auto", until="WRITE_V2_ONLY", exclude=["B"])
    approve(
        conductor.world, Phase.ARCHIVED, approver="Ada", reason="done", releases_exclusions=True
    )
    conductor.rollback()
    conductor.migrate(approve="auto", until="WRITE_V2_ONLY")
    held = conductor.migrate(approve="auto", until="ARCHIVED")
    assert (held.status, conductor.phase) == (RunStatus.HELD, Phase.WRITE_V2_ONLY)


def test_an_excluded_key_when_v1_is_deleted_expects_to_be_free_again() -> None:
    conductor = stage(legacy("A"), legacy("B", active="perhaps"))
    conductor.migrate(approve="auto", until="WRITE_V2_ONLY", exclude=["B"])
    approve(
        conductor.world, Phase.ARCHIVED, approver="Ada", reason="done", releases_exclusions=True
    )
    conductor.migrate(approve="auto", until="ARCHIVED")
    conductor.settle()
    with pytest.raises(RecordHeld):
        conductor.records().create(person("B", full_name="Bea"), key("B"))
    conductor.migrate(approve="auto", until="DECOMMISSIONED")
    conductor.settle()
    conductor.records().create(person("B", full_name="Bea"), key("B"))
    assert conductor.records().get(key("B")).item["full_name"] == "Bea"


def test_a_write_to_v2_alone_when_v1_could_not_hold_it_expects_a_refusal_and_a_way_back() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.WRITE_V2_ONLY)
    records = conductor.records()
    room = ITEM_LIMIT_BYTES - size(conductor.stored(Side.TARGET, key("A")) or {})
    largest = room - 160  # the room that a full stamp and the attribute's name may need
    records.update(key("A"), {"notes": "x" * largest}, (), None)
    with pytest.raises(InvalidInput):
        records.update(key("A"), {"notes": "x" * (room - 60)}, (), None)
    assert conductor.rollback(to_phase="READ_V2").status is RunStatus.SUCCEEDED
    stored = conductor.stored(Side.SOURCE, key("A")) or {}
    assert stored["notes"] == conductor.records().get(key("A")).item["notes"]


def test_a_record_of_more_attributes_than_one_write_can_set_is_found_by_the_dry_run() -> None:
    many = {f"a{number:03d}": "x" for number in range(LARGEST_CHANGE)}
    conductor = stage(legacy("A"), legacy("B", **many))
    run = conductor.dry_run()
    assert (run.status, run.counts.failed, run.counts.written) == (RunStatus.HELD, 1, 1)
    [found] = conductor.findings(run)
    assert (found.kind, found.key.startswith("EMPLOYEE#B")) == (FindingKind.TOO_LARGE, True)


def test_a_write_in_lock_step_when_it_leaves_too_many_attributes_is_refused() -> None:
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    half = {f"a{number:03d}": "x" for number in range(LARGEST_CHANGE // 2)}
    rest = {f"b{number:03d}": "x" for number in range(LARGEST_CHANGE // 2)}
    conductor.records().update(key("A"), half, (), None)
    with pytest.raises(InvalidInput, match="attributes in v2"):
        conductor.records().update(key("A"), rest, (), None)


def test_a_rollback_to_read_v2_when_its_certificate_is_void_makes_a_new_one_there() -> None:
    conductor = stage(legacy("A"), phase=Phase.READ_V2)
    reopen(conductor.world, actor="Ada", reason="the mapping was mended")
    run = conductor.rollback(to_phase="READ_V2")
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.READ_V2)
    assert conductor.state.certificate is not None


def test_a_rollback_to_where_it_is_when_a_journey_waits_there_ends_that_journey() -> None:
    conductor = stage(legacy("A"), phase=Phase.SHADOW_READ)
    waiting = conductor.begin_journey(RunKind.MIGRATE, until="READ_V2")
    run = conductor.rollback(to_phase="SHADOW_READ")
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.SHADOW_READ)
    ended = conductor.world.ledger.load(waiting.run_id)
    assert ended is not None
    assert ended.status is RunStatus.SUPERSEDED
