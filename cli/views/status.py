"""The view of `status`: the phase, what stands before the next one, what runs, what happened."""

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from cli.deployed import Code
from cli.screen import printable
from cli.times import about, distance, moment, span
from cli.views.criteria import criteria_view
from cli.views.events import event_lines
from cli.views.layout import amount, facts, heading, listing, number, short, status_text
from cli.views.shadow import shadow_facts
from cli.words import words
from shared.engine.guards import Missing
from shared.engine.overview import JOURNEYS, Overview
from shared.engine.progress import Forecast, Progress
from shared.engine.world import World
from shared.model.control import ControlState, Hold
from shared.model.moves import MOVES, Guard, move_between
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus

BAR = 28
"""Characters of a progress bar."""
LATEST = 3
"""Events in the live view, which must fit a terminal's height."""
FIRST_LINE = 6
"""Phases on the first of two lines, so that both fit into 80 columns."""

JOBS_FOR: dict[Guard, str] = {
    Guard.DRY_RUN: "start {} dry-run --watch",
    Guard.BACKFILLED: "start {} backfill --watch",
    Guard.CERTIFICATE: "validate {} --repair --watch",
}
"""The job that makes a guard hold; a journey starts it by itself."""


def status_view(
    world: World,
    found: Overview,
    *,
    brief: bool = False,
    code: Code | None = None,
    checklist: Sequence[dict[str, Any]] = (),
) -> Group:
    """Return the whole status; the brief one, for a live display, leaves out what has ended."""
    parts: list[RenderableType] = [
        Text.assemble((found.state.migration, "bold"), "  ", (world.migration.title, "dim")),
        Text(),
        *phase_lines(found.state.phase, world.migration.way),
        Text(),
        facts({**_facts(world, found), **_code_facts(code)}),
        *next_view(world, found),
        *_running(world, found),
    ]
    parts += criteria_view(checklist)
    if not brief:
        parts += _ended(found, world.clock.wall())
    events = found.events[:LATEST] if brief else found.events
    parts += [heading("Last events"), *event_lines(events, found.runs)] if events else []
    return Group(*parts)


def phase_lines(present: Phase, way: Sequence[Phase]) -> list[Text]:
    """Return the phases of a way in order, the present one in brackets."""
    names = [each for each in Phase if each in way or each is present]
    first, second = names[:FIRST_LINE], names[FIRST_LINE:]
    if not second:
        return [_phases(first, present)]
    return [_phases(first, present).append(" ›", "dim"), _phases(second, present)]


def _phases(names: Sequence[Phase], present: Phase) -> Text:
    line = Text("  ")
    for each in names:
        if each is not names[0]:
            line.append(" › ", "dim")
        if each is present:
            line.append(f"[{each}]", "bold cyan")
        else:
            line.append(each, "" if each.order < present.order else "dim")
    return line


def _settled(found: Overview, now: float) -> str:
    """Return whether the last change of class is in force everywhere, or from when on."""
    if now >= found.settled_at:
        return "yes"
    if found.state.class_change.seen is None:
        return "not yet: the time counts from the next job or move, which notes it"
    return distance(found.settled_at, now)


def _facts(world: World, found: Overview) -> dict[str, str | Text]:
    state, now = found.state, world.clock.wall()
    since = f" since {moment(state.since)}, {distance(state.since, now)}" if state.since else ""
    told = words(world.migration)
    rows: dict[str, str | Text] = {
        "phase": f"{state.phase}{since}",
        told.what: f"{state.percent} % {told.where}",
        "settled": _settled(found, now),
        "certificate": _certificate(world, found),
        **shadow_facts(found),
    }
    if found.lag is not None:
        lag = amount(found.lag, "record") + (" lags" if found.lag == 1 else " lag")
        rows["following"] = Text(lag, "yellow" if found.lag else "")
    if state.hold is not None:
        rows["on hold"] = Text(printable(_hold_text(state, state.hold, now)), "yellow")
    if found.excluded:
        released = "released" if state.released else _blocked(world.migration.way)
        rows["excluded"] = f"{amount(len(found.excluded), 'record')}, {released}"
    if found.changed_transform:
        rows["transform"] = Text(
            "what is deployed is not what the migration began with: deploy that again, or"
            f" `cutover advance {state.migration} --reopen`",
            "yellow",
        )
    return rows


