"""Workers of segments: what a checkpoint that fails costs, and when a worker must stop."""

import pytest

from shared.engine.failures import record_failure
from shared.engine.segments import load_run
from shared.engine.validate import validate_segment
from shared.model.errors import OutcomeUnknown, StoreError, Throttled
from shared.model.phases import Phase
from shared.model.runs import Counts, RunKind, RunStatus, Segment
from shared.model.writes import Side
from tests.unit.engine.conductor import FOREVER, Conductor, key, legacy, stage

NAMES = ("A", "B", "C", "D", "E")


def dual() -> Conductor:
    return stage(*[legacy(name, full_name=f"N{name}") for name in NAMES], phase=Phase.DUAL_WRITE)


@pytest.mark.parametrize("error", [Throttled, OutcomeUnknown])
@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_checkpoint_when_its_ledger_is_busy_expects_the_page_counted_and_reported_once(
    error: type[StoreError], failing: int
) -> None:
    conductor = dual()
    conductor.load(Side.SOURCE, *[legacy(f"{name}?", active="?") for name in NAMES])
    calls = [0]

    def busy(name: str) -> None:
        if name == "checkpoint":
            calls[0] += 1
            if calls[0] == failing:
                raise error("not now")

    run = conductor.watched(before=busy, port="ledger").backfill(total_segments=1, batch_size=4)
    assert run.status is RunStatus.HELD
    counts = run.counts
    assert (counts.scanned, counts.ambiguous) == (10, 5)
    assert counts.written + counts.already_present == 5
    assert len(conductor.findings(run)) == 5


def test_a_mending_worker_when_its_run_has_ended_expects_to_write_nothing_more() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.VALIDATE)
    started = conductor.begin(RunKind.VALIDATE, repair=True, mode="full")
    conductor.settle()
    record_failure(conductor.world, [started.run_id], "WorkerFailed", "a child died")
    conductor.load(
        Side.TARGET, {**(conductor.stored(Side.TARGET, key("A")) or {}), "full_name": "?"}
    )
    for each in conductor.world.archive.load(started.segments_uri):
        assert validate_segment(conductor.world, **each, until=FOREVER)
    assert (conductor.stored(Side.TARGET, key("A")) or {})["full_name"] == "?"


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_V2])
def test_a_mending_page_when_its_time_runs_out_expects_every_record_mended_and_counted_once(
    phase: Phase,
) -> None:
    conductor = stage(*[legacy(name, full_name=f"N{name}") for name in NAMES], phase=phase)
    replica = phase.primary.other
    for name in NAMES:
        conductor.parts.store.table(replica).store(key(name), None)

    def slow(name: str) -> None:
        if name == "write_together":
            conductor.pass_time(0.4)

    started = conductor.begin(RunKind.VALIDATE, repair=True)
    run = load_run(conductor.world, started.run_id)
    whole = [Segment(run.run_id, f"{side}-all", side, 0, 1, started.attempt) for side in Side]
    conductor.world.ledger.open_segments(whole)
    conductor.pass_time(started.begin_at - conductor.parts.clock.wall())
    for each in whole:
        validate_segment(conductor.watched(after=slow).world, run.run_id, each.name, 1, FOREVER)
    stored = [conductor.world.ledger.segment(run.run_id, each.name) for each in whole]
    counted = sum((each.counts for each in stored if each), Counts())
    assert (counted.mismatched, counted.repaired) == (len(NAMES), len(NAMES))
    assert [each.repaired for each in conductor.findings(run)] == [True] * len(NAMES)
