"""How far a run is and when it will end, from checkpoints alone."""

from dataclasses import replace

import pytest

from migrations.personnel.sample import generate
from shared.engine.overview import overview
from shared.engine.progress import LEAST, Expected, forecast, progress_of
from shared.model.phases import Phase
from shared.model.runs import MARKS, Counts, Mark, Run, RunKind, RunStatus, Segment
from tests.unit.engine.conductor import stage

BEGAN = 1_000.0


def segment(number: int, *pages: tuple[float, float], done: bool = False) -> Segment:
    """Return a segment whose pages ended at these seconds after the beginning, of so much work."""
    made = Segment("run", f"source-{number}", "source", number, 4)
    for at, work in pages:
        made = made.marked(BEGAN + at, work)
        made = replace(made, counts=made.counts + Counts(scanned=int(work)))
    return replace(made, done=done)


def steady(number: int, pages: int, *, every: float = 1.0, work: float = 100.0) -> Segment:
    return segment(number, *((every * (page + 1), work) for page in range(pages)))


def run(kind: RunKind = RunKind.BACKFILL, **params: object) -> Run:
    return Run(
        run_id="run",
        kind=kind,
        migration="personnel",
        status=RunStatus.RUNNING,
        phase=Phase.DUAL_WRITE,
        epoch=1,
        voids=0,
        started_at=BEGAN - 50,
        actor="ada",
        params=params,
        facts={"begin_at": BEGAN},
    )


def test_a_forecast_when_pages_are_even_expects_the_rate_of_all_workers_and_a_narrow_spread():
    told = forecast([steady(0, 5), steady(1, 5)], BEGAN, BEGAN + 5, left=2_000)
    assert told.rate == pytest.approx(200)
    assert told.seconds == pytest.approx(10)
    assert (told.spread, told.checkpoints, told.why) == (0.05, 10, "")


def test_a_forecast_when_there_are_few_checkpoints_expects_not_enough_yet():
    told = forecast([steady(0, LEAST - 1)], BEGAN, BEGAN + 9, left=100)
    assert (told.seconds, told.spread, told.why) == (None, None, "not enough yet")
    assert told.checkpoints == LEAST - 1


def test_a_forecast_when_nothing_was_done_expects_no_rate():
    told = forecast([segment(0)], BEGAN, BEGAN + 60, left=100)
    assert (told.rate, told.seconds, told.checkpoints) == (None, None, 0)


def test_a_forecast_when_pages_are_uneven_expects_a_wider_spread():
    even = [steady(number, 6) for number in range(3)]
    bumpy = [segment(n, *((at, 10.0 * at * at) for at in range(1, 7))) for n in range(3)]
    narrow = forecast(even, BEGAN, BEGAN + 6, left=1_000)
    wide = forecast(bumpy, BEGAN, BEGAN + 6, left=1_000)
    assert narrow.spread is not None
    assert wide.spread is not None
    assert wide.spread > narrow.spread + 0.2


def test_a_forecast_when_workers_stand_still_expects_it_to_lose_its_certainty():
    segments = [steady(number, 6) for number in range(3)]
    running = forecast(segments, BEGAN, BEGAN + 6, left=1_000)
    stalled = forecast(segments, BEGAN, BEGAN + 60, left=1_000)
    assert running.rate is not None
    assert stalled.rate == pytest.approx(running.rate / 10)
    assert (stalled.seconds, stalled.why) == (None, "the rate varies too much to tell")


def test_a_forecast_when_the_rate_changed_long_ago_expects_only_the_remembered_checkpoints():
    slow = [(10.0 * page, 1.0) for page in range(1, 9)]
    fast = [(80.0 + page, 100.0) for page in range(1, MARKS + 1)]
    now = fast[-1][0]
    told = forecast([segment(n, *slow, *fast) for n in (0, 1)], BEGAN, BEGAN + now, left=1_400)
    assert told.rate == pytest.approx(200)
    assert told.seconds == pytest.approx(7)


def test_a_forecast_when_segments_took_turns_expects_the_rate_of_them_together():
    waves = [
        segment(n, *((5.0 * n + at, 100.0) for at in range(1, 6)), done=True) for n in range(4)
    ]
    assert forecast(waves, BEGAN, BEGAN + 20, left=500).rate == pytest.approx(100)


def test_a_forecast_when_a_worker_s_clock_is_ahead_expects_time_to_reach_it():
    told = forecast([steady(0, 5), steady(1, 5)], BEGAN, BEGAN - 40, left=1_000)
    assert told.rate == pytest.approx(200)


def test_a_forecast_when_more_came_than_was_expected_expects_no_end():
    told = forecast([steady(n, 6) for n in range(2)], BEGAN, BEGAN + 6, left=-3)
    assert (told.seconds, told.why) == (None, "there is more than was expected")
    ended = forecast([replace(steady(n, 6), done=True) for n in range(2)], BEGAN, BEGAN + 6, 0)
    assert ended.seconds == 0


def test_a_forecast_when_nobody_knows_the_total_expects_a_rate_alone():
    told = forecast([steady(n, 6) for n in range(2)], BEGAN, BEGAN + 6, None)
    assert told.rate == pytest.approx(200)
    assert told.seconds is None


def test_progress_when_a_backfill_was_resumed_expects_all_that_was_ever_scanned():
    resumed = replace(steady(0, 2), counts=Counts(scanned=700))
    told = progress_of(run(), [resumed], Expected(1_000, "a pass"), 4, BEGAN + 2)
    assert (told.counts.scanned, told.percent, told.segments, told.segments_done) == (700, 70, 1, 0)


def test_progress_when_a_validation_has_seen_v1_expects_less_than_half():
    pages = progress_of(
        run(RunKind.VALIDATE, mode="full"),
        [replace(steady(0, 10), done=True), replace(segment(1), scan="target")],
        Expected(1_000, "a pass"),
        4,
        BEGAN + 10,
    )
    assert pages.percent == 41  # of 2 tables and 4 indexes, an entry of which counts a tenth


def test_progress_when_the_table_grew_expects_no_more_than_all():
    told = progress_of(run(), [steady(0, 3)], Expected(200, "a pass"), 0, BEGAN + 3)
    assert told.percent == 100
    assert progress_of(run(), [], Expected(None, "nobody"), 0, BEGAN).percent is None


def test_checkpoints_when_pages_end_expect_their_times_and_work_and_only_the_last_ones():
    conductor = stage(*generate(1, 40), phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL, batch_size=2, total_segments=1, max_wcu=1)
    conductor.work(started)
    (found,) = conductor.world.ledger.segments(started.run_id)
    assert found.work == 40
    assert len(found.marks) == MARKS
    assert found.marks[-1] == Mark(found.marks[-1].at, 40)
    assert list(found.marks) == sorted(found.marks, key=lambda mark: mark.at)
    assert overview(conductor.world).progress[started.run_id].percent == 100


def test_checkpoints_when_a_run_is_resumed_expect_the_time_between_not_to_count():
    conductor = stage(*generate(1, 30), phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL, batch_size=2, total_segments=1)
    conductor.world.ledger.ask_pause(started.run_id, pause=True)
    conductor.work(started)
    conductor.finish(started)
    conductor.begin(RunKind.BACKFILL, resume_run_id=started.run_id)
    (found,) = conductor.world.ledger.segments(started.run_id)
    assert (found.work, found.marks) == (0.0, ())
