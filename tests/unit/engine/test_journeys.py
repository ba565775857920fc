"""Journeys from end to end: forward, back, held and overtaken, with writers all the while."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.engine.itinerary import Step
from shared.engine.journey import begin_journey, plan_step
from shared.model.declaration import TableToTable
from shared.model.environment import LOCAL
from shared.model.errors import (
    AlreadyRunning,
    GuardRefused,
    InvalidInput,
    NotFound,
    Superseded,
    TableGone,
)
from shared.model.item import canonical
from shared.model.phases import PAIRED, Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import (
    AVAILABILITY_FIRST,
    Conductor,
    key,
    legacy,
    person,
    stage,
    way_through,
)
from tests.unit.engine.history import History
from tests.unit.engine.watched import Meanwhile

NAMES = tuple("ABCDEFGH")
BEFORE_THE_END = [phase for phase in PAIRED if phase is not Phase.DECOMMISSIONED]
BACK = [
    (start, goal) for start in BEFORE_THE_END for goal in BEFORE_THE_END if goal.order < start.order
]


def crowd() -> list[dict[str, object]]:
    return [legacy(name, full_name=f"Old {name}", project_id="P1", active=True) for name in NAMES]


@pytest.mark.parametrize("migration", [MIGRATION, AVAILABILITY_FIRST], ids=lambda each: each.mode)
def test_a_migration_when_approved_by_itself_expects_every_phase_and_v1_deleted(
    migration: TableToTable,
) -> None:
    conductor = stage(*crowd(), migration=migration)
    seen: list[Phase] = []
    run = conductor.migrate(
        lambda _: seen.append(conductor.phase), approve="auto", until="DECOMMISSIONED"
    )
    assert run.status is RunStatus.SUCCEEDED
    assert run.phase is Phase.DECOMMISSIONED
    assert list(dict.fromkeys(seen)) == list(migration.way)
    counts = run.counts
    assert (counts.scanned, counts.written, counts.failed) == (8, 8, 0)
    assert len(conductor.parts.store.items(Side.TARGET)) == 8
    with pytest.raises(TableGone):
        conductor.stored(Side.SOURCE, key("A"))
    report = conductor.world.archive.load(run.report)
    assert report["facts"]["archive"]["items"] == 8
    assert report["facts"]["backup"]["items"] == 8


def test_a_finished_migration_when_started_again_expects_success_and_nothing_done() -> None:
    conductor = stage(*crowd(), phase=Phase.DECOMMISSIONED)
    assert conductor.migrate(until="DECOMMISSIONED").status is RunStatus.SUCCEEDED


@pytest.mark.parametrize("until", list(PAIRED))
def test_a_migration_when_asked_to_stop_at_a_phase_expects_it_there(until: Phase) -> None:
    conductor = stage(*crowd(), migration=way_through(until))
    run = conductor.migrate(approve="auto", until=until.value)
    assert (run.status, run.phase, conductor.phase) == (RunStatus.SUCCEEDED, until, until)
    if until in (Phase.VALIDATE, Phase.READ_N):
        assert conductor.certificate_granted()
    if until is Phase.READ_N:
        assert conductor.state.percent == 100


def test_a_migration_when_approved_by_a_person_expects_a_question_at_each_gate() -> None:
    conductor = stage(*crowd())
    gates: list[Phase | None] = []
    conductor.migrate(
        lambda step: gates.append(step.gate) if step.kind == "APPROVE" else None,
        until="DECOMMISSIONED",
    )
    assert gates == [
        Phase.READ_N,
        Phase.READ_V2,
        Phase.WRITE_V2_ONLY,
        Phase.ARCHIVED,
        Phase.DECOMMISSIONED,
    ]


def test_auto_approval_when_the_environment_does_not_allow_it_expects_single_write_asked() -> None:
    conductor = stage(*crowd(), environment=replace(LOCAL, approves_alone=False))
    gates: list[Phase | None] = []
    conductor.migrate(
        lambda step: gates.append(step.gate) if step.kind == "APPROVE" else None,
        approve="auto",
        until="ARCHIVED",
    )
    assert gates == [Phase.WRITE_V2_ONLY, Phase.ARCHIVED]


def test_the_ramp_when_given_expects_each_share_in_turn() -> None:
    conductor = stage(*crowd())
    shares: list[int] = []
    conductor.migrate(
        lambda _: shares.append(conductor.state.percent), approve="auto", ramp=[5, 25, 100]
    )
    assert list(dict.fromkeys(shares)) == [0, 5, 25, 100]


# -- held


def test_a_migration_when_records_cannot_move_expects_held_with_nothing_moved() -> None:
    conductor = stage(*generate(3, 30, unmovable=6))
    run = conductor.migrate(approve="auto")
    assert run.status is RunStatus.HELD
    assert conductor.phase is Phase.OFF
    assert conductor.parts.store.items(Side.TARGET) == []
    assert run.counts.ambiguous + run.counts.failed == 6


def test_a_held_migration_when_its_records_are_excluded_expects_it_to_go_on() -> None:
    conductor = stage(*generate(3, 30, unmovable=6))
    conductor.migrate(approve="auto")
    (held,) = [run for run in conductor.world.ledger.runs("personnel", 9) if run.kind == "dry_run"]
    named = [found.key for found in conductor.findings(held)]
    assert len(named) == 6
    run = conductor.migrate(approve="auto", exclude=named)
    assert (run.status, run.phase, run.counts.excluded) == (RunStatus.SUCCEEDED, Phase.READ_V2, 6)
    certificate = conductor.state.certificate
    assert certificate is not None
    assert certificate.excluded == len(named)
    run = conductor.migrate(approve="auto", until="ARCHIVED")
    assert (run.status, conductor.phase) == (RunStatus.HELD, Phase.WRITE_V2_ONLY)
    conductor.approve(Phase.ARCHIVED, releases_exclusions=True)
    assert conductor.migrate(approve="auto", until="ARCHIVED").status is RunStatus.SUCCEEDED


def test_an_exclusion_when_v2_is_primary_expects_a_refusal_that_changes_nothing() -> None:
    conductor = stage(*crowd(), phase=Phase.READ_V2)
    before = conductor.state
    with pytest.raises(GuardRefused):
        conductor.begin_journey(RunKind.MIGRATE, exclude=["A"])
    assert conductor.state == before
    assert conductor.migrate(until="READ_V2").status is RunStatus.SUCCEEDED


def test_an_exclusion_when_the_record_is_in_v2_already_expects_it_out_of_v2_and_kept_in_v1() -> (
    None
):
    conductor = stage(*crowd(), phase=Phase.READ_N)
    conductor.records().update(key("A"), {"full_name": "New"}, (), None)
    assert conductor.migrate(approve="auto", exclude=["A"]).status is RunStatus.SUCCEEDED
    assert conductor.phase is Phase.READ_V2
    assert conductor.stored(Side.TARGET, key("A")) is None
    assert conductor.records().get(key("A")).item["full_name"] == "New"


# -- writers all the while


def traffic(conductor: Conductor, history: History) -> tuple[Conductor, list[Callable[[], None]]]:
    """Return the world of a journey at whose every third call of the tables somebody writes."""
    services = [conductor.records(), conductor.records()]
    turns = [0]

    def act() -> None:
        turns[0] += 1
        history.write(services[turns[0] % 2])

    return conductor.watched(before=Meanwhile(act, every=3)), [act]


@pytest.mark.parametrize("seed", range(4))
def test_acknowledged_writes_when_migrated_under_traffic_expect_none_lost(seed: int) -> None:
    conductor = stage(*crowd())
    history = History(NAMES, seed).adopt(conductor.records())
    busy, _ = traffic(conductor, history)
    for until in ("READ_V2", "WRITE_V2_ONLY", "DECOMMISSIONED"):
        run = busy.migrate(approve="auto", until=until)
        assert run.status is RunStatus.SUCCEEDED
        history.check(conductor.records())
    assert history.acknowledged > 50


@pytest.mark.parametrize(("start", "goal"), BACK)
def test_acknowledged_writes_when_rolled_back_under_traffic_expect_none_lost(
    start: Phase, goal: Phase
) -> None:
    conductor = stage(*crowd(), migration=way_through(start, goal))
    history = History(NAMES, start.order * 10 + goal.order).adopt(conductor.records())
    busy, acts = traffic(conductor, history)
    busy.go_to(start, percent=50)
    for _ in range(20):
        acts[0]()
    run = busy.rollback(to_phase=goal.value, reason="a drill")
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, goal)
    history.check(conductor.records())
    conductor.settle()
    for _ in range(20):
        acts[0]()
    history.check(conductor.records())
    assert not conductor.world.administration.writes_denied(Side.SOURCE)
    ahead = max(Phase.READ_V2, goal, key=lambda phase: phase.order)
    again = busy.migrate(approve="auto", until=ahead.value)
    assert again.status is RunStatus.SUCCEEDED
    history.check(conductor.records())
    assert history.acknowledged > 40


def test_v2_only_writes_of_single_write_when_rolled_back_to_off_expect_to_survive_in_v2() -> None:
    conductor = stage(*crowd(), phase=Phase.WRITE_V2_ONLY)
    records = conductor.records()
    records.update(key("A"), {"health_notes": "knee", "full_name": "New"}, (), None)
    records.create(person("Z", hours_week=Decimal(40), team_id="T9"), key("Z"))
    records.delete(key("B"), None)
    assert conductor.rollback(to_phase="OFF").status is RunStatus.SUCCEEDED
    records = conductor.records()
    assert records.get(key("A")).item["full_name"] == "New"
    assert records.get(key("Z")).item["team_id"] == "T9"
    with pytest.raises(NotFound):
        records.get(key("B"))
    assert conductor.stored(Side.SOURCE, key("B")) is None
    conductor.go_to(Phase.READ_V2)
    records = conductor.records()
    assert records.get(key("A")).item["health_notes"] == "knee"
    assert records.get(key("Z")).item["hours_week"] == Decimal(40)


def test_v1_when_rolled_back_from_the_archive_expects_to_be_open_and_exported_anew() -> None:
    conductor = stage(*crowd(), phase=Phase.ARCHIVED)
    assert conductor.world.administration.writes_denied(Side.SOURCE)
    conductor.rollback(to_phase="WRITE_V2_ONLY")
    assert not conductor.world.administration.writes_denied(Side.SOURCE)
    assert conductor.state.exported is None
    conductor.load(Side.SOURCE, legacy("late"))
    run = conductor.migrate(approve="auto", until="ARCHIVED")
    assert conductor.world.administration.writes_denied(Side.SOURCE)
    report = conductor.world.archive.load(run.report)
    assert report["facts"]["archive"]["items"] == 9


def test_a_rollback_when_v1_is_deleted_expects_a_refusal() -> None:
    conductor = stage(phase=Phase.DECOMMISSIONED)
    with pytest.raises(GuardRefused):
        conductor.rollback(to_phase="OFF")


def test_a_rollback_when_asked_forward_or_for_some_keys_expects_a_refusal_naming_the_field() -> (
    None
):
    conductor = stage(*crowd(), phase=Phase.DUAL_WRITE)
    for given, field in (({"to_phase": "READ_V2"}, "to_phase"), ({"keys": ["A"]}, "keys")):
        with pytest.raises(InvalidInput) as refusal:
            conductor.rollback(**given)
        assert refusal.value.field == field


# -- overtaken


def test_a_migration_when_moved_by_somebody_else_expects_superseded() -> None:
    conductor = stage(*crowd())
    run = conductor.begin_journey(RunKind.MIGRATE, approve="auto", until="WRITE_V2_ONLY")

    def interfere(step: Step) -> None:
        if conductor.phase is Phase.SHADOW_READ:
            conductor.end_execution(run)
            conductor.rollback(to_phase="DUAL_WRITE")

    with pytest.raises(Superseded):
        conductor.go_on(run, interfere)
    ended = conductor.world.ledger.load(run.run_id)
    assert ended is not None
    assert not ended.active
    assert conductor.phase is Phase.DUAL_WRITE


@pytest.mark.parametrize("at", ["WAIT", "VALIDATE", "APPROVE", "MOVE", "BACKFILL"])
def test_a_rollback_when_a_migration_is_under_way_expects_it_to_take_over_at_any_step(
    at: str,
) -> None:
    conductor = stage(*crowd())
    migrate = conductor.begin_journey(RunKind.MIGRATE, until="WRITE_V2_ONLY")
    rolled: list[RunStatus] = []

    def interfere(step: Step) -> None:
        if step.kind == at and conductor.phase is not Phase.OFF and not rolled:
            rolled.append(conductor.rollback(to_phase="OFF").status)

    with pytest.raises((Superseded, GuardRefused)):
        conductor.go_on(migrate, interfere)
    assert rolled == [RunStatus.SUCCEEDED]
    ended = conductor.world.ledger.load(migrate.run_id)
    assert ended is not None
    assert ended.status is RunStatus.SUPERSEDED
    assert conductor.phase is Phase.OFF


def test_a_rollback_when_the_overtaken_migration_validates_expects_the_lock_of_its_job() -> None:
    conductor = stage(*crowd(), phase=Phase.READ_V2)
    conductor.pass_time(LOCAL.certificate_age + 1)
    migrate = conductor.begin_journey(RunKind.MIGRATE, until="READ_V2")
    started = conductor.begin(RunKind.VALIDATE, migrate.run_id)
    assert conductor.rollback(to_phase="OFF").status is RunStatus.SUCCEEDED
    conductor.work(started)
    assert conductor.finish(started).status is RunStatus.ABORTED
    with pytest.raises(Superseded):
        plan_step(conductor.world, migrate.run_id)


def test_a_second_journey_when_one_is_under_way_expects_a_refusal_naming_the_first() -> None:
    conductor = stage(*crowd(), phase=Phase.READ_N)
    first = conductor.begin_journey(RunKind.ROLLBACK, to_phase="OFF")
    before = conductor.state
    for kind in (RunKind.MIGRATE, RunKind.ROLLBACK):
        with pytest.raises(AlreadyRunning) as refusal:
            conductor.begin_journey(kind)
        assert refusal.value.run_id == first.run_id
    assert conductor.state == before


def test_a_journey_when_its_start_is_tried_again_expects_no_quarrel_with_itself() -> None:
    conductor = stage(*crowd())
    execution = conductor.execution()
    given = {"migration": "personnel", "until": "DUAL_WRITE"}
    first = begin_journey(conductor.world, RunKind.MIGRATE, given, execution)
    second = begin_journey(conductor.world, RunKind.MIGRATE, given, execution)
    assert first.run_id != second.run_id
    assert conductor.go_on(second).status is RunStatus.SUCCEEDED


def test_the_source_when_migrated_and_rolled_back_untouched_expects_its_old_bytes() -> None:
    items = generate(5, 40)
    conductor = stage(*items, phase=Phase.READ_V2)
    conductor.rollback(to_phase="OFF")
    found = {str(item["PK"]): canonical(item) for item in conductor.parts.store.items(Side.SOURCE)}
    assert found == {str(item["PK"]): canonical(item) for item in items}
