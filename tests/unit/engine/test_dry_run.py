"""The dry run: the real transform over every record, and no write to any table."""

from dataclasses import replace

import pytest

from migrations.personnel.sample import generate
from shared.model.errors import (
    GuardRefused,
)
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.backfilling import assert_adds_up, dual, people
from tests.unit.engine.conductor import legacy, stage
from tests.unit.engine.watched import forbidden


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.VALIDATE, Phase.READ_V2, Phase.WRITE_V2_ONLY])
def test_a_dry_run_when_run_expects_the_real_counts_and_no_write_to_any_table(phase: Phase) -> None:
    conductor = stage(*people(5), phase=phase)
    conductor.load(Side.SOURCE, *generate(4, 20))
    run = conductor.watched(before=forbidden).dry_run()
    assert run.kind is RunKind.DRY_RUN
    assert_adds_up(run.counts, 25)
    present = 0 if phase is Phase.OFF else 5
    assert (run.counts.already_present, run.counts.written) == (present, 25 - present)


def test_a_dry_run_when_records_cannot_move_expects_the_findings_of_the_backfill() -> None:
    items = generate(1, 40, unmovable=6)
    rehearsed = stage(*items)
    dry = rehearsed.dry_run()
    real = dual(*items)
    wet = real.backfill()
    assert dry.status is wet.status is RunStatus.HELD
    assert dry.counts == wet.counts
    told = [replace(found, run_id="") for found in rehearsed.findings(dry)]
    assert told == [replace(found, run_id="") for found in real.findings(wet)]
    assert rehearsed.state.dry_run is None


def test_a_dry_run_when_records_are_left_out_undecided_expects_no_proof() -> None:
    conductor = stage(*people(3), legacy("bad", active="yes"))
    run = conductor.dry_run(exclude=["bad"])
    assert (run.status, run.counts.excluded) == (RunStatus.SUCCEEDED, 1)
    assert conductor.state.dry_run is None
    assert conductor.dry_run(keys=["E001"]).status is RunStatus.SUCCEEDED
    assert conductor.state.dry_run is None


def test_a_source_when_it_holds_the_engines_names_in_another_form_expects_a_finding() -> None:
    conductor = stage(
        {**legacy("A"), "_cutover_version": "one"}, {**legacy("B"), "_cutover_birth": "x"}
    )
    run = conductor.dry_run()
    assert (run.status, run.counts.failed) == (RunStatus.HELD, 2)
    assert [found.field for found in conductor.findings(run)] == [
        "_cutover_version",
        "_cutover_birth",
    ]


def test_a_dry_run_when_beside_a_backfill_expects_both_to_run() -> None:
    conductor = dual(*people(3))
    started = conductor.begin(RunKind.BACKFILL)
    assert conductor.dry_run().status is RunStatus.SUCCEEDED
    conductor.work(started)
    assert conductor.finish(started).status is RunStatus.SUCCEEDED


def test_a_dry_run_when_v1_is_deleted_expects_a_refusal() -> None:
    with pytest.raises(GuardRefused):
        stage(phase=Phase.DECOMMISSIONED).dry_run()
