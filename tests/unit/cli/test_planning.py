"""What a migration will cost, and what is in its way."""

import pytest

from cli.estimate import estimate
from migrations.personnel.migration import MIGRATION
from shared.model.phases import DIRECT, Phase
from shared.model.writes import Side
from shared.ports import TableDescription
from tests.unit.cli.rehearsal import operator
from tests.unit.engine.conductor import legacy


def described(items: int, size: int) -> TableDescription:
    return TableDescription("id", "arn", "ACTIVE", "PK", "SK", {}, True, True, items, size)


def test_an_estimate_when_a_million_items_of_one_kb_expects_the_documented_price() -> None:
    found = estimate(MIGRATION, described(1_000_000, 1_024_000_000), 2000)
    assert found.table_write_units == 1_000_000
    assert found.index_write_units == 4_000_000
    assert found.read_units == 1_375_000  # 250,000 for a strong pass, of which there are 5.5
    assert found.seconds == 2500
    assert found.dollars == pytest.approx(5 * 0.625 + 1.375 * 0.125)
    assert found.prewarm is None


def test_an_estimate_when_items_are_just_over_a_unit_expects_the_next_unit() -> None:
    assert estimate(MIGRATION, described(10, 10_250), None).table_write_units == 20


def test_an_estimate_when_faster_than_a_new_table_expects_it_warmed() -> None:
    assert estimate(MIGRATION, described(1, 1), 9000).prewarm == 9000


def test_an_estimate_when_the_table_is_empty_expects_nothing() -> None:
    found = estimate(MIGRATION, described(0, 0), None)
    assert (found.write_units, found.read_units, found.dollars) == (0, 0, 0)


def test_plan_when_all_is_well_expects_costs_and_every_phase_ahead_and_no_change() -> None:
    op = operator(legacy("a"), legacy("b"))
    told = op.json("plan", "personnel", "--max-wcu", "5")
    assert (told["estimate"]["items"], told["estimate"]["write_units"]) == (2, 10)
    assert told["estimate"]["seconds"] == 2
    assert told["problems"] == []
    forward = [phase.value for phase in DIRECT[1:]]
    assert [each["phase"] for each in told["next"]] == forward
    assert op.json("log", "personnel")["entries"] == []
    assert "may be 6 hours old" in op.type("plan", "personnel").stdout


def test_plan_when_halfway_expects_only_what_is_ahead() -> None:
    told = operator(legacy("a"), phase=Phase.READ_V2).json("plan", "personnel")
    assert [each["phase"] for each in told["next"]] == [
        "WRITE_V2_ONLY",
        "ARCHIVED",
        "DECOMMISSIONED",
    ]


@pytest.mark.parametrize("side", list(Side))
def test_plan_when_a_table_is_not_there_expects_exit_1_and_the_mend(side: Side) -> None:
    op = operator(legacy("a"))
    op.conductor.parts.store.drop(side)
    (problem,) = op.json("plan", "personnel", exits=1)["problems"]
    assert problem["check"] == f"{side}-table-exists"
    assert "deploy" in problem["mend"]
