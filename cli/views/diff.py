"""The view of `diff`: one record in several forms, side by side, what differs marked."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.screen import inline, printable
from cli.views.layout import facts
from cli.views.report import value_text
from shared.engine.images import Unmovable
from shared.engine.in_place.side_by_side import InBothShapes
from shared.engine.side_by_side import NAMES, Mark, Row, SideBySide, value_of
from shared.model.item import Item, json_ready
from shared.model.phases import Phase
from shared.model.stamp import Stamp
from shared.model.writes import Side

_STYLES = {
    Mark.DIFFERS: "bold red",
    Mark.CHANGES: "cyan",
    Mark.V2_ONLY: "dim",
    Mark.IGNORED: "dim",
    Mark.SAME: "",
}
_SIGNS = {Mark.DIFFERS: "≠", Mark.CHANGES: "→", Mark.V2_ONLY: "2", Mark.IGNORED: "~", Mark.SAME: ""}
LEGEND = "≠ differs   2 only v2 can hold it   ~ is not compared"
LEGEND_IN_PLACE = "≠ is wrong   → changes with the upgrade"


def diff_view(phase: Phase, found: SideBySide) -> Group:
    """Return a record of two tables side by side."""
    parts: list[RenderableType] = [
        *_verdict(found),
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
    forms = (found.source, found.image, found.target)
    table = form_table(("V1", "V1 TRANSFORMED", "V2"), forms, found.rows)
    return Group(*parts, *_unmovable(found.image), Text(), table, Text(f"  {LEGEND}", "dim"))


def shapes_view(phase: Phase, found: InBothShapes) -> Group:
    """Return a record in place in its shapes side by side."""
    told = {
        "phase": phase.value,
        "shape": "new" if found.upgraded else "old",
        "stored": stamp_text(found.stored, found.stamp),
        "way back": printable(found.way_back),
    }
    forms = {"STORED": found.stored, "NEW SHAPE": found.image}
    if found.before is not None:
        forms = {"AS IT WAS": found.before, **forms}
    return Group(
        *_verdict(found),
        facts(told),
        *_unmovable(found.image),
        Text(),
        form_table(forms, tuple(forms.values()), found.rows),
        Text(f"  {LEGEND_IN_PLACE}", "dim"),
    )


def _verdict(found: SideBySide | InBothShapes) -> list[RenderableType]:
    style = "bold green" if found.well else "bold red"
    return [
        Text.assemble((found.verdict.value, style), f"  {inline(found.key)}"),
        Padding(Text(printable(found.explanation)), (0, 0, 0, 2), expand=False),
        Text(),
    ]


def _unmovable(image: Item | Unmovable | None) -> list[RenderableType]:
    if not isinstance(image, Unmovable):
        return []
    return [facts({"transformed": printable(f"{image.kind}: {image.reason}")})]


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
