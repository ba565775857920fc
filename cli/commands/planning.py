"""The verb `plan`: what a migration will cost and what is in its way; it touches nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Annotated, Any

import typer

from cli.bill import Line, bill, total
from cli.bill_in_place import bill_in_place
from cli.dropping_source import Edit, drop_source
from cli.endings import ExitCode
from cli.estimate import Estimate, estimate
from cli.options import MOST_UNITS, Json, Local, Name
from cli.prices import AS_OF, PRICES, REGION
from cli.session import open_session
from cli.views.plan import dropping_view, plan_view
from shared.engine.preflight import Problem, problems_of, table_problems
from shared.engine.world import World
from shared.model.environment import Soak
from shared.model.errors import TableGone
from shared.model.in_place import InPlace
from shared.model.moves import Move, move_between
from shared.model.phases import Phase
from shared.model.writes import Side


def plan(
    ctx: typer.Context,
    name: Name,
    max_wcu: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=MOST_UNITS,
            help="Write units a second; 4,000 if none, a new table's limit.",
        ),
    ] = None,
    writes: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=MOST_UNITS,
            help="The application's writes a second; reckoned per 1 if none.",
        ),
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
    found, problems = _looked_at(world, phase, max_wcu)
    lines = _bill(world, found, writes)
    edit = _edit(world, phase, problems)
    moves = ahead_of(phase, world.migration.way)
    document = {
        "migration": name,
        "phase": phase.value,
        "estimate": _document(found) if found else None,
        "bill": _bill_document(lines, writes) if found else None,
        "problems": [asdict(each) for each in problems],
        "next": [_move_document(move, world.environment.soak) for move in moves],
        "edit": asdict(edit) if edit else None,
    }
    views = [plan_view(world, phase, found, lines, problems, moves)]
    if not phase.source_exists and not problems:
        views.append(dropping_view(world, edit))
    session.answer(document, *views)
    if problems:
        raise typer.Exit(ExitCode.PROBLEMS)


def ahead_of(phase: Phase, way: Sequence[Phase]) -> list[Move]:
    """Return the moves forward from a phase to the last one of a way."""
    left = [each for each in way if each.order > phase.order]
    return [move_between(start, end) for start, end in pairwise([phase, *left])]


def _looked_at(
    world: World, phase: Phase, max_wcu: float | None
) -> tuple[Estimate | None, list[Problem]]:
    """Return the costs and every failed check; a table that is not there is one of those."""
    if not phase.source_exists:
        return None, _without_source(world)
    if not world.environment.has_source:
        return None, [_declared_gone(world, phase)]
    problems = list(problems_of(world))
    try:
        source = world.tables.describe(Side.SOURCE)
    except TableGone:
        return None, problems
    return estimate(world.migration, source, max_wcu), problems


def _without_source(world: World) -> list[Problem]:
    """Return what is wrong after the last move: v1 is still there, or v2 is not as it must be."""
    problems = list(table_problems(world, [Side.TARGET]))
    try:
        world.tables.describe(Side.SOURCE)
    except TableGone:
        return problems
    left = Problem(
        "source-table-deleted",
        f"{world.migration.source.name} is still there",
        f"`cutover start {world.migration.name} --until DECOMMISSIONED` deletes it",
    )
    return [left, *problems]


def _declared_gone(world: World, phase: Phase) -> Problem:
    return Problem(
        "source-declared",
        f"the environment {world.environment.name} declares v1 as deleted, in {phase}",
        "declare it as it was before anything is deployed: a deployment takes v1 from"
        " everybody who writes it",
    )


def _edit(world: World, phase: Phase, problems: list[Problem]) -> Edit | None:
    """Return the edit that drops v1 from the templates, once nothing is in its way."""
    if phase.source_exists or problems or not world.environment.has_source:
        return None
    return drop_source(world.migration.name, world.environment)


def _bill(world: World, found: Estimate | None, writes: float | None) -> list[Line]:
    if found is None:
        return []
    if isinstance(world.migration, InPlace):
        return bill_in_place(found, world.migration, world.environment)
    return bill(found, len(world.migration.target_indexes), world.environment, writes)


def _bill_document(lines: list[Line], writes: float | None) -> dict[str, Any]:
    return {
        "lines": [{**asdict(each), "dollars": round(each.dollars, 6)} for each in lines],
        "dollars": round(total(lines), 6),
        "writes_a_second": writes,
        "prices": {"region": REGION, "as_of": AS_OF, "list": [asdict(each) for each in PRICES]},
    }


def _document(found: Estimate) -> dict[str, Any]:
    return {
        **asdict(found),
        "write_units": found.write_units,
        "read_units": found.read_units,
        "seconds": found.seconds,
        "source_of_numbers": "DescribeTable, up to 6 hours old",
    }


def _move_document(move: Move, soak: Soak) -> dict[str, Any]:
    return {
        "phase": move.end.value,
        "reason": move.reason,
        "guards": [guard.value for guard in sorted(move.guards)],
        "soak_seconds": soak.after(move.end, 100),
    }
