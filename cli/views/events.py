"""The view of the audit log: when, what, who, why."""

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from cli.screen import inline
from cli.times import moment
from cli.views.layout import actor_text, plain_ids, short
from shared.model.control import AuditEntry
from shared.model.runs import Run


def event_lines(entries: Iterable[AuditEntry], runs: Iterable[Run]) -> list[RenderableType]:
    """Return two lines for each entry, so that long reasons stay readable.

    An execution is called by the run that it began, which is what every verb and report takes.
    """
    called = {
        str(run.execution): f"{run.kind} {short(run.run_id)}"
        for run in runs
        if not run.facts.get("parent")
    }
    return [Padding(_event(entry, called), (0, 0, 0, 2), expand=False) for entry in entries]


def _event(entry: AuditEntry, called: Mapping[str, str]) -> Group:
    title = Text.assemble((f"{moment(entry.at)}  ", "dim"))
    title.append(inline(plain_ids(entry.action)), "bold")
    title.append(f"  {inline(_name(entry.actor, called))}", "cyan")
    detail = _name(entry.detail, called) if entry.detail.startswith("arn:") else entry.detail
    told = "; ".join(plain_ids(each) for each in (entry.reason.strip(), detail) if each)
    lines = [Padding(Text(inline(told)), (0, 0, 0, 2), expand=False)] if told else []
    return Group(title, *lines)


def _name(actor: str, called: Mapping[str, str]) -> str:
    return called.get(actor) or actor_text(actor)
