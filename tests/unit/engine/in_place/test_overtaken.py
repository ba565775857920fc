"""Runs in place that the migration moves away from: they prove nothing, and change nothing."""

import pytest

from shared.engine.cutover import move_by_hand
from shared.engine.diagnosis import diagnose
from shared.engine.mending import mend
from shared.model.control import ControlState
from shared.model.errors import GuardRefused
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.racing import NAMES, once, shapes, upgraded, upgrading
from tests.unit.engine.in_place.stage import key, note, records, stage


def to(conductor: Conductor, phase: Phase) -> ControlState:
    """Move by hand; a way forward is approved first."""
    if phase.order > conductor.phase.order:
        conductor.approve(phase)
    return move_by_hand(conductor.world, phase, None, actor="Ada", reason="a test")


def test_a_restore_when_the_migration_moved_on_and_back_meanwhile_proves_nothing() -> None:
    conductor = upgraded()
    to(conductor, Phase.READ_BOTH)
    conductor.settle()
    started = conductor.begin(RunKind.RESTORE, lower=True)
    conductor.work(started)
    to(conductor, Phase.WRITE_NEW)
    records(conductor).create({"note_id": "z", "body": "born new"}, key("z"))
    to(conductor, Phase.READ_BOTH)
    assert conductor.finish(started).status is RunStatus.SUCCEEDED
    conductor.settle()
    with pytest.raises(GuardRefused) as caught:
        to(conductor, Phase.OFF)
    assert caught.value.missing == ("restored",)
    conductor.job(RunKind.RESTORE, lower=True)
    assert to(conductor, Phase.OFF).phase is Phase.OFF
    assert shapes(conductor) == "o" * (len(NAMES) + 1)


def test_a_backfill_when_the_migration_moves_home_as_it_is_let_in_changes_nothing() -> None:
    conductor = upgrading()
    move = once("begin", lambda: to(conductor, Phase.READ_BOTH))
    run = conductor.watched(before=move, port="ledger").backfill()
    assert (run.status, conductor.phase) == (RunStatus.SUPERSEDED, Phase.READ_BOTH)
    assert shapes(conductor) == "o" * len(NAMES)


def test_a_rollback_of_named_records_when_it_died_is_started_again_with_those_alone() -> None:
    conductor = stage(note("a"), note("b"), note("c"), phase=Phase.VALIDATE)
    died = conductor.begin_journey(RunKind.ROLLBACK, keys=["a", "c"], reason="these only")
    conductor.end_execution(died)
    records(conductor).delete(key("c"), None)
    [found] = diagnose(conductor.world)
    mend(conductor.world, found, actor="Ada", reason="paged")
    [(kind, given)] = conductor.parts.executions.started.values()
    assert kind is RunKind.ROLLBACK
    run = conductor.rollback(**{name: each for name, each in given.items() if name != "migration"})
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.VALIDATE)
    old = [n for n in "ab" if "text" in (conductor.stored(Side.SOURCE, key(n)) or {})]
    assert old == ["a"]
