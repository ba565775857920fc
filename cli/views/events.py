"""The view of the audit log: when, what, who, why."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from cli.screen import printable
from cli.times import moment
from cli.views.layout import actor_text
from shared.model.control import AuditEntry


def event_lines(entries: Iterable[AuditEntry]) -> list[RenderableType]:
    """Return two lines for each entry, so that long reasons stay readable."""
    return [Padding(_event(entry), (0, 0, 0, 2), expand=False) for entry in entries]


def _event(entry: AuditEntry) -> Text:
    text = Text.assemble((f"{moment(entry.at)}  ", "dim"), (printable(entry.action), "bold"))
    text.append(f"  {printable(actor_text(entry.actor))}", "cyan")
    told = "; ".join(each for each in (entry.reason, entry.detail) if each)
    return text.append(f"\n  {printable(told)}", "") if told else text
