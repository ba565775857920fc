"""Counts and summaries of runs."""

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from shared.model.phases import Phase
from shared.model.runs import Counts, Run, RunKind, RunStatus

COUNTS = st.builds(Counts, *(st.integers(0, 9) for _ in fields(Counts)))


@given(COUNTS, COUNTS, COUNTS)
def test_counts_add_up_in_any_order(one: Counts, two: Counts, three: Counts) -> None:
    assert (one + two) + three == three + (two + one)
    assert one + Counts() == one
    for each in fields(Counts):
        name = each.name
        assert getattr(one + two, name) == getattr(one, name) + getattr(two, name)


def test_plus_adds_to_the_named_ones_only() -> None:
    assert Counts(scanned=1, written=1).plus(scanned=2, failed=1) == Counts(
        scanned=3, written=1, failed=1
    )


def test_summary_has_the_promised_fields() -> None:
    run = Run(
        "id",
        RunKind.BACKFILL,
        "personnel",
        RunStatus.HELD,
        Phase.DUAL_WRITE,
        epoch=1,
        voids=0,
        started_at=1.5,
        actor="ada",
        counts=Counts(scanned=2, ambiguous=2),
    )
    summary = run.summary()
    assert set(summary) - {each.name for each in fields(Counts)} == {
        "run_id",
        "migration",
        "status",
        "phase",
        "started_at",
        "finished_at",
        "report",
    }
    assert {each.name for each in fields(Counts)} < set(summary)
    assert (summary["status"], summary["phase"], summary["ambiguous"]) == (
        "HELD",
        "DUAL_WRITE",
        2,
    )
    assert not run.active


def test_facts_are_added_and_the_run_before_keeps_its_own() -> None:
    run = Run("id", RunKind.VALIDATE, "m", RunStatus.RUNNING, Phase.VALIDATE, 1, 0, 0.0, "ada")
    more = run.with_facts(seconds=1).with_facts(pages=2)
    assert (run.facts, more.facts) == ({}, {"seconds": 1, "pages": 2})
    assert run.active
