"""The views of a workflow that was started, and of one that has ended."""

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from cli.times import seconds_of, span
from cli.views.layout import facts, number, status_text, whole
from shared.engine.overview import JOURNEYS
from shared.engine.world import World
from shared.model.runs import Run, RunKind, RunStatus

COUNTS = (
    "scanned",
    "written",
    "already_present",
    "skipped",
    "ambiguous",
    "failed",
    "excluded",
    "mismatched",
    "repaired",
)

_CALLED: dict[str, dict[str, str]] = {
    RunKind.DRY_RUN: {"written": "can move"},
    RunKind.RESTORE: {"written": "restored", "mismatched": "in conflict", "repaired": "lowered"},
}


def count_name(name: str, kind: str | None) -> str:
    """Return what people call a count of a run: a dry run writes nothing, a restore puts back."""
    return _CALLED.get(kind or "", {}).get(name, name.replace("_", " "))


def launched_view(world: World, kind: RunKind, execution: str, run_id: str | None) -> Group:
    """Return what was started and how to go on."""
    name = world.migration.name
    begun = run_id or "not begun yet: look again in a while"
    return Group(
        Text.assemble((f"{kind} of {name} is started", "bold")),
        whole("run", begun),
        whole("execution", execution),
        whole("follow it", f"cutover status {name} --watch"),
    )


def outcome_view(summary: dict[str, Any], run: Run | None, held: Run | None) -> Group:
    """Return how a workflow ended: its counts, its report, and what a person must do.

    `held` is the run that holds records, which is a journey's job or the run itself.
    """
    status = RunStatus(summary["status"])
    title = Text.assemble(status_text(status), (f"  {summary['migration']}", "bold"))
    title.append(f" in {summary['phase']}")
    if summary.get("finished_at"):
        took = seconds_of(summary["finished_at"]) - seconds_of(summary["started_at"])
        title.append(f", after {span(took)}", "dim")
    kind = None if run is None else run.kind.value
    counted = {count_name(n, kind): number(summary[n]) for n in COUNTS if summary.get(n)}
    parts: list[RenderableType] = [title, facts(counted)] if counted else [title]
    parts.append(whole("run", summary["run_id"]))
    if summary.get("report"):
        parts.append(whole("report", summary["report"]))
    if run is not None and held is not None and status is RunStatus.HELD:
        parts += _what_now(run, held)
    return Group(*parts)


def _what_now(run: Run, held: Run) -> list[RenderableType]:
    """Return why a person must act, where to look and what to do then."""
    name = run.migration
    reason = run.facts.get("held") or "a person must decide about what was found"
    if held.facts.get("paused"):
        reason, then = "it was paused", f"cutover resume {name} {held.run_id}"
    elif held is run and held.kind in JOURNEYS:  # no record holds it, but the next phase's guards
        return [whole("held", str(reason)), whole("look at", f"cutover status {name}")]
    elif held.kind is RunKind.RESTORE:
        then = f"leave them as they are, or cutover rollback {name} --to OFF, which lowers them"
    elif held.kind is RunKind.VALIDATE:
        then = f"cutover validate {name} --repair"
    else:
        decide = f"cutover review {name}, " if held.counts.ambiguous else ""
        then = f"{decide}mend the records, or cutover start {name} --exclude KEY …"
    look = f"cutover report {name} {held.run_id}"
    return [whole("held", str(reason)), whole("look at", look), whole("then", then)]
