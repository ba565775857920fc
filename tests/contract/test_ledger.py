"""Runs and their locks, segments and their attempts, findings."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.model.errors import AlreadyRunning, NotFound, Superseded
from shared.model.item import NESTING_LIMIT, Value
from shared.model.phases import Phase
from shared.model.runs import (
    Counts,
    Difference,
    Finding,
    FindingKind,
    Run,
    RunKind,
    RunStatus,
    Segment,
)
from tests.contract.engines import Engine
from tests.contract.test_single_writes import RICH

AT = 1_763_690_000.654321


def run(engine: Engine, number: int = 1, **changes: object) -> Run:
    made = Run(
        run_id=f"{engine.name}-run{number}",
        kind=RunKind.BACKFILL,
        migration=engine.name,
        status=RunStatus.RUNNING,
        phase=Phase.DUAL_WRITE,
        epoch=2,
        voids=1,
        started_at=AT + number,
        actor="ada",
        params={"keys": ["a"], "max_wcu": 5, "nested": {"x": None}},
        counts=Counts(scanned=3, written=2, failed=1),
        facts={"seconds": 1.5},
    )
    return replace(made, **changes)


def ended(given: Run, status: RunStatus = RunStatus.SUCCEEDED) -> Run:
    return replace(
        given,
        status=status,
        finished_at=AT + 99,
        report="uri",
        execution="arn",
        counts=Counts(scanned=9),
    )


def segment(of: Run, number: int = 0, **changes: object) -> Segment:
    made = Segment(of.run_id, f"source-{number:04d}", "source", number, 4, of.attempt)
    return replace(made, **changes)


def finding(of: Run, key: str, kind: FindingKind = FindingKind.DIFFERENT) -> Finding:
    return Finding(
        of.run_id,
        key,
        kind,
        "why",
        field="f",
        differences=(Difference("f", Decimal("1.5"), None), Difference("g", "x", b"y")),
        record={"PK": key, **RICH},
        repaired=True,
    )


def test_run_comes_back_exactly(engine: Engine) -> None:
    first = run(engine)
    engine.ledger.begin(first, "work", None)
    assert engine.ledger.load(first.run_id) == first
    engine.ledger.release(ended(first), "work")
    assert engine.ledger.load(first.run_id) == ended(first)
    assert engine.ledger.load("nobody") is None


def test_begin_when_another_run_holds_the_lock_names_it(engine: Engine) -> None:
    first, second = run(engine, 1), run(engine, 2)
    engine.ledger.begin(first, "work", None)
    with pytest.raises(AlreadyRunning) as caught:
        engine.ledger.begin(second, "work", None)
    assert caught.value.run_id == first.run_id
    assert engine.ledger.load(second.run_id) is None
    assert engine.ledger.holder(engine.name, "work") == first.run_id


def test_begin_under_another_lock_is_free(engine: Engine) -> None:
    engine.ledger.begin(run(engine, 1), "work", None)
    engine.ledger.begin(run(engine, 2), "journey", None)
    assert engine.ledger.holder(engine.name, "journey") == run(engine, 2).run_id
    assert engine.ledger.holder(engine.name, "nothing") is None


def test_begin_of_the_same_run_twice_changes_nothing(engine: Engine) -> None:
    first = run(engine)
    engine.ledger.begin(first, "work", None)
    engine.ledger.save(replace(first, report="r"))
    engine.ledger.begin(first, "work", None)
    assert engine.ledger.load(first.run_id) == replace(first, report="r")


def test_begin_of_a_run_that_ended_is_superseded(engine: Engine) -> None:
    first = run(engine)
    engine.ledger.begin(first, "work", None)
    engine.ledger.release(ended(first), "work")
    with pytest.raises(Superseded):
        engine.ledger.begin(first, "work", None)
    assert engine.ledger.load(first.run_id) == ended(first)
    assert engine.ledger.holder(engine.name, "work") is None


def test_begin_over_a_dead_run_takes_its_lock_only_from_that_one(engine: Engine) -> None:
    dead, second, third = (run(engine, n) for n in (1, 2, 3))
    engine.ledger.begin(dead, "work", None)
    engine.ledger.begin(second, "work", dead.run_id)
    with pytest.raises(AlreadyRunning) as caught:
        engine.ledger.begin(third, "work", dead.run_id)
    assert caught.value.run_id == second.run_id
    assert engine.ledger.holder(engine.name, "work") == second.run_id


def test_release_gives_the_lock_back(engine: Engine) -> None:
    first, second = run(engine, 1), run(engine, 2)
    engine.ledger.begin(first, "work", None)
    engine.ledger.release(ended(first), "work")
    assert engine.ledger.holder(engine.name, "work") is None
    engine.ledger.begin(second, "work", None)


def test_release_leaves_a_lock_that_was_taken_over_alone(engine: Engine) -> None:
    dead, second = run(engine, 1), run(engine, 2)
    engine.ledger.begin(dead, "work", None)
    engine.ledger.begin(second, "work", dead.run_id)
    engine.ledger.release(ended(dead, RunStatus.ABORTED), "work")
    assert engine.ledger.holder(engine.name, "work") == second.run_id
    assert engine.ledger.load(dead.run_id) == ended(dead, RunStatus.ABORTED)


def test_unlock_frees_a_lock_of_its_holder_only(engine: Engine) -> None:
    first = run(engine)
    engine.ledger.begin(first, "work", None)
    engine.ledger.unlock(engine.name, "work", "nobody")
    assert engine.ledger.holder(engine.name, "work") == first.run_id
    engine.ledger.unlock(engine.name, "work", first.run_id)
    engine.ledger.unlock(engine.name, "work", first.run_id)
    assert engine.ledger.holder(engine.name, "work") is None


def test_retake_fences_the_attempt_before(engine: Engine) -> None:
    first = run(engine)
    engine.ledger.begin(first, "work", None)
    engine.ledger.release(ended(first, RunStatus.ABORTED), "work")
    resumed = replace(first, attempt=2)
    engine.ledger.retake(resumed, "work")
    assert engine.ledger.holder(engine.name, "work") == first.run_id
    assert engine.ledger.load(first.run_id) == resumed
    for late in (engine.ledger.save, lambda given: engine.ledger.release(given, "work")):
        with pytest.raises(Superseded):
            late(ended(first))
    with pytest.raises(Superseded):
        engine.ledger.retake(resumed, "work")
    assert engine.ledger.load(first.run_id) == resumed


def test_a_late_step_of_a_run_that_ended_stores_nothing(engine: Engine) -> None:
    first = run(engine)
    engine.ledger.begin(first, "work", None)
    engine.ledger.release(ended(first, RunStatus.SUPERSEDED), "work")
    second = run(engine, 2)
    engine.ledger.begin(second, "work", None)
    for late in (engine.ledger.save, lambda given: engine.ledger.release(given, "work")):
        for given in (first.with_facts(held="late"), ended(first)):
            with pytest.raises(Superseded):
                late(given)
    assert engine.ledger.load(first.run_id) == ended(first, RunStatus.SUPERSEDED)
    assert engine.ledger.holder(engine.name, "work") == second.run_id


def test_retake_when_another_run_holds_the_lock_names_it(engine: Engine) -> None:
    first, second = run(engine, 1), run(engine, 2)
    engine.ledger.begin(first, "work", None)
    engine.ledger.release(ended(first, RunStatus.ABORTED), "work")
    engine.ledger.begin(second, "work", None)
    with pytest.raises(AlreadyRunning) as caught:
        engine.ledger.retake(replace(first, attempt=2), "work")
    assert caught.value.run_id == second.run_id
    assert engine.ledger.load(first.run_id) == ended(first, RunStatus.ABORTED)


def test_retake_of_a_run_that_died_with_its_lock_works(engine: Engine) -> None:
    first = run(engine)
    engine.ledger.begin(first, "work", None)
    engine.ledger.retake(replace(first, attempt=2), "work")
    assert engine.ledger.holder(engine.name, "work") == first.run_id


def test_pause_asked_for_meanwhile_survives_a_save(engine: Engine) -> None:
    first = run(engine)
    engine.ledger.begin(first, "work", None)
    engine.ledger.ask_pause(first.run_id, pause=True)
    engine.ledger.save(replace(first, counts=Counts(scanned=7)))
    stored = engine.ledger.load(first.run_id)
    assert stored == replace(first, counts=Counts(scanned=7), pause=True)
    engine.ledger.ask_pause(first.run_id, pause=False)
    counted = replace(first, counts=Counts(scanned=7), taken_back=1)
    assert engine.ledger.load(first.run_id) == counted
    engine.ledger.save(first)
    assert engine.ledger.load(first.run_id) == replace(first, taken_back=1)


def test_pause_of_a_run_that_does_not_exist_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.ledger.ask_pause("nobody", pause=True)
    assert engine.ledger.load("nobody") is None


def test_rate_asked_for_meanwhile_survives_a_save(engine: Engine) -> None:
    first = run(engine)
    engine.ledger.begin(first, "work", None)
    engine.ledger.ask_rate(first.run_id, 62.5)
    engine.ledger.save(replace(first, counts=Counts(scanned=7)))
    stored = engine.ledger.load(first.run_id)
    assert stored == replace(first, counts=Counts(scanned=7), max_wcu=62.5)
    assert (stored.rate, first.rate) == (62.5, 5)


def test_rate_of_a_run_that_does_not_exist_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.ledger.ask_rate("nobody", 5.0)
    assert engine.ledger.load("nobody") is None


def test_save_of_a_run_that_was_never_begun_is_superseded(engine: Engine) -> None:
    with pytest.raises(Superseded):
        engine.ledger.save(run(engine))


def test_runs_come_newest_first_and_limited(engine: Engine) -> None:
    made = [run(engine, n) for n in (2, 10, 1)]
    for n, each in enumerate(made):
        engine.ledger.begin(each, f"lock{n}", None)
    newest = sorted(made, key=lambda each: each.started_at, reverse=True)
    assert engine.ledger.runs(engine.name, 10) == newest
    assert engine.ledger.runs(engine.name, 2) == newest[:2]
    assert engine.ledger.runs("nobody", 10) == []


def test_segments_come_back_exactly(engine: Engine) -> None:
    of = run(engine)
    made = [segment(of, number) for number in range(4)]
    made[1] = replace(
        made[1],
        cursor={"PK": "a", "SK": b"x", "n": Decimal(3)},
        done=True,
        stopped="paused",
        counts=Counts(scanned=2),
        found=1,
        expected={"by-team": 3},
    ).marked(AT, 2.5)
    engine.ledger.open_segments(made)
    assert engine.ledger.segments(of.run_id) == made
    assert engine.ledger.segment(of.run_id, made[1].name) == made[1]
    assert engine.ledger.segment(of.run_id, "nothing") is None


def test_opening_again_keeps_checkpoints_and_a_new_attempt_replaces_them(engine: Engine) -> None:
    of = run(engine)
    engine.ledger.open_segments([segment(of, 0), segment(of, 1)])
    checked = segment(of, 0, cursor={"PK": "m"}, counts=Counts(scanned=5))
    engine.ledger.checkpoint(checked, [])
    engine.ledger.open_segments([segment(of, 0), segment(of, 1)])
    assert engine.ledger.segment(of.run_id, checked.name) == checked
    engine.ledger.open_segments([replace(checked, attempt=2)])
    assert engine.ledger.segment(of.run_id, checked.name) == replace(checked, attempt=2)
    with pytest.raises(Superseded):
        engine.ledger.open_segments([segment(of, 0)])


def test_checkpoint_of_an_older_attempt_is_superseded(engine: Engine) -> None:
    of = run(engine)
    engine.ledger.open_segments([segment(of, 0, attempt=2)])
    with pytest.raises(Superseded):
        engine.ledger.checkpoint(segment(of, 0, done=True), [])
    assert engine.ledger.segment(of.run_id, "source-0000") == segment(of, 0, attempt=2)


def test_checkpoint_of_a_segment_never_opened_is_superseded(engine: Engine) -> None:
    of = run(engine)
    with pytest.raises(Superseded):
        engine.ledger.checkpoint(segment(of, 0), [])
    assert engine.ledger.segment(of.run_id, "source-0000") is None


def test_findings_come_back_exactly_once_each_and_ordered_by_key(engine: Engine) -> None:
    of = run(engine)
    engine.ledger.open_segments([segment(of)])
    made = [finding(of, f"k{n:03d}") for n in (*range(40, 80), *range(40))]
    engine.ledger.checkpoint(segment(of, cursor={"PK": "a"}), made)
    engine.ledger.checkpoint(segment(of, done=True), made[:3])
    assert list(engine.ledger.findings(of.run_id)) == sorted(made, key=lambda each: each.key)
    assert list(engine.ledger.findings("nobody")) == []


def test_findings_of_one_key_and_of_very_long_keys_are_kept_apart(engine: Engine) -> None:
    of = run(engine)
    engine.ledger.open_segments([segment(of)])
    made = [
        finding(of, "a", FindingKind.DUPLICATE),
        finding(of, "a", FindingKind.MISSING),
        finding(of, "a#MISSING"),
        finding(of, "x" * 2000 + "1"),
        finding(of, "x" * 2000 + "2"),
    ]
    engine.ledger.checkpoint(segment(of), made)
    assert sorted(engine.ledger.findings(of.run_id), key=str) == sorted(made, key=str)


def test_finding_of_a_plain_kind_keeps_its_absent_parts_absent(engine: Engine) -> None:
    of = run(engine)
    engine.ledger.open_segments([segment(of)])
    plain = Finding(of.run_id, "k", FindingKind.SKIPPED, "no progress")
    engine.ledger.checkpoint(segment(of), [plain])
    assert list(engine.ledger.findings(of.run_id)) == [plain]


def test_finding_of_a_record_too_large_for_the_ledger_is_kept_by_its_key(engine: Engine) -> None:
    of = run(engine)
    engine.ledger.open_segments([segment(of)])
    large = replace(
        finding(of, "k", FindingKind.TOO_LARGE),
        record={"PK": "k", "body": "x" * 390_000},
        differences=tuple(Difference(f"f{n}", "y" * 40_000, None) for n in range(20)),
    )
    engine.ledger.checkpoint(segment(of), [large])
    (found,) = engine.ledger.findings(of.run_id)
    assert (found.key, found.kind) == ("k", FindingKind.TOO_LARGE)
    assert found.reason.startswith("why")
    assert found.record is not None
    assert found.record["PK"] == "k"


def test_finding_of_a_record_nested_as_deep_as_a_table_takes_it_is_kept(engine: Engine) -> None:
    of = run(engine)
    engine.ledger.open_segments([segment(of)])
    deep: Value = None
    for _ in range(NESTING_LIMIT - 1):  # DynamoDB Local takes one level less
        deep = [deep]
    nested = replace(
        finding(of, "k", FindingKind.CONFLICT),
        record={"PK": "k", "body": deep},
        differences=(Difference("body", deep, None),),
    )
    engine.ledger.checkpoint(segment(of), [nested])
    (found,) = engine.ledger.findings(of.run_id)
    assert (found.key, found.kind, found.differences[0].field) == (
        "k",
        FindingKind.CONFLICT,
        "body",
    )
    assert found.record is not None
    assert found.record["PK"] == "k"
