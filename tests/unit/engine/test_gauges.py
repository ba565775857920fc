"""What a schedule tells of a migration: ages, progress, and what was found wanting."""

from dataclasses import replace

import pytest

from shared.engine.backfill import backfill_segment
from shared.engine.gauges import gauges
from shared.engine.overview import overview
from shared.model.control import AuditEntry
from shared.model.metrics import Metric
from shared.model.phases import PAIRED, Phase
from shared.model.runs import RunKind
from shared.model.writes import Side
from tests.unit.engine.conductor import key, legacy, stage

WATCHED = {Metric.CERTIFICATE_AGE, Metric.CHECKPOINT_AGE, Metric.MISMATCHED, Metric.QUARANTINED}


def test_gauges_when_nothing_runs_are_all_zero_so_that_alarms_end():
    assert gauges(stage().world) == dict.fromkeys(WATCHED, 0.0)


@pytest.mark.parametrize("phase", list(PAIRED))
def test_certificate_age_when_readers_depend_on_v2_grows_and_else_is_zero(phase):
    conductor = stage(legacy("A"), phase=phase)
    before = gauges(conductor.world)[Metric.CERTIFICATE_AGE]
    conductor.pass_time(100)
    after = gauges(conductor.world)[Metric.CERTIFICATE_AGE]
    watched = phase in (Phase.READ_N, Phase.READ_V2)
    assert after == pytest.approx(before + 100 if watched else 0)


def test_certificate_age_when_it_is_void_counts_from_the_phase_that_asks_for_one():
    conductor = stage(legacy("A"), phase=Phase.READ_N)
    conductor.pass_time(100)
    state = conductor.state
    voided = replace(state.voided(), revision=state.revision + 1)
    entry = AuditEntry("personnel", 0.0, state.epoch, "void", "test", "")
    conductor.world.control.write(voided, state.revision, entry)
    assert gauges(conductor.world)[Metric.CERTIFICATE_AGE] >= 100


def test_a_run_when_its_workers_stand_still_shows_the_age_of_the_last_checkpoint():
    conductor = stage(*[legacy(f"{n}") for n in range(4)], phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL, total_segments=2)
    assert gauges(conductor.world)[Metric.CHECKPOINT_AGE] == 0
    conductor.pass_time(started.begin_at - conductor.world.clock.wall() + 10)
    assert gauges(conductor.world)[Metric.CHECKPOINT_AGE] == pytest.approx(10)
    first, second = conductor.world.archive.load(started.segments_uri)
    backfill_segment(conductor.world, **first, until=1e12)
    assert gauges(conductor.world)[Metric.CHECKPOINT_AGE] == 0
    conductor.pass_time(30)
    assert gauges(conductor.world)[Metric.CHECKPOINT_AGE] == pytest.approx(30)
    backfill_segment(conductor.world, **second, until=1e12)
    conductor.pass_time(30)
    assert gauges(conductor.world)[Metric.CHECKPOINT_AGE] == 0


def test_a_run_when_half_done_shows_what_status_shows():
    conductor = stage(*[legacy(f"{n}") for n in range(200)], phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL, total_segments=2, batch_size=5)
    conductor.pass_time(started.begin_at - conductor.world.clock.wall())
    slow = conductor.watched(before=lambda _call: conductor.pass_time(0.01))
    first, _ = conductor.world.archive.load(started.segments_uri)
    backfill_segment(slow.world, **first, until=1e12)
    shown = overview(conductor.world).progress[started.run_id]
    told = gauges(conductor.world)
    assert 0 < told[Metric.PROGRESS] == shown.percent < 100
    assert told[Metric.RECORDS_PER_SECOND] == shown.forecast.rate > 0
    assert told.get(Metric.SECONDS_LEFT) == shown.forecast.seconds is not None


def test_mismatched_when_a_pass_left_records_different_stays_until_a_clean_one():
    conductor = stage(legacy("A"), phase=Phase.VALIDATE)
    item = conductor.stored(Side.TARGET, key("A")) or {}
    conductor.load(Side.TARGET, {**item, "full_name": "?"})
    conductor.validate(repair=False)
    assert gauges(conductor.world)[Metric.MISMATCHED] == 1
    conductor.pass_time(3600)
    assert gauges(conductor.world)[Metric.MISMATCHED] == 1
    conductor.validate(repair=True)
    assert gauges(conductor.world)[Metric.MISMATCHED] == 0


def test_quarantined_when_records_cannot_move_is_the_newest_count():
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    conductor.load(Side.SOURCE, legacy("?", active="?"))
    conductor.backfill()
    assert gauges(conductor.world)[Metric.QUARANTINED] == 1
    conductor.load(Side.SOURCE, legacy("?", active=True))
    conductor.backfill()
    assert gauges(conductor.world)[Metric.QUARANTINED] == 0
