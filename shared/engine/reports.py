"""The full report of a run, kept in the archive for people and for the next step."""

from typing import Any

from shared.engine.world import World
from shared.model.in_place import InPlace
from shared.model.item import json_ready
from shared.model.runs import Finding, Run, instant
from shared.model.shadow import ShadowResult, ShadowTally

STEPS = 20
"""Steps of a migration whose shadow reads a report tells of: more than a ramp has."""


def store_report(world: World, run: Run) -> str:
    """Store a run's report and return its URI."""
    name = f"reports/{run.migration}/{run.kind}-{run.run_id}-{run.attempt}.json"
    return world.archive.store(name, report(world, run))


def report(world: World, run: Run) -> dict[str, Any]:
    """Return everything that was counted and found in a run, ready for JSON."""
    summary = run.summary()
    summary.pop("report")
    return {
        **summary,
        "kind": run.kind.value,
        "in_place": isinstance(world.migration, InPlace),
        "input": run.params,
        "epoch": run.epoch,
        "attempts": run.attempt,
        "facts": run.facts,
        "shadow_reads": [shadow_document(each) for each in _compared(world, run)],
        "segments": [
            {"name": each.name, "done": each.done, "scanned": each.counts.scanned}
            for each in world.ledger.segments(run.run_id)
        ],
        "findings": [finding_document(each) for each in world.ledger.findings(run.run_id)],
    }


def shadow_document(tally: ShadowTally) -> dict[str, Any]:
    """Return what shadow reads came to in one step."""
    return {
        "phase": tally.phase.value,
        "reads_percent": tally.percent,
        "epoch": tally.epoch,
        "since": instant(tally.since),
        "last": instant(tally.last),
        "compared": tally.compared,
        **{each.value: getattr(tally, each.value) for each in ShadowResult},
        "differing": sorted(tally.differing),
    }


def _compared(world: World, run: Run) -> list[ShadowTally]:
    """Return the steps in which reads were compared while a run was under way, oldest first."""
    steps = world.ledger.reads_counted(run.migration, STEPS)
    return [each for each in reversed(steps) if each.last >= run.started_at]


def finding_document(found: Finding) -> dict[str, Any]:
    """Return one finding, with the record in DynamoDB JSON."""
    return {
        "key": found.key,
        "kind": found.kind.value,
        "reason": found.reason,
        "field": found.field,
        "repaired": found.repaired,
        "differences": [
            {
                "field": each.field,
                **json_ready({"source": each.source, "target": each.target}),
            }
            for each in found.differences
        ],
        "record": json_ready(found.record) if found.record is not None else None,
    }
