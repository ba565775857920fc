"""The view of the audit log: when, what, who, why."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from cli.screen import inline
from cli.times import moment
from cli.views.layout import actor_text
from shared.model.control import AuditEntry


def event_lines(entries: Iterable[AuditEntry]) -> list[RenderableType]:
    """Return two lines for each entry, so that long reasons stay readable."""
    return [Padding(_event(entry), (0, 0, 0, 2), expand=False) for entry in entries]


def _event(entry: AuditEntry) -> Group:
    title = Text.assemble((f"{moment(entry.at)}  ", "dim"), (inline(entry.action), "bold"))
    title.append(f"  {inline(actor_text(entry.actor))}", "cyan")
    detail = actor_text(entry.detail) if entry.detail.startswith("arn:") else entry.detail
    told = "; ".join(each for each in (entry.reason, detail) if each)
    lines = [Padding(Text(inline(told)), (0, 0, 0, 2), expand=False)] if told else []
    return Group(title, *lines)