def _code_facts(code: Code | None) -> dict[str, str | Text]:
    """Return that this checkout is not what is deployed, and what to do about it."""
    if code is None or code.difference is None:
        return {}
    told = f"{code.difference}; no move forward is made from here: {code.mend}"
    return {"checkout": Text(printable(told), "yellow")}


def _blocked(way: Sequence[Phase]) -> str:
    """Return which phase excluded records keep a migration from."""
    gates = (move.end for move in MOVES if Guard.EXCLUSIONS_RELEASED in move.guards)
    return "not released, which blocks " + next(str(each) for each in gates if each in way)


def _hold_text(state: ControlState, hold: Hold, now: float) -> str:
    """Return which alarm holds the migration, where its readers are, and what a person does."""
    name = state.migration
    told = f"alarm {hold.alarm} went off {distance(hold.since, now)} in {hold.phase}"
    if state.phase.order >= Phase.READ_N.order:
        told += "; READERS ARE STILL ON v2, the way home when a certificate stands or the phase is"
        told += f" READ_N: cutover rollback {name} --to SHADOW_READ"
    elif hold.phase.order >= Phase.READ_N.order:
        told += "; readers are home on v1"
    elif state.phase is Phase.READ_BOTH:
        told += "; no write leaves the new shape any more"
    return f"{told}; nothing goes forward until: cutover approve {name} --alarm --reason …"


def _certificate(world: World, found: Overview) -> Text:
    certificate, now = found.state.certificate, world.clock.wall()
    if certificate is None:
        return Text("none", "dim")
    good = certificate.fresh(now, world.environment.certificate_age, world.digest)
    text = Text()
    text.append("" if good else "stale: ", "yellow")
    text.append(f"{span(now - certificate.began_at)} old, ")
    text.append(f"{amount(certificate.scanned, 'record')} {words(world.migration).checked}, ")
    text.append(f"{certificate.excluded} excluded, run {short(certificate.run_id)}")
    return text


def next_view(world: World, found: Overview) -> list[RenderableType]:
    """Return the next phase, and exactly what it waits for."""
    if found.ahead is None:
        return []
    reason = move_between(found.state.phase, found.ahead).reason
    title = Text.assemble(("\nNext ", "bold"), (found.ahead, "bold"), f"  {reason}")
    if not found.lacks:
        text = Text("  nothing is missing", "green")
        if not any(run.active and run.kind in JOURNEYS for run in found.runs):
            text.append(f": cutover advance {found.state.migration}", "dim")
        return [title, text]
    rows = [_lack(world, found, lack) for lack in found.lacks]
    return [title, listing(("MISSING", "WHY"), rows)]


def _lack(world: World, found: Overview, lack: Missing) -> tuple[Text, Text]:
    why = Text(printable(lack.reason))
    if lack.until is not None:
        why.append(f"\nuntil {moment(lack.until)}, {distance(lack.until, world.clock.wall())}")
    if lack.guard is Guard.APPROVED:
        why.append(f"\ncutover approve {found.state.migration} {found.ahead}", "dim")
    if lack.guard is Guard.SOAKED and lack.until is None:
        verb = words(world.migration).what
        why.append(f"\ncutover {verb} {found.state.migration} PERCENT", "dim")
    job = JOBS_FOR.get(lack.guard)
    if job is not None and not any(run.active for run in found.runs):
        for line in _to_decide(found, lack):
            why.append(f"\n{line}", "dim")
        why.append(f"\ncutover {job.format(found.state.migration)}", "dim")
    return Text(lack.guard.value, "yellow"), why


def _to_decide(found: Overview, lack: Missing) -> list[str]:
    """Return what to decide before another dry run, when the last one was held."""
    newest = next((run for run in found.runs if run.kind is RunKind.DRY_RUN), None)
    if lack.guard is not Guard.DRY_RUN or newest is None or newest.status is not RunStatus.HELD:
        return []
    name, counts = found.state.migration, newest.counts
    if newest.facts.get("paused"):
        return [f"the last one was paused: cutover resume {name} {short(newest.run_id)}"]
    doubt, stuck = amount(counts.ambiguous, "record"), amount(counts.failed, "record")
    told = [f"the last one is HELD: {doubt} in doubt, {stuck} that cannot move"]
    if counts.ambiguous:
        told.append(f"decide: cutover review {name}")
    told.append(f"see each: cutover report {name} {short(newest.run_id)}")
    return [*told, f"or leave some out: cutover start {name} --exclude KEY; otherwise then again:"]


