"""What callers saw in each phase beside what they saw before: rows of a report, in any form."""

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.screen import printable
from cli.views.layout import heading, listing, number

COLUMNS = ("PHASE", ">READS", ">CALLS", ">ERRORS", ">V1 P95", ">V2 P95", ">WRITE P95", ">VS BEFORE")
"""Latencies are in milliseconds; the last column is the p95 of reads against the baseline's."""


def measured_rows(facts: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the baseline and each phase as a row of texts; none if nothing was measured."""
    phases = facts.get("measured") or []
    baseline = facts.get("baseline")
    rows = [_row("before", "", baseline)] if baseline and phases else []
    for each in phases:
        share = "" if each.get("percent") is None else f"{each['percent']} %"
        rows.append(_row(str(each["phase"]), share, each))
    return rows


def measured_view(facts: dict[str, Any]) -> list[RenderableType]:
    """Return what callers saw as a table, and why figures are missing where they are."""
    rows = measured_rows(facts)
    if not rows:
        return []
    return [
        heading("What callers saw"),
        listing(COLUMNS, rows),
        *(Text(f"  {printable(each)}", "yellow") for each in measured_gaps(facts)),
    ]


def measured_gaps(facts: dict[str, Any]) -> list[str]:
    """Return why there are no figures of a phase."""
    phases = facts.get("measured") or []
    return [f"{each['phase']}: {each['missing']}" for each in phases if each.get("missing")]


def _row(phase: str, share: str, told: dict[str, Any]) -> tuple[str, ...]:
    if not told.get("requests"):
        return (phase, share, "-", "-", "-", "-", "-", "-")
    slower = (told.get("compared") or {}).get("reads")
    return (
        phase,
        share,
        number(told["requests"]),
        f"{told['error_rate'] or 0.0:.2f} %",
        *(_p95(told.get(name)) for name in ("reads_v1", "reads_v2", "writes")),
        "-" if slower is None else f"{slower:+.0f} %",
    )


def _p95(latency: dict[str, Any] | None) -> str:
    return "-" if latency is None else f"{latency['p95']:.1f}"
