"""The view of the migration log: each run with its counts, its errors and who asked for it."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from cli.documents import logged_run_document
from cli.screen import printable
from cli.times import moment, span
from cli.views.launched import COUNTS
from cli.views.layout import actor_text, number, short, status_text
from shared.engine.count_names import count_name
from shared.engine.requester import requester
from shared.model.runs import Run

UNKNOWN = "nobody left word"


def run_lines(runs: Iterable[Run], *, in_place: bool) -> list[RenderableType]:
    """Return two lines for each run, and one more for what went wrong."""
    return [Padding(_run(run, in_place), (0, 0, 0, 2), expand=False) for run in runs]


def _run(run: Run, in_place: bool) -> Group:
    title = Text.assemble((f"{moment(run.started_at)}  ", "dim"), (run.kind.value, "bold"))
    title.append(f" {short(run.run_id)}  ").append_text(status_text(run.status))
    title.append(f"  {printable(actor_text(requester(run) or UNKNOWN))}", "cyan")
    told = [_counted(run, in_place), *_wrong(run)]
    return Group(title, *(Padding(Text(each), (0, 0, 0, 2), expand=False) for each in told))


def _counted(run: Run, in_place: bool) -> str:
    ended = "" if run.finished_at is None else f"in {span(run.finished_at - run.started_at)}: "
    names = [name for name in COUNTS if name == "scanned" or getattr(run.counts, name)]
    counted = (
        f"{number(getattr(run.counts, n))} {count_name(n, run.kind, in_place=in_place)}"
        for n in names
    )
    again = f"; attempt {run.attempt}" if run.attempt > 1 else ""
    return f"{ended}{', '.join(counted)}{again}"


def _wrong(run: Run) -> list[str]:
    """Return why a run failed or was held, and where each record that it found stands."""
    document = logged_run_document(run)
    told = [f"{name}: {document[name]}" for name in ("error", "held") if document[name]]
    if document["not_succeeded"] and run.report:
        told.append(f"each record: cutover report {run.migration} {short(run.run_id)}")
    return [printable(each) for each in told]
