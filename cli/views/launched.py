"""The views of a workflow that was started, and of one that has ended."""

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from cli.times import seconds_of, span
from cli.views.layout import actor_text, facts, number, short, status_text, whole
from shared.engine.count_names import count_name
from shared.engine.overview import JOURNEYS
from shared.engine.requester import requester
from shared.engine.world import World
from shared.model.in_place import InPlace
from shared.model.runs import Run, RunKind, RunStatus

LOOKED_THROUGH = 20
"""Runs that are looked through for the one that overtook another."""

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


def outcome_view(world: World, summary: dict[str, Any], run: Run | None, held: Run | None) -> Group:
    """Return how a workflow ended: its counts, its report, and what a person must do.

    `held` is the run that holds records, which is a journey's job or the run itself.
    """
    status = RunStatus(summary["status"])
    title = Text.assemble(status_text(status), (f"  {summary['migration']}", "bold"))
    came_to = "stopped in" if status is RunStatus.SUPERSEDED else "in"
    title.append(f" {came_to} {summary['phase']}")
    if summary.get("finished_at"):
        took = seconds_of(summary["finished_at"]) - seconds_of(summary["started_at"])
        title.append(f", after {span(took)}", "dim")
    kind = None if run is None else run.kind.value
    in_place = isinstance(world.migration, InPlace)
    counted = {
        count_name(n, kind, in_place=in_place): number(summary[n]) for n in COUNTS if summary.get(n)
    }
    parts: list[RenderableType] = [title, facts(counted)] if counted else [title]
    parts.append(whole("run", summary["run_id"]))
    if summary.get("report"):
        parts.append(whole("report", summary["report"]))
    if run is not None and held is not None and status is RunStatus.HELD:
        parts += _what_now(run, held)
    if run is not None and status is RunStatus.SUPERSEDED:
        parts += _overtaken(world, run)
    return Group(*parts)


def _overtaken(world: World, run: Run) -> list[RenderableType]:
    """Return by what a journey was overtaken, and where the migration is now."""
    name = run.migration
    later = [
        each
        for each in world.ledger.runs(name, LOOKED_THROUGH)
        if each.kind in JOURNEYS and each.run_id != run.run_id
        if each.started_at >= run.started_at
    ]
    by = "a move that somebody made by hand"
    if later:
        who = actor_text(requester(later[-1]) or "somebody who left no word")
        by = f"{later[-1].kind} {short(later[-1].run_id)}, which {who} asked for"
    state = world.control.read(name)
    parts = [whole("overtaken by", by), whole("now in", state.phase.value)]
    if state.hold is not None:
        acknowledge = f'cutover approve {name} --alarm --reason "…"'
        parts.append(whole("on hold", f"{state.hold.alarm} went off; once mended: {acknowledge}"))
    return [*parts, whole("look at", f"cutover status {name}")]


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
