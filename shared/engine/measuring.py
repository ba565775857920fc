"""What callers saw in each phase, held against what they saw before the migration.

Nothing waits for a measurement: when the metrics cannot be had the work goes on, and what is
missing is said where the figures would stand.
"""

from dataclasses import dataclass, replace
from typing import Any

from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import StoreError
from shared.model.figures import Figures, compared, figures_document
from shared.model.phases import Phase
from shared.model.runs import Run


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures, or why there are none."""

    figures: Figures | None
    missing: str = ""


def measured(world: World, since: float, until: float) -> Measured:
    """Return what callers saw between two times, of a long time its end."""
    since = max(since, until - world.environment.thresholds.baseline)
    try:
        return Measured(world.measurements.figures(since, until))
    except StoreError as error:
        return Measured(None, f"the metrics cannot be had: {error.message}")


def with_baseline(world: World, state: ControlState, actor: str) -> ControlState:
    """Return the state of a migration about to leave OFF, with what callers see before it."""
    now = world.clock.wall()
    found = measured(world, now - world.environment.thresholds.baseline, now)
    said = found.missing or told(found.figures)
    entry = AuditEntry(state.migration, now, state.epoch, "measure baseline", actor, said)
    world.ledger.record(entry)
    return replace(state, baseline=found.figures)


def phase_measured(world: World, run: Run, state: ControlState) -> Run:
    """Return a journey's run with the figures of the phase that it has left, or ends in.

    Asked again after a crash it measures again, and the newer figures stand.
    """
    since = float(run.facts.get("measured_at", run.started_at))
    now = world.clock.wall()
    found = measured(world, since, now)
    place = {"phase": run.phase.value, "percent": run.facts.get("percent"), "at": since}
    entry: dict[str, Any] = {**place, "missing": found.missing}
    if found.figures is not None:
        entry |= figures_document(found.figures, state.baseline)
    kept = [each for each in run.facts.get("measured", []) if not place.items() <= each.items()]
    return run.with_facts(
        measured=[*kept, entry],
        **measured_from(state),
        baseline=_baseline(state),
    )


def record_measured(world: World, left: ControlState, state: ControlState, actor: str) -> None:
    """Put the figures of a phase that was left by hand into the audit log: there is no report."""
    if left.phase is Phase.OFF:
        return  # its figures are the baseline
    found = measured(world, left.since, state.since)
    said = found.missing or f"{told(found.figures)}{_held_against(found.figures, state.baseline)}"
    action = f"measure {left.phase}"
    entry = AuditEntry(state.migration, world.clock.wall(), state.epoch, action, actor, said)
    world.ledger.record(entry)


def _held_against(figures: Figures | None, baseline: Figures | None) -> str:
    slower = compared(figures, baseline).reads if figures is not None else None
    return "" if slower is None else f"; reads {slower:+.0f} % to before"


def measured_from(state: ControlState) -> dict[str, Any]:
    """Return from when on the phase in force is to be measured, and at which share of reads."""
    return {"measured_at": state.since, "percent": state.percent}


def _baseline(state: ControlState) -> dict[str, Any] | None:
    return None if state.baseline is None else figures_document(state.baseline, None)


def told(figures: Figures | None) -> str:
    """Return figures in one line for the audit log."""
    if figures is None or not figures.requests:
        return "no data: nobody used the API"
    parts = [f"{figures.requests} requests", f"{figures.error_rate or 0.0:.2f} % errors"]
    for name, latency in (("reads", figures.reads), ("writes", figures.writes)):
        if latency is not None:
            parts.append(f"{name} p50 {latency.p50:.1f} ms, p95 {latency.p95:.1f} ms")
    return ", ".join(parts)
