"""The few forms that all views are made of: facts, lists, headings, names of runs and actors."""

import re
from collections.abc import Iterable, Mapping

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.screen import inline, printable
from shared.model.runs import RunStatus

LABEL = 15
_SCALES = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))
_RUN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ALARM = re.compile(r"arn:[\w-]+:cloudwatch:[\w-]*:\d*:alarm:(?=\S)")
STATUS_STYLES = {
    RunStatus.RUNNING: "cyan",
    RunStatus.SUCCEEDED: "green",
    RunStatus.HELD: "yellow",
    RunStatus.SUPERSEDED: "yellow",
    RunStatus.ABORTED: "yellow",
    RunStatus.FAILED: "red",
}


def facts(rows: Mapping[str, str | Text]) -> Padding:
    """Return labelled values, one below the other."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", min_width=LABEL, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows.items():
        grid.add_row(label, value if isinstance(value, Text) else Text(printable(value)))
    return Padding(grid, (0, 0, 0, 2), expand=False)


def listing(columns: Iterable[str], rows: Iterable[Iterable[str | Text]]) -> Padding:
    """Return a table without rules; a column whose name begins with `>` is set to the right."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in columns:
        right = name.startswith(">")
        table.add_column(
            name.removeprefix(">"), justify="right" if right else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(each if isinstance(each, Text) else Text(printable(each)) for each in row))
    return Padding(table, (0, 0, 0, 2), expand=False)


def heading(text: str) -> Text:
    """Return the title of a part, with an empty line before it."""
    return Text(f"\n{text}", "bold")


def status_text(status: RunStatus) -> Text:
    """Return a run's status in its colour."""
    return Text(status.value, STATUS_STYLES[status])


def short(run_id: str) -> str:
    """Return enough of a run's id to tell it from others; every verb accepts that much."""
    return run_id if len(run_id) <= 12 else run_id[:8]


def plain_ids(text: str) -> str:
    """Return a text with short run ids, and with alarms called by their names alone."""
    return _ALARM.sub("", _RUN_ID.sub(lambda found: short(found[0]), text))


def actor_text(actor: str) -> str:
    """Return who an ARN names: `migrate 1a2b3c4d`, `alarm cutover-…-watch`, a user or a role."""
    if not actor.startswith("arn:"):
        return f"run {short(actor)}" if _RUN_ID.fullmatch(actor) else actor
    resource = actor.split(":", 5)[-1]
    kind, _, rest = resource.partition(":")
    if kind == "alarm":
        return f"alarm {rest}"
    if kind != "execution":
        return resource
    machine, _, name = rest.partition(":")
    return f"{machine.rsplit('-', 1)[-1]} {short(name)}"


def amount(count: int, noun: str) -> str:
    """Return a count with its noun, `1 record` or `2 records`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def number(count: float) -> str:
    """Return a count with its thousands apart."""
    return f"{count:,.0f}"


def whole(label: str, value: str) -> Text:
    """Return a labelled value that is never broken, so that it can be copied."""
    text = Text(no_wrap=True, overflow="ignore")
    return text.append(f"  {label:<{LABEL}}  ", "dim").append(inline(value))


def size_text(amount: int) -> str:
    """Return bytes in the largest fitting unit."""
    for scale, unit in _SCALES:
        if amount >= scale:
            return f"{amount / scale:,.1f} {unit}"
    return f"{amount} bytes"
