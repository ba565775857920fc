"""The view of the success criteria: a checklist, each with what shows it."""

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.screen import printable
from cli.views.layout import heading

MARKS = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("?", "yellow")}
"""Met, not met, and not to be told for want of evidence."""


def criteria_view(checklist: Sequence[dict[str, Any]]) -> list[RenderableType]:
    """Return the checklist, as `criteria_document` gives it; nothing where there is none."""
    if not checklist:
        return []
    width = max(len(each["name"]) for each in checklist)
    lines: list[RenderableType] = [heading("Success criteria")]
    for each in checklist:
        name = f" {each['name']:<{width}}  "
        evidence = (printable(each["evidence"]), "dim")
        lines.append(Text.assemble("  ", MARKS[each["met"]], name, evidence))
    return lines
