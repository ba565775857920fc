"""The verbs that let a run rest, go on or hurry: pause, resume, throttle."""

from typing import Annotated

import typer
from rich.text import Text

from cli.finding_runs import LOOKED_THROUGH, find_run
from cli.launching import finish, launch
from cli.options import MOST_UNITS, NO_REASON, Json, Local, Name, Reason, RunId, Watch
from cli.session import Session, open_session
from shared.engine.world import World
from shared.model.control import AuditEntry
from shared.model.errors import InvalidInput, NotFound
from shared.model.runs import Run, RunKind, RunStatus

JOBS = (RunKind.DRY_RUN, RunKind.BACKFILL, RunKind.VALIDATE)
UNFINISHED = (RunStatus.FAILED, RunStatus.ABORTED)


def pause(
    ctx: typer.Context,
    name: Name,
    reason: Reason = NO_REASON,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Stop a backfill, validation or dry run at its next page.

    What was done stays done; `cutover resume` goes on from there.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world = session.world(name)
    active = [run for run in world.ledger.runs(name, LOOKED_THROUGH) if run.active]
    jobs = [run for run in active if run.kind in JOBS]
    if not jobs:
        raise NotFound(
            f"no backfill, validation or dry run of {name} is under way",
            mend="a migration between its jobs is stopped by `cutover rollback` or by hand",
        )
    for run in jobs:
        _ask(session, world, run, reason, rest=True)
    told = [f"{run.kind} {run.run_id} stops at its next page" for run in jobs]
    if any(run.facts.get("parent") for run in jobs):
        told.append("the migration it belongs to is then held: resume it, then start that again")
    told.append(f"to go on: cutover resume {name}")
    document = {"migration": name, "paused": [run.run_id for run in jobs]}
    session.answer(document, Text("\n".join(told)))


def resume(
    ctx: typer.Context,
    name: Name,
    run_id: RunId = None,
    reason: Reason = NO_REASON,
    watch: Watch = False,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Go on with a paused or failed run.

    Each part of a backfill or dry run goes on where it stopped. Without RUN_ID it is the
    newest such run. A validation begins anew: only a whole pass proves anything.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world = session.world(name)
    run = find_run(world, run_id) if run_id else _newest_at_rest(world)
    _refuse_journey(run)
    if run.active and run.pause and _alive(world, run):
        _ask(session, world, run, reason, rest=False)
        told = f"{run.kind} {run.run_id} goes on: its pause is taken back\n"
        told += "parts that have stopped by now go on when the others have come to their end"
        session.answer({"migration": name, "run_id": run.run_id, "resumed": True}, Text(told))
        return
    if run.kind is RunKind.VALIDATE:
        session.screen.note("a validation proves something only as a whole: it begins anew")
    finish(session, world, launch(session, world, run.kind, _again(run), reason), watch=watch)


def throttle(
    ctx: typer.Context,
    name: Name,
    max_wcu: Annotated[
        float,
        typer.Option(min=1, max=MOST_UNITS, help="Write units a second, of all workers together."),
    ],
    reason: Reason = NO_REASON,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Change the rate of a backfill while it runs.

    Each worker takes it over with its next page. A resumed run keeps it.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world = session.world(name)
    newest = world.ledger.runs(name, LOOKED_THROUGH)
    run = next((each for each in newest if each.active and each.kind is RunKind.BACKFILL), None)
    if run is None:
        raise NotFound(
            f"no backfill of {name} is under way",
            mend=f"`cutover start {name} backfill --max-wcu N` begins one at a rate",
        )
    before = run.rate
    world.ledger.ask_rate(run.run_id, max_wcu)
    _log(session, world, run, f"throttle {run.kind}", reason, f"to {max_wcu:g} write units")
    was = "as fast as it could" if before is None else f"{before:,.6g}"
    told = f"{run.kind} {run.run_id} is held to {max_wcu:,.6g} write units a second; it was {was}\n"
    told += "each worker takes it over with its next page, which is within a minute"
    document = {"migration": name, "run_id": run.run_id, "max_wcu": max_wcu, "before": before}
    session.answer(document, Text(told))


def _again(run: Run) -> dict[str, object]:
    """Return the input that goes on with a run, or repeats a validation."""
    if run.kind is RunKind.VALIDATE:
        return {name: run.params[name] for name in ("mode", "sample_size", "repair")}
    return {"resume_run_id": run.run_id, "dry_run": run.kind is RunKind.DRY_RUN}


def _newest_at_rest(world: World) -> Run:
    name = world.migration.name
    for run in world.ledger.runs(name, LOOKED_THROUGH):
        if run.kind in JOBS and _rests(world, run):
            return run
    raise NotFound(
        f"no run of {name} is paused or has failed",
        mend=f"`cutover status {name}` lists the runs",
    )


def _rests(world: World, run: Run) -> bool:
    if run.active:
        return run.pause or not _alive(world, run)
    held = run.status is RunStatus.HELD and bool(run.facts.get("paused"))
    return held or run.status in UNFINISHED


def _alive(world: World, run: Run) -> bool:
    return run.execution is not None and world.executions.running(run.execution)


def _refuse_journey(run: Run) -> None:
    if run.kind not in JOBS:
        raise InvalidInput(
            f"a {run.kind} is not resumed: it goes on from the phase where the migration is",
            field="RUN_ID",
            mend=f"cutover {'rollback' if run.kind is RunKind.ROLLBACK else 'start'}"
            f" {run.migration}",
        )


def _ask(session: Session, world: World, run: Run, reason: str, *, rest: bool) -> None:
    """Ask a run's workers to rest or to go on, and say in the log who asked."""
    world.ledger.ask_pause(run.run_id, rest)
    _log(session, world, run, f"{'pause' if rest else 'resume'} {run.kind}", reason)


def _log(
    session: Session, world: World, run: Run, action: str, reason: str, what: str = ""
) -> None:
    epoch = world.control.read(run.migration).epoch
    detail = "; ".join(each for each in (f"run {run.run_id}", what) if each)
    world.ledger.record(
        AuditEntry(run.migration, world.clock.wall(), epoch, action, session.actor, reason, detail)
    )
