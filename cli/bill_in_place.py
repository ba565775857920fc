"""What a whole migration in place costs: no second table, and snapshots of what is changed."""

from cli.bill import Line, jobs, machines
from cli.estimate import Estimate
from cli.prices import ARCHIVE_MONTH, GB, MONTH
from cli.times import span
from cli.views.layout import size_text
from shared.model.environment import Environment
from shared.model.in_place import InPlace

READS = 2
"""How often the dry run and a validation read each record, together."""
DAY = 86400.0


def bill_in_place(found: Estimate, migration: InPlace, environment: Environment) -> list[Line]:
    """Return all costs of a migration in place; the application's writes cost what they did."""
    indexes = len(migration.source.indexes)
    kept = migration.snapshot_days * DAY
    stored = 2 * found.bytes / GB
    return [
        *jobs(
            found,
            dry_run="the table read strongly once",
            backfill=f"each record written once, and in each of {indexes} indexes, at most",
            validation="the table read strongly; twice, if it repairs",
        ),
        Line(
            "snapshots",
            f"{size_text(2 * found.bytes)} for {span(kept)}",
            stored * kept / MONTH * ARCHIVE_MONTH.dollars,
            "each record before and after; compressed, so less",
        ),
        *machines(found, environment, reads=READS, indexes=0),
    ]
