"""The verb `report`: everything that was counted and found in a run."""

import io
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.finding_runs import LOOKED_THROUGH, find_run
from cli.options import Json, Local, Name, RunId
from cli.report_csv import csv_text
from cli.report_html import html_text
from cli.session import open_session
from cli.views.report import report_view
from shared.engine.world import World
from shared.model.errors import InvalidInput, NotFound
from shared.model.runs import Run

Form = Literal["text", "html", "json", "csv"]


def report(
    ctx: typer.Context,
    name: Name,
    run_id: RunId = None,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = "text",
    output: Annotated[
        Path | None, typer.Option(help="Write it to this file instead of the screen.")
    ] = None,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Show what a run counted and which records it found wanting.

    Without RUN_ID it is the newest run that has a report.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world = session.world(name)
    run = find_run(world, run_id) if run_id else _newest(world)
    document = _loaded(world, run)
    if output is not None:
        chosen: Form = "json" if as_json and form == "text" else form
        _write(output, _file_text(document, chosen))
        told = {"migration": name, "run_id": run.run_id, "file": str(output)}
        session.answer(told, f"the report of {run.kind} {run.run_id} is in {output}")
    elif form in ("csv", "html") and not as_json:
        session.screen.line(_file_text(document, form).rstrip("\n"))
    elif form == "json" or as_json:
        session.screen.document(document)
    else:
        session.screen.show(report_view(document))


def _newest(world: World) -> Run:
    name = world.migration.name
    for run in world.ledger.runs(name, LOOKED_THROUGH):
        if run.report is not None:
            return run
    raise NotFound(f"no run of {name} has a report yet", mend="a report is written when a run ends")


def _loaded(world: World, run: Run) -> dict[str, Any]:
    if run.report is None:
        raise NotFound(
            f"{run.kind} {run.run_id} is {run.status} and has no report yet",
            run_id=run.run_id,
            mend=f"a report is written when a run ends: `cutover status {run.migration} --watch`",
        )
    document: dict[str, Any] = world.archive.load(run.report)
    return document


def _file_text(document: dict[str, Any], form: Form) -> str:
    if form == "json":
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if form == "csv":
        return csv_text(document)
    if form == "html":
        return html_text(document)
    from rich.console import Console

    text = io.StringIO()
    Console(file=text, width=100, markup=False, highlight=False, emoji=False).print(
        report_view(document), crop=False
    )
    return text.getvalue()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be written: {error.strerror}", field="--output"
        ) from error
