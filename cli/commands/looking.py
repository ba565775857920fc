"""The verbs that only look: list, status, log."""

from typing import Annotated, Any

import typer
from rich.text import Text

from cli import following
from cli.documents import (
    audit_document,
    code_document,
    logged_run_document,
    place_document,
    run_document,
    status_document,
)
from cli.launching import conclude
from cli.options import Json, Local, Name
from cli.session import Session, open_session
from cli.times import distance, span
from cli.views.events import event_lines
from cli.views.layout import listing
from cli.views.runs import run_lines
from cli.views.status import status_view
from cli.words import ramp
from shared import catalogue
from shared.engine.criteria import criteria_document, success
from shared.engine.overview import JOURNEYS, Overview, overview
from shared.engine.world import World
from shared.model.errors import InvalidInput
from shared.model.in_place import InPlace
from shared.model.runs import Run

LOOKED_THROUGH = 100
"""Runs whose executions the log calls by the ids of the runs, as reports and `status` do."""


def show_list(ctx: typer.Context, as_json: Json = False, local: Local = False) -> None:
    """List all migrations with their phases and last runs."""
    session = open_session(ctx, as_json=as_json, local=local)
    found = [(name, _looked_at(session, name)) for name in catalogue.names()]
    documents = [_list_document(name, each) for name, each in found]
    rows = [_list_row(name, each) for name, each in found]
    columns = ("MIGRATION", "PHASE", ">NEW", "CERTIFICATE", "LAST RUN")
    session.answer({"migrations": documents}, listing(columns, rows))


def show_status(
    ctx: typer.Context,
    name: Name,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Stay, follow what runs to its end, and exit by it."),
    ] = False,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Show where a migration is and what its next phase waits for.

    Also what runs, how far it is, and what happened last.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world, code = session.deployed_world(name)
    ended = following.watch(session, world) if watch else None
    if ended is not None:
        conclude(session, world, ended.execution, ended.outcome)
        return
    found = overview(world)
    judged = found.state.phase.order >= ramp(world.migration).order  # before it nothing is new
    checklist = criteria_document(success(world)) if judged else []
    document = {
        **status_document(world, found),
        "code": code_document(code),
        "criteria": checklist,
    }
    session.answer(document, status_view(world, found, code=code, checklist=checklist))


def show_log(
    ctx: typer.Context,
    name: Name,
    limit: Annotated[int, typer.Option(min=1, help="How many entries, the newest first.")] = 20,
    runs: Annotated[
        bool, typer.Option("--runs", help="Instead: every run, its counts, errors and who asked.")
    ] = False,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Show the audit log: when, what, who and why.

    With --runs the migration log: records processed, succeeded and failed by each run.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world = session.world(name)
    ledger = world.ledger
    if runs:
        found = ledger.runs(name, limit)
        in_place = isinstance(world.migration, InPlace)
        lines = run_lines(found, in_place=in_place) or [Text("nothing has run yet", "dim")]
        session.answer({"runs": [logged_run_document(run) for run in found]}, *lines)
        return
    entries = ledger.audit(name, limit)
    views = event_lines(entries, ledger.runs(name, LOOKED_THROUGH)) or [
        Text("nothing has happened yet", "dim")
    ]
    session.answer({"entries": [audit_document(entry) for entry in entries]}, *views)


Looked = tuple[World, Overview] | InvalidInput


def _looked_at(session: Session, name: str) -> Looked:
    """Return a migration's overview, or why it has none in this account and region."""
    try:
        world = session.world(name)
    except InvalidInput as undeclared:
        if undeclared.field != "environments":
            raise
        return undeclared
    return world, overview(world)


def _list_document(name: str, looked: Looked) -> dict[str, Any]:
    if isinstance(looked, InvalidInput):
        return {"migration": name, "declared_here": False}
    world, found = looked
    certificate = found.state.certificate
    age = world.clock.wall() - certificate.began_at if certificate else None
    newest = _newest(found)
    last = run_document(found, newest) if newest else None
    return {
        "migration": name,
        "declared_here": True,
        "title": world.migration.title,
        **place_document(world.migration, found.state, found.settled_at),
        "certificate_age_seconds": age,
        "last_run": last,
    }


def _list_row(name: str, looked: Looked) -> tuple[str, ...]:
    if isinstance(looked, InvalidInput):
        return (name, "not declared here", "", "", "")
    world, found = looked
    now, certificate = world.clock.wall(), found.state.certificate
    age = f"{span(now - certificate.began_at)} old" if certificate else "none"
    last, run = "none", _newest(found)
    if run is not None:
        last = f"{run.kind} {run.status}, {distance(run.finished_at or run.started_at, now)}"
    return (name, found.state.phase.value, f"{found.state.percent} %", age, last)


def _newest(found: Overview) -> Run | None:
    """Return the newest run that is under way, a journey rather than its job, or that has ended."""
    active = [run for run in found.runs if run.active]
    journeys = [run for run in active if run.kind in JOURNEYS]
    return next(iter([*journeys, *active, *found.runs]), None)
