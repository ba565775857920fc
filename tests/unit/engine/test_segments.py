"""Workers of segments: what a checkpoint that fails costs, and when a worker must stop."""

import pytest

from shared.engine.failures import record_failure
from shared.engine.validate import validate_segment
from shared.model.errors import OutcomeUnknown, StoreError, Throttled
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
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
