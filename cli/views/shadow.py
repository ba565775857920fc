"""The view of shadow reads: what was compared in a step, and what came of it."""

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.screen import inline
from cli.times import moment, seconds_of
from cli.views.layout import heading, listing, number
from shared.engine.overview import Overview
from shared.model.phases import SHADOWED
from shared.model.shadow import ShadowTally

NAMED = 3
"""Keys that differ and are named in the line; the audit log has them all."""


def shadow_facts(found: Overview) -> dict[str, Text]:
    """Return the line of what was compared in this step; none where nothing is compared."""
    if found.compared is not None:
        return {"shadow reads": shadow_text(found.compared)}
    if found.state.phase in SHADOWED:
        return {"shadow reads": Text("none compared in this step yet", "dim")}
    return {}


def shadow_text(tally: ShadowTally) -> Text:
    """Return what was compared in a step and how much of it really differs."""
    text = Text(f"{number(tally.compared)} compared since {moment(tally.since)}, ")
    text.append(f"{number(tally.real)} real", "bold red" if tally.real else "green")
    for name in ("raced", "lagging"):
        if getattr(tally, name):
            text.append(f", {number(getattr(tally, name))} {name}")
    for key in sorted(tally.differing)[:NAMED]:
        text.append(f"\n{inline(key)}", "yellow")
    if len(tally.differing) > NAMED:
        text.append(f"\nand {number(len(tally.differing) - NAMED)} more: see the log", "dim")
    return text


def shadow_steps(steps: list[dict[str, Any]]) -> list[RenderableType]:
    """Return a report's shadow reads, one line for each step of the migration."""
    if not steps:
        return []
    rows = [
        (
            each["phase"],
            f"{each['reads_percent']} %",
            moment(seconds_of(each["since"])),
            number(each["compared"]),
            number(each["raced"]),
            number(each["lagging"]),
            Text(number(each["real"]), "bold red" if each["real"] else "green"),
        )
        for each in steps
    ]
    columns = ("PHASE", ">READS", "SINCE", ">COMPARED", ">RACED", ">LAGGING", ">REAL")
    return [heading("Shadow reads"), listing(columns, rows)]
