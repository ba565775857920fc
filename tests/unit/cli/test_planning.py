"""What a migration will cost, and what is in its way."""

from dataclasses import replace

import pytest

from cli.bill import bill, total
from cli.estimate import estimate
from migrations.personnel.migration import MIGRATION
from shared.model.environment import LOCAL, Soak
from shared.model.key import KeySchema
from shared.model.phases import DIRECT, Phase
from shared.model.writes import Side
from shared.ports import TableDescription
from tests.unit.cli.rehearsal import operator
from tests.unit.engine.conductor import legacy


def described(items: int, size: int) -> TableDescription:
    keys = KeySchema("PK", "SK")
    return TableDescription("id", "arn", "ACTIVE", keys, {}, True, True, items, size)


def test_an_estimate_when_a_million_items_of_one_kb_expects_the_documented_price() -> None:
    found = estimate(MIGRATION, described(1_000_000, 1_024_000_000), 2000)
    assert found.table_write_units == 1_000_000
    assert found.index_write_units == 4_000_000
    assert found.read_units == 1_375_000  # 250,000 for a strong pass, of which there are 5.5
    assert found.seconds == 2500
    assert (found.passes.dry_run, found.passes.backfill) == (250_000, 125_000)
    assert found.prewarm is None


def test_an_estimate_when_items_are_just_over_a_unit_expects_the_next_unit() -> None:
    assert estimate(MIGRATION, described(10, 10_250), None).table_write_units == 20


def test_an_estimate_when_faster_than_a_new_table_expects_it_warmed() -> None:
    assert estimate(MIGRATION, described(1, 1), 9000).prewarm == 9000


def test_an_estimate_when_the_table_is_empty_expects_nothing() -> None:
    found = estimate(MIGRATION, described(0, 0), None)
    assert (found.write_units, found.read_units, found.seconds) == (0, 0, 0)


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


# -- dollars


AWS = replace(LOCAL, name="prod", soak=Soak(), certificate_age=86_400.0, concurrency=16)
MILLION = described(1_000_000, 1_024_000_000)


def dollars(writes: float | None = None, max_wcu: float | None = 2000) -> dict[str, float]:
    lines = bill(estimate(MIGRATION, MILLION, max_wcu), 4, AWS, writes)
    return {each.what: each.dollars for each in lines}


def test_a_bill_when_a_million_items_of_one_kb_expects_each_job_at_its_price() -> None:
    told = dollars()
    assert told["dry run"] == pytest.approx(0.25 * 0.125)
    assert told["backfill"] == pytest.approx(5 * 0.625 + 0.125 * 0.125)
    assert told["validation"] == pytest.approx(0.125)  # both tables and half of four indexes
    assert told["exports"] == pytest.approx(2 * 1_024_000_000 / 1024**3 * 0.123)


def test_a_bill_when_readers_are_watched_for_nine_days_expects_a_validation_each_half_day() -> None:
    assert dollars()["renewals"] == pytest.approx(18 * 0.125)


def test_a_bill_when_the_application_writes_expects_three_units_more_and_the_indexes() -> None:
    seconds = 3600 + 4 * 3600 + 48 * 3600 + 7 * 86_400 + 2500
    each = (3 + 4) * 0.625e-6 + 0.125e-6
    assert dollars(writes=50)["dual writes"] == pytest.approx(50 * seconds * each)
    assert dollars(writes=0)["dual writes"] == 0
    assert dollars()["dual writes"] == pytest.approx(seconds * each)  # per write a second


def test_a_bill_when_the_backfill_is_slow_expects_workers_paid_for_while_they_rest() -> None:
    assert dollars(max_wcu=200)["Lambda"] > 5 * dollars(max_wcu=2000)["Lambda"]


def test_plan_when_asked_as_json_expects_every_line_with_its_rule_and_the_prices() -> None:
    told = operator(legacy("a")).json("plan", "personnel", "--writes", "20")["bill"]
    assert all(each["rule"] and each["amount"] for each in told["lines"])
    assert told["dollars"] == pytest.approx(
        sum(each["dollars"] for each in told["lines"]), abs=1e-5
    )
    assert (told["writes_a_second"], told["prices"]["region"]) == (20, "us-east-1")
    assert all(each["page"].startswith("aws.amazon.com/") for each in told["prices"]["list"])


def test_plan_when_shown_expects_the_sum_the_region_and_the_month_of_its_prices() -> None:
    told = operator(legacy("a")).type("plan", "personnel").stdout
    assert "at list prices of us-east-1, November 2026" in told
    assert "in all" in told
    assert max(map(len, told.splitlines())) <= 80


def test_a_total_when_summed_expects_all_lines() -> None:
    lines = bill(estimate(MIGRATION, MILLION, None), 4, AWS, 1.0)
    assert total(lines) == pytest.approx(sum(dollars(1.0, None).values()))


@pytest.mark.parametrize("option", [("--writes", "-1"), ("--max-wcu", "0")])
def test_plan_when_a_number_makes_no_sense_expects_exit_2(option: tuple[str, str]) -> None:
    assert operator(legacy("a")).type("plan", "personnel", *option).exit_code == 2
