"""The view of `plan`: costs, problems, and the phases ahead."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from cli.bill import Line, total
from cli.dropping_source import DELETED, Edit
from cli.estimate import NEW_TABLE_UNITS, Estimate
from cli.prices import AS_OF, PRICES, REGION
from cli.screen import printable
from cli.times import span
from cli.views.layout import facts, heading, listing, number, size_text
from cli.words import Words, words
from shared.engine.preflight import Problem
from shared.engine.world import World
from shared.model.declaration import Migration
from shared.model.environment import Soak
from shared.model.moves import Move
from shared.model.phases import Phase
from shared.model.writes import Side


def plan_view(
    world: World,
    phase: Phase,
    found: Estimate | None,
    lines: Sequence[Line],
    problems: Sequence[Problem],
    moves: Sequence[Move],
) -> Group:
    """Return the plan of a migration that is in a phase."""
    migration = world.migration
    parts: list[RenderableType] = [
        Text.assemble((migration.name, "bold"), "  ", (migration.title, "dim")),
        facts(
            {
                "from": migration.source.name,
                "to": _goal(migration),
                "phase": phase.value,
            }
        ),
    ]
    if found is not None:
        parts += [
            Text.assemble(
                ("\nSize", "bold"), ("  by DescribeTable, which may be 6 hours old", "dim")
            ),
            facts(_sizes(found, words(migration))),
            Text.assemble(("\nCost", "bold"), (f"  at list prices of {REGION}, {AS_OF}", "dim")),
            *_bill(lines),
        ]
    parts += [heading("Preflight"), _problems(migration, phase, problems)]
    if problems and world.environment.source == "adopted":
        parts.append(
            Text(f"  `cutover start {migration.name} --adopt` switches on what v1 lacks", "dim")
        )
    if moves:
        parts += [heading("Phases ahead"), _moves(moves, world.environment.soak)]
    return Group(*parts)


def dropping_view(world: World, edit: Edit | None) -> Group:
    """Return how to drop v1 from the templates, now that it is deleted."""
    title = heading("v1 is deleted")
    if not world.environment.has_source:
        return Group(title, Text("  the declaration says so too: there is nothing left to do"))
    parts: list[RenderableType] = [title]
    if edit is None:
        name = world.environment.name
        parts.append(Text(f"  declare the environment {name} with {DELETED}"))
    else:
        parts.append(Text(f"  edit {edit.file}, line {edit.line}"))
        parts += [Text(f"  - {edit.old}", "red"), Text(f"  + {edit.new}", "green")]
        if edit.needs:
            parts.append(Text(f"  + {edit.needs}   (at its top)", "green"))
    parts.append(
        Text("  Deploying all stacks afterwards drops v1 from the templates and grants.", "dim")
    )
    return Group(*parts)


def _sizes(found: Estimate, told: Words) -> dict[str, str | Text]:
    average = f", {found.bytes / found.items:,.0f} bytes each" if found.items else ""
    prewarm = (
        f"warm {told.written} and each of its indexes to {number(found.prewarm)}"
        " write units a second"
        if found.prewarm
        else f"nothing: {told.takes} {number(NEW_TABLE_UNITS)} write units a second"
    )
    return {
        "items": f"{number(found.items)}, {size_text(found.bytes)}{average}",
        "write units": f"{number(found.write_units)} at most: {number(found.table_write_units)}"
        f" for {told.written}, {number(found.index_write_units)} for its indexes",
        "read units": f"{number(found.read_units)}: one dry run, one backfill, one validation",
        "backfill": f"{span(found.seconds)} at {number(found.rate)} write units a second",
        "to pre-warm": prewarm,
    }


def _bill(lines: Sequence[Line]) -> list[RenderableType]:
    rows: list[tuple[str | Text, ...]] = [
        (each.what, Text.assemble(each.amount, (f"\n{each.rule}", "dim")), _price(each.dollars))
        for each in lines
    ]
    rows.append((Text("in all", "bold"), "", Text(_price(total(lines)), "bold")))
    pages = sorted({each.page for each in PRICES})
    note = Text("  before discounts and free tiers; look the prices up at ", "dim")
    return [
        listing(("FOR", "HOW MUCH, AND THE RULE", ">DOLLARS"), rows),
        note.append(", ".join(pages)),
    ]


def _price(dollars: float) -> str:
    return "less than $0.01" if 0 < dollars < 0.01 else f"${dollars:,.2f}"


def _problems(migration: Migration, phase: Phase, problems: Sequence[Problem]) -> RenderableType:
    if not problems:
        tables = words(migration).tables if phase.source_exists else "v2 is as it"
        return Text(f"  {tables} must be", "green")
    rows = [
        (
            Text(each.check, "yellow"),
            Text.assemble(printable(each.reason), (f"\n{printable(each.mend)}", "dim")),
        )
        for each in problems
    ]
    return listing(("CHECK", "WHAT IS WRONG, AND ITS MEND"), rows)


def _moves(moves: Sequence[Move], soak: Soak) -> RenderableType:
    rows = [
        (move.end.value, ", ".join(sorted(move.guards)), _watched(move.end, soak)) for move in moves
    ]
    return listing(("PHASE", "NEEDS", "THEN WATCHED FOR"), rows)


def _watched(phase: Phase, soak: Soak) -> str:
    first, seconds = soak.after(phase, 1), soak.after(phase, 100)
    if phase.ramped and seconds:
        return f"{span(first)} a step, {span(seconds)} at 100 %"
    return span(seconds) if seconds else "-"


def _goal(migration: Migration) -> str:
    """Return where the records go: another table, or another shape in the same one."""
    target = migration.tables.get(Side.TARGET)
    if target is None:
        return "another shape, in place"
    return f"{target.name}, {len(target.indexes)} indexes"
