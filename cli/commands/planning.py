"""The verb `plan`: what a migration will cost and what is in its way; it touches nothing."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.endings import ExitCode
from cli.estimate import Estimate, estimate
from cli.options import Json, Local, Name
from cli.session import open_session
from cli.views.plan import plan_view
from shared.engine.preflight import Problem, problems_of
from shared.engine.world import World
from shared.model.declaration import Soak
from shared.model.errors import TableGone
from shared.model.phases import MOVES, Move, Phase
from shared.model.writes import Side


def plan(
    ctx: typer.Context,
    name: Name,
    max_wcu: Annotated[
        float | None,
        typer.Option(min=1, help="Write units a second; 4,000 if none, a new table's limit."),
    ] = None,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Show what a migration will cost and what is in its way.

    Nothing is touched; the numbers are DescribeTable's, which may be 6 hours old.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world = session.world(name)
    phase = world.control.read(name).phase
    found, problems = _looked_at(world, max_wcu)
    moves = ahead_of(phase)
    document = {
        "migration": name,
        "phase": phase.value,
        "estimate": _document(found) if found else None,
        "problems": [asdict(each) for each in problems],
        "next": [_move_document(move, world.environment.soak) for move in moves],
    }
    session.answer(document, plan_view(world, phase, found, problems, moves))
    if problems:
        raise typer.Exit(ExitCode.PROBLEMS)


def ahead_of(phase: Phase) -> list[Move]:
    """Return the moves forward from a phase to the last one."""
    return [move for move in MOVES if move.forward and move.start.order >= phase.order]


def _looked_at(world: World, max_wcu: float | None) -> tuple[Estimate | None, list[Problem]]:
    """Return the costs and every failed check; a table that is not there is one of those."""
    try:
        source = world.tables.describe(Side.SOURCE)
    except TableGone as gone:
        return None, [_absent(world, Side.SOURCE, gone)]
    found = estimate(world.migration, source, max_wcu)
    try:
        return found, list(problems_of(world))
    except TableGone as gone:
        return found, [_absent(world, Side.TARGET, gone)]


def _absent(world: World, side: Side, gone: TableGone) -> Problem:
    migration = world.migration
    declared = migration.source if side is Side.SOURCE else migration.target
    return Problem(
        f"{side}-table-exists",
        f"{declared.name} is not there: {gone.message}",
        "deploy the stacks: `cutover local deploy`, or `cdk deploy` on AWS",
    )


def _document(found: Estimate) -> dict[str, Any]:
    return {
        **asdict(found),
        "write_units": found.write_units,
        "seconds": found.seconds,
        "dollars": round(found.dollars, 6),
        "source_of_numbers": "DescribeTable, up to 6 hours old",
    }


def _move_document(move: Move, soak: Soak) -> dict[str, Any]:
    return {
        "phase": move.end.value,
        "reason": move.reason,
        "guards": [guard.value for guard in sorted(move.guards)],
        "soak_seconds": soak.after(move.end, 100),
    }
