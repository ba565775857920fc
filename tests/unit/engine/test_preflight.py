"""Each check before anything is touched: it names itself, what it found and its mend."""

from dataclasses import replace
from typing import Any

import pytest

from shared.engine.preflight import problems_of, table_problems
from shared.model.alarms import AlarmState
from shared.model.errors import GuardRefused, Throttled
from shared.model.key import KeySchema
from shared.model.phases import Phase
from shared.model.writes import Side
from shared.ports import IndexDescription, TableDescription
from tests.unit.engine.conductor import Conductor, legacy, stage

WRONG: dict[str, dict[str, Any]] = {
    "table-active": {"status": "UPDATING"},
    "key-schema": {"keys": KeySchema("PK")},
    "point-in-time-recovery": {"point_in_time_recovery": False},
    "stream": {"stream": False},
    "one-region": {"replicas": ("eu-west-1",)},
    "index-active": {"indexes": {}},
}
INDEX = IndexDescription("ACTIVE", KeySchema("full_name"))
WRONG_INDEX = {
    "source-index-active": replace(INDEX, status="CREATING"),
    "source-index-keys": replace(INDEX, keys=KeySchema("full_name", sort_type="N", sort="age")),
    "source-index-whole": replace(INDEX, whole=False),
}


class Described:
    """Tables of which one describes itself otherwise than it is."""

    def __init__(self, tables: Any, side: Side, wrong: dict[str, Any]) -> None:
        self._tables, self._side, self._wrong = tables, side, wrong

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def describe(self, side: Side) -> TableDescription:
        found: TableDescription = self._tables.describe(side)
        return replace(found, **self._wrong) if side is self._side else found


def refused(conductor: Conductor) -> GuardRefused:
    """Start a migration that goes nowhere; return why."""
    with pytest.raises(GuardRefused) as refusal:
        conductor.migrate(approve="auto", until="DUAL_WRITE")
    assert conductor.phase is Phase.OFF
    return refusal.value


def test_a_migration_when_all_is_well_has_no_problem() -> None:
    assert problems_of(stage(legacy("A")).world) == ()


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("check", list(WRONG))
def test_a_check_when_it_fails_names_itself_and_its_mend_and_nothing_moves(
    check: str, side: Side
) -> None:
    conductor = stage(legacy("A"))
    tables = Described(conductor.world.tables, side, WRONG[check])
    refusal = refused(replace(conductor, world=replace(conductor.world, tables=tables)))
    assert set(refusal.missing) == {f"{side}-{check}"}
    assert refusal.mend
    declared = conductor.world.migration
    table = declared.source if side is Side.SOURCE else declared.target
    assert table.name in refusal.message


@pytest.mark.parametrize("check", list(WRONG_INDEX))
def test_an_index_when_it_is_not_as_declared_is_named_with_what_it_is(check: str) -> None:
    conductor = stage(legacy("A"))
    indexes = conductor.world.tables.describe(Side.SOURCE).indexes
    wrong = {"indexes": {**indexes, "NameIndex": WRONG_INDEX[check]}}
    tables = Described(conductor.world.tables, Side.SOURCE, wrong)
    world = replace(conductor.world, tables=tables)
    [problem] = table_problems(world, list(Side))
    assert problem.check == check
    assert "NameIndex" in problem.reason
    assert "NameIndex" in problem.mend


def test_a_key_when_its_type_is_another_one_is_told_with_the_types_that_are_there() -> None:
    conductor = stage(legacy("A"))
    wrong = {"keys": KeySchema("PK", "SK", sort_type="N")}
    tables = Described(conductor.world.tables, Side.TARGET, wrong)
    [problem] = problems_of(replace(conductor.world, tables=tables))
    assert problem.check == "target-key-schema"
    assert "PK (S), SK (N)" in problem.reason


@pytest.mark.parametrize("side", list(Side))
def test_a_table_when_it_is_not_there_is_one_problem_and_the_others_are_told_too(
    side: Side,
) -> None:
    conductor = stage(legacy("A"))
    conductor.parts.store.drop(side)
    conductor.parts.alarms.absent.add(conductor.world.migration.watch_alarm)
    found = [problem.check for problem in problems_of(conductor.world)]
    assert found == [f"{side}-table-exists", "alarm-quiet"]


def test_an_alarm_when_it_is_on_is_named_with_its_reason() -> None:
    conductor = stage(legacy("A"))
    name = conductor.world.migration.watch_alarm
    conductor.parts.alarms.put(name, AlarmState.ALARM, "v1 answers 5xx")
    refusal = refused(conductor)
    assert refusal.missing == ("alarm-quiet",)
    assert "v1 answers 5xx" in refusal.message


def test_an_alarm_when_it_is_missing_names_the_stack_to_deploy() -> None:
    conductor = stage(legacy("A"))
    conductor.parts.alarms.absent.add(conductor.world.migration.watch_alarm)
    assert "Cutover-Personnel-Observability" in refused(conductor).message


def test_an_alarm_when_nobody_says_how_it_is_keeps_the_migration_from_beginning() -> None:
    conductor = stage(legacy("A"))

    def away(name: str) -> None:
        raise Throttled("slow down")

    assert refused(conductor.watched(before=away, port="alarms")).missing == ("alarm-quiet",)
