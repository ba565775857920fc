"""The state of a migration that nobody's request shows, as figures of this moment.

What an alarm looks at is always told, 0 where there is nothing to watch, so that an alarm ends
by a value and not by silence.
"""

from collections.abc import Iterable, Sequence

from shared.engine.overview import JOURNEYS, Overview, overview
from shared.engine.progress import Progress
from shared.engine.renewal import KEPT_UP
from shared.engine.world import World
from shared.model.metrics import Metric
from shared.model.phases import PhaseClass
from shared.model.runs import Counts, Run, RunKind, RunStatus, Segment

COUNTED = (RunKind.DRY_RUN, RunKind.BACKFILL)
"""The runs that sort out what cannot move."""
WHOLE = (RunStatus.SUCCEEDED, RunStatus.HELD)


def gauges(world: World) -> dict[Metric, float]:
    """Return what is to be told of a migration now."""
    found = overview(world)
    working = next((run for run in found.runs if run.active and run.kind not in JOURNEYS), None)
    told = {
        Metric.CERTIFICATE_AGE: _certificate_age(world, found),
        Metric.CHECKPOINT_AGE: 0.0,
        Metric.MISMATCHED: _mismatched(found),
        Metric.QUARANTINED: _quarantined(found.runs),
    }
    baseline = found.state.baseline
    if baseline is not None and baseline.reads is not None:
        told[Metric.BASELINE_READ_LATENCY] = baseline.reads.p95
    if working is not None:
        segments = world.ledger.segments(working.run_id)
        told[Metric.CHECKPOINT_AGE] = _checkpoint_age(working, segments, world.clock.wall())
        told |= _pace(found.progress[working.run_id])
    return told


def _certificate_age(world: World, found: Overview) -> float:
    """Return for how long readers of v2 have been without a newer proof; 0 where none is due.

    Without any certificate it is the time since the phase began that asks for one.
    """
    state = found.state
    if state.phase.group not in KEPT_UP:
        return 0.0
    proven = state.certificate.began_at if state.certificate else state.class_change.at
    return max(0.0, world.clock.wall() - proven)


def _checkpoint_age(run: Run, segments: Sequence[Segment], now: float) -> float:
    """Return the seconds since a worker last got on; before the work may begin there are none."""
    if all(each.done for each in segments):
        return 0.0
    begin_at = float(run.facts.get("begin_at", run.started_at))
    marks = [mark.at for each in segments for mark in each.marks]
    return max(0.0, now - max([begin_at, *marks]))


def _mismatched(found: Overview) -> float:
    """Return how many records the newest passes left different; OFF compares nothing."""
    if found.state.phase.group is PhaseClass.OFF:
        return 0.0
    passes = [run for run in found.runs if run.kind is RunKind.VALIDATE]
    newest = next((run for run in passes if run.status in WHOLE), None)
    looked = [run for run in passes if run.active or run is newest]
    return float(max((_open(run.counts) for run in looked), default=0))


def _open(counts: Counts) -> int:
    return counts.mismatched - counts.repaired


def _quarantined(runs: Iterable[Run]) -> float:
    """Return how many records the newest copy, or trial of one, could not move."""
    newest = next((run for run in runs if run.kind in COUNTED), None)
    return float(newest.counts.ambiguous + newest.counts.failed) if newest else 0.0


def _pace(progress: Progress) -> dict[Metric, float]:
    """Return how far a run is, how fast, and how long the rest will take, where it is known."""
    forecast = progress.forecast
    known = {
        Metric.PROGRESS: progress.percent,
        Metric.RECORDS_PER_SECOND: forecast.rate,
        Metric.SECONDS_LEFT: forecast.seconds,
    }
    return {metric: float(value) for metric, value in known.items() if value is not None}
