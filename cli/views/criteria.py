"""The view of the success criteria: a checklist, each with what shows it."""

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.screen import printable
from cli.views.layout import heading

MARKS = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("?", "yellow")}
"""Met, not met, and not to be told for want of evidence."""


def criteria_view(checklist: Sequence[dict[str, Any]]) -> list[RenderableType]:
    """Return the checklist, as `criteria_document` gives it; nothing where there is none."""
    if not checklist:
        return []
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for each in checklist:
        name = Text.assemble(MARKS[each["met"]], f" {each['name']}")
        grid.add_row(name, Text(printable(each["evidence"]), "dim"))
    return [heading("Success criteria"), Padding(grid, (0, 0, 0, 2), expand=False)]
