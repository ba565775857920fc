"""Preflight: what must be true of both tables, and of their alarm, before anything is touched.

Each problem names the check that failed and its mend.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.engine.quiet import disquiet
from shared.engine.segments import load_run
from shared.engine.world import World
from shared.model.control import AuditEntry
from shared.model.declaration import TableDeclaration
from shared.model.errors import GuardRefused
from shared.model.writes import Side
from shared.ports import TableDescription


@dataclass(frozen=True, slots=True)
class Problem:
    """One failed check and what to do about it."""

    check: str
    reason: str
    mend: str


def check_preflight(world: World, run_id: str) -> tuple[Problem, ...]:
    """Check both tables for a journey; raise GuardRefused naming every failed check."""
    problems = problems_of(world)
    refuse_problems(problems, run_id)
    world.ledger.save(load_run(world, run_id).with_facts(preflight=True))
    return problems


def refuse_problems(problems: Sequence[Problem], run_id: str | None = None) -> None:
    """Raise GuardRefused naming every failed check with its mend."""
    if problems:
        raise GuardRefused(
            "preflight: " + "; ".join(f"{each.check}: {each.reason}" for each in problems),
            missing=tuple(each.check for each in problems),
            run_id=run_id,
            mend="; ".join(each.mend for each in problems),
        )


def problems_of(world: World) -> tuple[Problem, ...]:
    """Return every failed check of both tables and of the alarm that will watch them."""
    return (*table_problems(world, world.migration.tables), *_alarm_problems(world))


def table_problems(world: World, sides: Iterable[Side]) -> tuple[Problem, ...]:
    """Return every failed check of the tables on some sides."""
    declared = world.migration.tables
    return tuple(
        problem
        for side in sides
        for problem in _problems(side, declared[side], world.tables.describe(side))
    )


def prepare_source(world: World, *, actor: str) -> tuple[str, ...]:
    """Switch on what a v1 that was there before lacks, with an operator's consent.

    Returns the names of what was off. Refused for a v1 that a template describes: there the
    template says what it has.
    """
    if world.environment.source != "adopted":
        raise GuardRefused(
            f"{world.migration.source.name} is {world.environment.source}, not adopted",
            missing=("adopted",),
            mend="leave it to the template: deploy the data stack again",
        )
    found = world.administration.protect(Side.SOURCE)
    if found:
        at = world.clock.wall()
        state = world.control.read(world.migration.name)
        world.ledger.record(
            AuditEntry(
                world.migration.name,
                at,
                state.epoch,
                "prepare v1",
                actor,
                "consent",
                f"switched on {' and '.join(found)}",
            )
        )
    return found


def _problems(side: Side, declared: TableDeclaration, found: TableDescription) -> list[Problem]:
    name = declared.name
    checks = [
        (
            "table-active",
            found.status == "ACTIVE",
            f"{name} is {found.status}",
            f"wait until {name} is ACTIVE, or restore it",
        ),
        (
            "key-schema",
            (found.partition, found.sort) == (declared.keys.partition, declared.keys.sort),
            f"{name} has the key {found.partition}, {found.sort}",
            f"declare the key of {name} as it is",
        ),
        (
            "point-in-time-recovery",
            found.point_in_time_recovery,
            f"{name} has no point-in-time recovery",
            f"switch on point-in-time recovery of {name}",
        ),
        ("stream", found.stream, f"{name} has no stream", f"switch on the stream of {name}"),
        (
            "one-region",
            not found.replicas,
            f"{name} has replicas in {', '.join(found.replicas)}",
            "a global table cannot be migrated: writes in other regions escape the conditions",
        ),
    ]
    problems = [
        Problem(f"{side}-{check}", reason, mend) for check, good, reason, mend in checks if not good
    ]
    return problems + _index_problems(side, declared, found)


def _alarm_problems(world: World) -> list[Problem]:
    reason = disquiet(world)
    if reason is None:
        return []
    return [Problem("alarm-quiet", reason, "docs/alarms.md says what to do about each alarm")]


def _index_problems(
    side: Side, declared: TableDeclaration, found: TableDescription
) -> list[Problem]:
    problems = []
    for index in declared.indexes:
        status = found.indexes.get(index.name, "missing")
        if status != "ACTIVE":
            problems.append(
                Problem(
                    f"{side}-index-active",
                    f"{index.name} of {declared.name} is {status}",
                    f"create {index.name}, or wait until it is ACTIVE",
                )
            )
    return problems
