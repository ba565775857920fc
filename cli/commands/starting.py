"""The verbs that start a workflow: start, validate, archive, rollback."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.finding_runs import find_run
from cli.key_lists import accepted_keys, failed_keys, read_keys
from cli.launching import finish, launch
from cli.options import (
    MOST_UNITS,
    NO_REASON,
    Json,
    Local,
    Name,
    PhaseOption,
    Reason,
    Watch,
    phase_parser,
    phases_named,
)
from cli.session import Session, open_session
from shared.engine.guards import owes_at_return
from shared.engine.locks import lock_name, under_way
from shared.engine.preflight import prepare_source
from shared.engine.world import World
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.in_place import InPlace
from shared.model.phases import Phase
from shared.model.runs import RunKind

Job = Literal["migrate", "backfill", "dry-run"]
Approve = Literal["manual", "auto"]
_KINDS: dict[Job, RunKind] = {
    "migrate": RunKind.MIGRATE,
    "backfill": RunKind.BACKFILL,
    "dry-run": RunKind.DRY_RUN,
}


def start(
    ctx: typer.Context,
    name: Name,
    job: Annotated[Job, typer.Argument(metavar="JOB", help="migrate if none.")] = "migrate",
    until: Annotated[
        Phase | None,
        typer.Option(
            metavar="PHASE",
            parser=phase_parser("--until"),
            help="migrate: where to stop; READ_V2 if none, DONE in place.",
            autocompletion=phases_named,
        ),
    ] = None,
    approve: Annotated[
        Approve | None,
        typer.Option(metavar="manual|auto", help="migrate: who approves the ramp; manual if none."),
    ] = None,
    ramp: Annotated[
        str | None,
        typer.Option(metavar="PERCENTS", help="migrate: the share by step; 1,10,50,100 if none."),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="Leave a record as it is; repeatable.")
    ] = None,
    exclude_file: Annotated[
        Path | None, typer.Option(help="Leave these records as they are: one key on each line.")
    ] = None,
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="First switch on what a table that was there lacks."),
    ] = False,
    keys: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="backfill, dry-run: only this record; repeatable."),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, max=1000, help="backfill, dry-run: items of one page.")
    ] = None,
    total_segments: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="backfill, dry-run: parts of the scan.")
    ] = None,
    max_wcu: Annotated[
        float | None,
        typer.Option(min=1, max=MOST_UNITS, help="backfill: write units a second, at most."),
    ] = None,
    reason: Reason = NO_REASON,
    watch: Watch = False,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Start a migration, or only its backfill or its dry run.

    A migration goes on from the phase where it is; it stops where a person must decide.
    """
    kind = _KINDS[job]
    journey = {"until": until, "approve": approve, "ramp": _ramp(ramp)}
    work = {
        "batch_size": batch_size,
        "total_segments": total_segments,
        "max_wcu": max_wcu,
        "keys": keys,
    }
    _refuse_given(work if kind is RunKind.MIGRATE else journey, job)
    left_out = [
        *(exclude or []),
        *(read_keys(exclude_file, "--exclude-file") if exclude_file else []),
    ]
    session = open_session(ctx, as_json=as_json, local=local)
    world, code = session.deployed_world(name)
    code.refuse_difference()
    if adopt:
        _adopt(session, world)
    given: dict[str, Any] = {
        **(journey if kind is RunKind.MIGRATE else work),
        "exclude": accepted_keys(world, left_out, "exclude"),
    }
    if kind is not RunKind.MIGRATE:
        given["keys"] = accepted_keys(world, keys or [], "keys")
        given["dry_run"] = kind is RunKind.DRY_RUN
    finish(session, world, launch(session, world, kind, given, reason), watch=watch)


def validate(
    ctx: typer.Context,
    name: Name,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what differs.")] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Compare only so many records; proves nothing.")
    ] = None,
    reason: Reason = NO_REASON,
    watch: Watch = False,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Compare both tables, record by record and index by index.

    In place every record is looked at: its shape, what is derived, and what must be true of it.
    A full pass in which nothing is wrong is the certificate without which nothing goes on.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world = session.world(name)
    given = {
        "mode": "full" if sample is None else "sample",
        "sample_size": sample,
        "repair": repair,
    }
    finish(session, world, launch(session, world, RunKind.VALIDATE, given, reason), watch=watch)