def _running(world: World, found: Overview) -> list[RenderableType]:
    active = [run for run in found.runs if run.active]
    if not active:
        return []
    return [heading("Running"), *(line for run in active for line in _active(world, found, run))]


def _active(world: World, found: Overview, run: Run) -> list[RenderableType]:
    asked = "  pause asked for" if run.pause else ""
    since = span(world.clock.wall() - run.started_at)
    title = Text.assemble("  ", (run.kind.value, "bold cyan"), f" {run.run_id}, for {since}{asked}")
    begin_at = run.facts.get("begin_at")
    if begin_at and begin_at > world.clock.wall():
        when = distance(begin_at, world.clock.wall())
        return [title, Text(f"    work begins {when}, when the move before it is in force")]
    progress = found.progress.get(run.run_id)
    if progress is None:
        return [title]
    held = f"held to {number(run.rate)} write units a second" if run.rate else ""
    return [title, *_bar(progress, held)]


def _bar(progress: Progress, held: str) -> list[RenderableType]:
    line = Text("    ")
    if progress.percent is not None:
        full = BAR * progress.percent // 100
        line.append("█" * full, "cyan").append("░" * (BAR - full), "dim").append("  ")
    line.append(number(progress.counts.scanned), "bold")
    if progress.total:
        line.append(f" of about {number(progress.total)}, {progress.percent} %")
    parts = [f"total by {progress.origin}"] if progress.total else []
    parts.append(f"{progress.segments_done} of {progress.segments} segments done")
    told = progress.forecast
    rate = f"{number(told.rate)} records read a second" if told.rate else ""
    pace = "; ".join(each for each in (rate, held) if each)
    return [
        line,
        Text(f"    left: {left_text(told)}"),
        *([Text(f"    {pace}")] if pace else []),
        Text("    " + "; ".join(parts), "dim"),
    ]


def left_text(told: Forecast) -> str:
    """Return the time that is left, such as `about 2 h (±20 %, from the last 40 checkpoints)`."""
    if told.seconds is None or told.spread is None:
        return f"{told.why} ({amount(told.checkpoints, 'checkpoint')} so far)"
    basis = f"from the last {told.checkpoints} checkpoints"
    return f"about {about(told.seconds)} (±{told.spread * 100:.0f} %, {basis})"


def _ended(found: Overview, now: float) -> list[RenderableType]:
    ended = [run for run in found.runs if not run.active]
    if not ended:
        return []
    rows = [
        (
            short(run.run_id),
            run.kind.value,
            status_text(run.status),
            distance(run.finished_at or run.started_at, now),
            span((run.finished_at or run.started_at) - run.started_at),
            result_of(run),
        )
        for run in ended[:5]
    ]
    columns = ("RUN", "KIND", "STATUS", "ENDED", "TOOK", "RESULT")
    return [heading("Last runs"), listing(columns, rows)]


def result_of(run: Run) -> str:
    """Return what a run came to, in a few words."""
    counts = run.counts
    if run.kind is RunKind.VALIDATE:
        amounts = {"compared": counts.scanned, "differ": counts.mismatched - counts.repaired}
    elif run.kind is RunKind.RESTORE:
        amounts = {"restored": counts.written, "lowered": counts.repaired}
        amounts["in conflict"] = counts.mismatched - counts.repaired
    elif run.kind in JOURNEYS:
        return f"{'to' if run.status is RunStatus.SUCCEEDED else 'in'} {run.phase}"
    else:
        amounts = {
            "can move" if run.kind is RunKind.DRY_RUN else "written": counts.written,
            "ambiguous": counts.ambiguous,
            "failed": counts.failed,
            "excluded": counts.excluded,
        }
    told = [f"{number(count)} {name}" for name, count in amounts.items() if count]
    return ", ".join(told) or f"{number(counts.scanned)} scanned"
