"""Preflight: what must be true of the tables, and of their alarm, before anything is touched.

Each problem names the check that failed and its mend.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.engine.quiet import disquiet
from shared.engine.segments import load_run
from shared.engine.world import World
from shared.model.control import AuditEntry
from shared.model.declaration import TableDeclaration
from shared.model.errors import GuardRefused, TableGone
from shared.model.in_place import REFERENCE, InPlace
from shared.model.key import KeySchema
from shared.model.writes import Side
from shared.ports import TableDescription

READABLE = ("ACTIVE", "UPDATING")
"""The states of a table in which it answers; one that is only read may be changing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One failed check and what to do about it."""

    check: str
    reason: str
    mend: str


def check_preflight(world: World, run_id: str) -> tuple[Problem, ...]:
    """Check the tables for a journey; raise GuardRefused naming every failed check."""
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
    """Return every failed check of the tables and of the alarm that will watch them."""
    tables = table_problems(world, world.migration.tables)
    return (*tables, *_reference_problems(world), *_alarm_problems(world))


def table_problems(world: World, sides: Iterable[Side]) -> tuple[Problem, ...]:
    """Return every failed check of the tables on some sides."""
    return tuple(problem for side in sides for problem in _problems(world, side))


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
    found = world.administration.protect(Side.SOURCE, stream=world.migration.streamed)
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


def _problems(world: World, side: Side) -> list[Problem]:
    declared = world.migration.tables[side]
    try:
        found = world.tables.describe(side)
    except TableGone as gone:
        return [_absent(side.value, declared, gone)]
    failed = [
        Problem(f"{side}-{check}", reason, mend)
        for check, good, reason, mend in _checks(declared, found, streamed=world.migration.streamed)
        if not good
    ]
    return failed + _index_problems(side, declared, found)


def _checks(
    declared: TableDeclaration, found: TableDescription, *, streamed: bool
) -> list[tuple[str, bool, str, str]]:
    """Return each check of one table: its name, whether it holds, the reason and the mend."""
    name = declared.name
    return [
        (
            "table-active",
            found.status == "ACTIVE",
            f"{name} is {found.status}",
            f"wait until {name} is ACTIVE, or restore it",
        ),
        (
            "key-schema",
            found.keys == declared.keys,
            f"{name} has the key {_key_text(found.keys)}",
            f"declare the key of {name} as it is",
        ),
        (
            "point-in-time-recovery",
            found.point_in_time_recovery,
            f"{name} has no point-in-time recovery",
            f"switch on point-in-time recovery of {name}",
        ),
        (
            "stream",
            found.stream or not streamed,
            f"{name} has no stream",
            f"switch on the stream of {name}",
        ),
        (
            "one-region",
            not found.replicas,
            f"{name} has replicas in {', '.join(found.replicas)}",
            "a global table cannot be migrated: writes in other regions escape the conditions",
        ),
    ]


def _key_text(keys: KeySchema) -> str:
    """Return a key with its types, such as `account (S), created_at (N)`."""
    return ", ".join(f"{name} ({kind})" for name, kind in keys.types.items())


def _absent(role: str, declared: TableDeclaration, gone: TableGone) -> Problem:
    return Problem(
        f"{role}-table-exists",
        f"{declared.name} is not there: {gone.message}",
        "deploy the stacks: `cutover local deploy`, or `cdk deploy` on AWS",
    )


def _reference_problems(world: World) -> list[Problem]:
    """Return what is wrong with the table in which the transform looks things up."""
    migration = world.migration
    declared = migration.reference if isinstance(migration, InPlace) else None
    if declared is None:
        return []
    table = declared.table
    try:
        status, keys = world.references.keys()
    except TableGone as gone:
        return [_absent(REFERENCE, table, gone)]
    problems = []
    if status not in READABLE:
        reason, mend = f"{table.name} is {status}", f"wait until {table.name} is ACTIVE"
        problems.append(Problem(f"{REFERENCE}-table-active", reason, mend))
    if keys != table.keys:
        reason = f"{table.name} has the key {_key_text(keys)}"
        mend = f"declare the key of {table.name} as it is"
        problems.append(Problem(f"{REFERENCE}-key-schema", reason, mend))
    return problems


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
        name, there = index.name, found.indexes.get(index.name)
        status = there.status if there else "missing"
        checks = [("active", status == "ACTIVE", status, f"create {name}, or wait for it")]
        if there is not None:
            keys = f"keyed by {_key_text(there.keys)}"
            mend = f"declare the key of {name} as it is, or make another index"
            checks += [
                ("keys", there.keys == index.keys, keys, mend),
                ("whole", there.whole, "not of every attribute", f"make {name} with all of them"),
            ]
        problems += [
            Problem(f"{side}-index-{check}", f"{name} of {declared.name} is {reason}", mend)
            for check, good, reason, mend in checks
            if not good
        ]
    return problems
