"""What is deployed for each kind of migration, as data: nothing else in infra/ tells them apart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import aws_iam as iam

from infra.alarms.in_place import in_place_rules
from infra.alarms.paired import paired_rules
from infra.alarms.rule import AlarmRule
from infra.constructs.archive_access import ArchiveAccess
from infra.constructs.table_access import TableAccess
from infra.workflows.job import CHECK, COMPARE, COPY, RESTORE, UPGRADE, Works
from shared.model.declaration import Migration, TableDeclaration, TableToTable
from shared.model.environment import Environment
from shared.model.errors import InvalidInput
from shared.model.in_place import InPlace, Reference
from shared.model.metrics import Metric

Grant = Callable[[iam.Role], None]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One migration's kind in one environment, as the stacks need it.

    `tables` are those whose records migrate, by the name that people call each by; `made` all
    that a template makes, by their ids in it. `serving` and `workers` say what the API, and each
    worker of segments by its name, may do to tables and snapshots.
    """

    tables: Mapping[str, TableDeclaration]
    made: Mapping[str, TableDeclaration]
    outputs: Mapping[str, str]
    works: Works
    serving: Callable[[TableAccess], tuple[Grant, ...]]
    workers: Callable[[TableAccess, ArchiveAccess], Mapping[str, tuple[Grant, ...]]]
    rules: Sequence[AlarmRule]
    untold: frozenset[Metric]
    """The metrics that say nothing here: nobody tells them, or they are always 0."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What the functions are told beside what all are told (`CUTOVER_<FIELD>`)."""
    watched: bool = False
    """Whether the tables' streams are watched for writes past the wrapper."""
    compared: bool = False
    """Whether a share of the reads is compared in both tables."""
    mended: bool = False
    """Whether what such a comparison finds is mended at once."""
    renewed: bool = False
    """Whether readers depend on a certificate that must be renewed."""
    reference: Reference | None = None
    """The table in which the transform looks things up."""
    snapshot_days: int | None = None
    """How long snapshots of records are kept; None where none are made."""


def kind_of(migration: Migration, environment: Environment) -> Kind:
    """Return what a migration's kind is in an environment; raise InvalidInput for other kinds."""
    match migration:
        case TableToTable():
            return _paired(migration, environment)
        case InPlace():
            return _in_place(migration, environment)
    raise InvalidInput(f"nothing is known of the kind of {migration.name}", field="migration")


def _paired(migration: TableToTable, environment: Environment) -> Kind:
    there = environment.has_source
    source = {"Source": migration.source} if environment.source == "created" else {}
    outputs = {"SourceTableName": migration.source.name} if there else {}
    return Kind(
        tables={**({"v1": migration.source} if there else {}), "v2": migration.target},
        made={"Target": migration.target, **source},
        outputs={**outputs, "TargetTableName": migration.target.name},
        works=Works(write=COPY, prove=COMPARE, ends_source=True),
        serving=lambda tables: (tables.grant_serve_both,),
        workers=_paired_workers,
        rules=paired_rules(migration, environment),
        untold=frozenset(),
        settings={"MODE": migration.mode},
        watched=there,
        compared=there,
        mended=migration.tripwire == "repair",
        renewed=True,
    )


def _paired_workers(
    tables: TableAccess, _archive: ArchiveAccess
) -> Mapping[str, tuple[Grant, ...]]:
    """Return what each worker may do; the dry run's role may write to neither table."""
    return {
        "dry_run_segment": (tables.grant_read,),
        "backfill_segment": (tables.grant_read, tables.grant_copy),
        "validate_segment": (tables.grant_read, tables.grant_count_indexes, tables.grant_repair),
    }


def _in_place(migration: InPlace, environment: Environment) -> Kind:
    if not environment.has_source:
        raise InvalidInput(
            f"{migration.name} changes its table in place: there is none to be deleted",
            field="source",
            mend=f"declare the source of {environment.name} as created or adopted",
        )
    found = {"Reference": migration.reference.table} if migration.reference else {}
    whole = {"Source": migration.source, **found}
    return Kind(
        tables={"table": migration.source},
        made=whole if environment.source == "created" else {},
        outputs={f"{name}TableName": table.name for name, table in whole.items()},
        works=Works(write=UPGRADE, prove=CHECK, take_back=(RESTORE,)),
        serving=lambda tables: (tables.grant_serve_one, tables.grant_look_up),
        workers=_in_place_workers,
        rules=in_place_rules(migration, environment),
        untold=_OF_TWO_TABLES,
        reference=migration.reference,
        snapshot_days=migration.snapshot_days,
    )


def _in_place_workers(
    tables: TableAccess, archive: ArchiveAccess
) -> Mapping[str, tuple[Grant, ...]]:
    """Return what each worker may do: who upgrades must keep what was there, who restores read it.

    A validation upgrades too, when it is told to repair.
    """
    reading = (tables.grant_read, tables.grant_look_up)
    upgrading = (tables.grant_change, archive.grant_store_snapshots)
    return {
        "dry_run_segment": reading,
        "backfill_segment": (*reading, *upgrading),
        "validate_segment": (*reading, *upgrading, tables.grant_find_unused),
        "restore_segment": (*reading, tables.grant_change, archive.grant_read_snapshots),
    }


_OF_TWO_TABLES = frozenset(
    {
        Metric.READS_V2,
        Metric.READ_ERRORS_V2,
        Metric.READ_LATENCY_V2,
        Metric.DUAL_WRITE_ADDED,
        Metric.CERTIFICATE_AGE,
        Metric.TRIPWIRE_LAG,
        Metric.SHADOW_EQUAL,
        Metric.SHADOW_RACED,
        Metric.SHADOW_LAGGING,
        Metric.SHADOW_REAL,
        Metric.SHADOW_NOT_SENT,
        Metric.SYNCS_QUEUED,
        Metric.SYNCS_LOST,
    }
)
"""The metrics of migrations with two tables."""
