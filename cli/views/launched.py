"""The views of a workflow that was started, and of one that has ended."""

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from cli.screen import printable
from cli.times import span
from cli.views.layout import facts, number, status_text, whole
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


def outcome_view(summary: dict[str, Any], run: Run | None) -> Group:
    """Return how a workflow ended: its counts, its report, and what a person must do."""
    status = RunStatus(summary["status"])
    title = Text.assemble(status_text(status), (f"  {summary['migration']}", "bold"))
    title.append(f" in {summary['phase']}")
    if summary.get("finished_at"):
        title.append(f", after {span(summary['finished_at'] - summary['started_at'])}", "dim")
    counted = {name: number(summary[name]) for name in COUNTS if summary.get(name)}
    parts: list[RenderableType] = [title, facts({"scanned": "0", **counted})]
    parts.append(whole("run", summary["run_id"]))
    if summary.get("report"):
        parts.append(whole("report", summary["report"]))
    if status is RunStatus.HELD:
        parts += _held(summary, run)
    return Group(*parts)


def _held(summary: dict[str, Any], run: Run | None) -> list[RenderableType]:
    reason = run.facts.get("held") if run else None
    told = printable(str(reason)) if reason else "a person must look at what was found"
    command = f"cutover report {summary['migration']} {summary['run_id']}"
    return [whole("held", told), whole("look at", command)]