def archive(
    ctx: typer.Context,
    name: Name,
    approve: Annotated[
        Approve | None, typer.Option(metavar="manual|auto", help="Who approves; manual if none.")
    ] = None,
    reason: Reason = NO_REASON,
    watch: Watch = False,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Export v1, read the export back, and close v1 for writes.

    This is `cutover start NAME migrate --until ARCHIVED`: the same workflow, guards and soaks.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world, code = session.deployed_world(name)
    code.refuse_difference()
    session.screen.note(f"this is `cutover start {name} migrate --until {Phase.ARCHIVED}`")
    given = {"until": Phase.ARCHIVED, "approve": approve}
    finish(session, world, launch(session, world, RunKind.MIGRATE, given, reason), watch=watch)


def rollback(
    ctx: typer.Context,
    name: Name,
    to: PhaseOption = None,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="In place: restore these records, one key on each line."),
    ] = None,
    failed: Annotated[
        str | None,
        typer.Option(metavar="RUN_ID", help="In place: restore what this run found wrong."),
    ] = None,
    reason: Reason = NO_REASON,
    watch: Watch = False,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Take readers and writers back to an earlier phase.

    It is OFF if none is named. No acknowledged write is lost: where v1 was not written, v2's
    writes are copied back first. In place records go back to their snapshots, all or the named
    ones; what was written since is reported. A migration that is under way ends as superseded.
    """
    named = read_keys(keys, "--keys") if keys else []
    session = open_session(ctx, as_json=as_json, local=local)
    world = session.world(name)
    given: dict[str, Any] = {"to_phase": to, "reason": reason}
    if keys is None and failed is None:
        given["to_phase"] = to or Phase.OFF
        _refuse_nothing(world, given["to_phase"])
    else:
        given["keys"] = _restored(world, named, failed)
    finish(session, world, launch(session, world, RunKind.ROLLBACK, given, reason), watch=watch)


def _refuse_nothing(world: World, to: Phase) -> None:
    """Raise GuardRefused for a way back to where the migration is, if nothing is to be done there.

    The state machine would do nothing and succeed; a person has named the wrong phase, or
    somebody else was faster. A journey that is under way there is stopped by it.
    """
    name = world.migration.name
    state = world.control.read(name)
    busy = under_way(world, lock_name(RunKind.ROLLBACK)) is not None
    if to is not state.phase or to is Phase.DECOMMISSIONED or busy or owes_at_return(world, state):
        return
    raise GuardRefused(
        f"{name} is in {to} already: there is nothing to roll back",
        missing=("phase",),
        mend=f"`cutover status {name}` shows where it is; name an earlier phase",
    )


def _restored(world: World, named: list[str], failed: str | None) -> list[str] | str | None:
    """Return the keys of the records that go back alone; raise InvalidInput where none can."""
    option = "--keys" if failed is None else "--failed"
    if not isinstance(world.migration, InPlace):
        raise InvalidInput(
            f"{world.migration.name} goes from table to table, and back as a whole",
            field=option,
            mend=f"leave {option} out, or exclude records: `cutover start … --exclude KEY`",
        )
    found = [] if failed is None else failed_keys(world, find_run(world, failed))
    chosen = accepted_keys(world, [*named, *found], "keys")
    if chosen is None:
        raise InvalidInput("no record is named", field=option, mend="name one, or none of both")
    return chosen


def _adopt(session: Session, world: World) -> None:
    """Give an adopted v1 what the migration needs of it; the option is the operator's consent."""
    switched_on = prepare_source(world, actor=session.actor)
    what = " and ".join(switched_on) or "nothing: all of it was on"
    session.screen.note(f"switched on for {world.migration.source.name}: {what}")


def _ramp(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InvalidInput(
            f"{text!r} is not a list of percentages", field="--ramp", mend="write 1,10,50,100"
        ) from None


def _refuse_given(foreign: Mapping[str, Any], job: Job) -> None:
    """Refuse an option of another job, which would otherwise be ignored without a word."""
    for option, value in foreign.items():
        if value is not None:
            raise InvalidInput(
                f"a {job} has no such option",
                field=f"--{option.replace('_', '-')}",
                mend="leave it out; `cutover start --help` says which option belongs to what",
            )
