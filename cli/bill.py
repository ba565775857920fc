"""What a whole migration costs, line by line: each with its amount and the rule behind it.

DynamoDB's rules are "Read and write capacity units", "Transactions" and "Global secondary
indexes" of its developer guide. What nobody can know beforehand, such as how fast a worker
goes, is an assumption that the plan prints.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cli.estimate import Estimate
from cli.prices import (
    ARCHIVE_MONTH,
    EXPORT,
    FUNCTION_SECOND,
    GB,
    MONTH,
    READ_UNIT,
    RECOVERY_MONTH,
    TABLE_MONTH,
    TRANSITION,
    WRITE_UNIT,
)
from cli.times import span
from cli.views.layout import amount, size_text
from shared.engine.progress import INDEX_ENTRY
from shared.engine.runs import SEGMENTS_PER_WORKER
from shared.model.environment import Environment, Soak

WORKER_GB = 1769 / 1024
"""Memory of a worker: one whole CPU ("Configure Lambda function memory")."""
WORKER_READS = 1000.0
"""Records that one worker reads and handles a second: an assumption, measured by no bill."""
CHILD_TRANSITIONS = 4
"""Of a segment: its start, the call of its worker, the question whether it is done, its end."""
JOURNEY_TRANSITIONS = 150
"""Of the journey itself: about four for each of its steps."""
RAMP_STEPS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One cost: what, how much of it, the dollars, and how they were reckoned."""

    what: str
    amount: str
    dollars: float
    rule: str


def bill(
    found: Estimate, indexes: int, environment: Environment, writes: float | None
) -> list[Line]:
    """Return all costs of a migration, at so many writes a second by the application."""
    return [
        *jobs(
            found,
            dry_run="v1 read strongly once",
            backfill=f"each record once into v2 and into each of {indexes} indexes, at most",
            validation="both tables read strongly, each index once; twice, if it repairs",
        ),
        _renewals(found, environment),
        _dual_writes(found, indexes, environment.soak, 1.0 if writes is None else writes),
        *_kept(found, environment.soak),
        *machines(found, environment, reads=1 + 2 + INDEX_ENTRY * indexes, indexes=indexes),
    ]


def total(lines: Sequence[Line]) -> float:
    """Return the sum of all lines."""
    return sum(line.dollars for line in lines)


def dual_seconds(soak: Soak) -> float:
    """Return how long writes go to both tables, but for the jobs and for people's answers."""
    return soak.shadow_read + RAMP_STEPS * soak.ramp + soak.read_full + soak.read_v2


def jobs(found: Estimate, *, dry_run: str, backfill: str, validation: str) -> list[Line]:
    """Return what the three jobs that go over all records cost, each by the rule that is given."""
    passes = found.passes
    return [
        _reading("dry run", passes.dry_run, dry_run),
        Line(
            "backfill",
            amount(found.write_units, "write unit") + ", " + amount(passes.backfill, "read unit"),
            found.write_units * WRITE_UNIT.dollars + passes.backfill * READ_UNIT.dollars,
            backfill,
        ),
        _reading("validation", passes.validation, validation),
    ]


def _reading(what: str, units: int, rule: str) -> Line:
    return Line(what, amount(units, "read unit"), units * READ_UNIT.dollars, rule)


def _renewals(found: Estimate, environment: Environment) -> Line:
    """Return the validations that keep the certificate fresh while readers are on v2."""
    soak = environment.soak
    watched = RAMP_STEPS * soak.ramp + soak.read_full + soak.read_v2
    count = math.floor(watched / (environment.certificate_age / 2))
    return Line(
        "renewals",
        amount(count, "more validation"),
        count * found.passes.validation * READ_UNIT.dollars,
        f"one at half the certificate's age while readers are on v2, for {span(watched)}",
    )


def _dual_writes(found: Estimate, indexes: int, soak: Soak, writes: float) -> Line:
    """Return what the application's writes cost more while they go to both tables."""
    seconds = dual_seconds(soak) + found.seconds
    each = found.units_each * (3 + indexes) * WRITE_UNIT.dollars + READ_UNIT.dollars
    rule = "a transaction bills each of its writes twice: 4 units for 1, v2's indexes, a read"
    return Line(
        "dual writes",
        f"{writes:,g} a second for {span(seconds)}",
        writes * seconds * each,
        rule,
    )


def _kept(found: Estimate, soak: Soak) -> list[Line]:
    """Return what it costs to keep v1 and v2 side by side, and v1's copies."""
    size = found.bytes / GB
    both = dual_seconds(soak) + soak.write_v2_only + soak.archived
    monthly = TABLE_MONTH.dollars + RECOVERY_MONTH.dollars
    return [
        Line(
            "second table",
            f"{size_text(found.bytes)} for {span(both)}",
            size * both / MONTH * monthly,
            "v1 and v2 side by side, each with point-in-time recovery, until v1 is deleted",
        ),
        Line(
            "exports",
            f"2 of {size_text(found.bytes)}",
            2 * size * (EXPORT.dollars + ARCHIVE_MONTH.dollars),
            "a backup before anything else and the archive; each kept a month",
        ),
    ]


def machines(
    found: Estimate, environment: Environment, *, reads: float, indexes: int
) -> list[Line]:
    """Return what the work costs that reads each record so often, and scans so many indexes."""
    workers = environment.concurrency
    reading = found.items * reads / WORKER_READS
    copying = max(found.seconds * workers, found.items / WORKER_READS)
    seconds = reading + copying
    segments = workers * SEGMENTS_PER_WORKER
    children = segments * (1 + 1 + 2) + indexes
    transitions = children * CHILD_TRANSITIONS + JOURNEY_TRANSITIONS
    return [
        Line(
            "Lambda",
            f"{seconds * WORKER_GB:,.0f} GB seconds",
            seconds * WORKER_GB * FUNCTION_SECOND.dollars,
            f"{workers} workers of {WORKER_GB:.1f} GB, {WORKER_READS:,.0f} records a second each",
        ),
        Line(
            "Step Functions",
            f"{transitions:,} transitions",
            transitions * TRANSITION.dollars,
            f"{children:,} segments of {CHILD_TRANSITIONS} each, and the journey",
        ),
    ]
