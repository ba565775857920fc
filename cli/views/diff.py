"""The view of `diff`: one record in three forms, side by side, what differs marked."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.screen import printable
from cli.views.layout import facts
from cli.views.report import value_text
from shared.engine.images import Unmovable
from shared.engine.side_by_side import NAMES, Mark, Row, SideBySide, value_of
from shared.model.item import Item, json_ready
from shared.model.phases import Phase
from shared.model.stamp import Stamp
from shared.model.writes import Side

_STYLES = {Mark.DIFFERS: "bold red", Mark.V2_ONLY: "dim", Mark.IGNORED: "dim", Mark.SAME: ""}
_SIGNS = {Mark.DIFFERS: "≠", Mark.V2_ONLY: "2", Mark.IGNORED: "~", Mark.SAME: ""}
LEGEND = "≠ differs   2 only v2 can hold it   ~ is not compared"


def diff_view(phase: Phase, found: SideBySide) -> Group:
    """Return a record side by side."""
    style = "bold green" if found.well else "bold red"
    title = Text.assemble((found.verdict.value, style), f"  {printable(found.key)}")
    parts: list[RenderableType] = [
        title,
        Padding(Text(printable(found.explanation)), (0, 0, 0, 2), expand=False),
        Text(),
        facts(
            {
                "phase": f"{phase}, {NAMES[found.primary]} decides",
                "in v1": stamp_text(found.source, found.stamps[Side.SOURCE]),
                "in v2": stamp_text(found.target, found.stamps[Side.TARGET]),
            }
        ),
    ]
    if found.target_key != found.key:
        parts.append(facts({"key in v2": found.target_key}))
    if isinstance(found.image, Unmovable):
        parts.append(facts({"transformed": f"{found.image.kind}: {found.image.reason}"}))
    forms = (found.source, found.image, found.target)
    table = form_table(("V1", "V1 TRANSFORMED", "V2"), forms, found.rows)
    return Group(*parts, Text(), table, Text(f"  {LEGEND}", "dim"))


def stamp_text(item: Item | None, stamp: Stamp | None) -> str:
    """Return what an item carries of the engine, in words."""
    if item is None:
        return "absent"
    if stamp is None:
        return "its stamp cannot be read"
    if not stamp.version:
        return "never written by the wrapper"
    birth = stamp.birth or "before the wrapper"
    return f"version {stamp.version}, born {birth}, last write {stamp.write or 'unknown'}"


def form_table(
    titles: Iterable[str], forms: Sequence[Item | Unmovable | None], rows: Iterable[Row]
) -> Table:
    """Return the fields of a record's forms side by side, each form under its title."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in ("", "FIELD", *titles):
        table.add_column(printable(name), overflow="fold")
    for row in rows:
        style = _STYLES[row.mark]
        cells = (Text(_cell(form, row.field), style) for form in forms)
        table.add_row(Text(_SIGNS[row.mark], style), Text(printable(row.field), style), *cells)
    return table


def _cell(form: Item | Unmovable | None, name: str) -> str:
    there, value = value_of(form, name)
    if not there:
        return "–"
    wire = json_ready({name: value})[name]
    return "null" if wire == {"NULL": True} else printable(value_text(wire))
