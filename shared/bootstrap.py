"""The one place where ports meet their AWS adapters; each function calls it on first use."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from shared import catalogue
from shared.aws.clients import Clients
from shared.aws.cloudwatch_alarms import CloudWatchAlarms
from shared.aws.cloudwatch_measurements import CloudWatchMeasurements
from shared.aws.control_table import ControlTable
from shared.aws.dead_letters import SqsDeadLetters
from shared.aws.dynamodb_references import DynamoReferences
from shared.aws.dynamodb_tables import DynamoTables
from shared.aws.export import S3Exports
from shared.aws.key_queue import SqsKeyQueue
from shared.aws.ledger_table import LedgerTable
from shared.aws.s3_archive import S3Archive
from shared.aws.s3_snapshots import S3Snapshots
from shared.aws.server_time import ServerClock
from shared.aws.sns_topic import SnsTopic
from shared.aws.step_functions import StateMachines
from shared.aws.system import RandomIds, SystemClock
from shared.aws.table_administration import PolicyAdministration
from shared.engine.in_place.records import InPlaceRecords
from shared.engine.records import Records
from shared.engine.sampling import Offer
from shared.engine.world import World, in_place, paired
from shared.model.declaration import Migration, TableDeclaration, TableToTable
from shared.model.environment import Timing
from shared.model.in_place import InPlace
from shared.ports import Clock, KeyQueue
from shared.settings import (
    Settings,
    deployed_settings,
    machine_name,
    read_settings,
    shadow_queue,
    snapshot_prefix,
    sync_queue,
)


def world(environ: Mapping[str, str]) -> World:
    """Return the world of a deployed function, the same for the life of its process."""
    return _world(read_settings(environ))


def records(environ: Mapping[str, str], offering: Callable[[], Offer]) -> Records | InPlaceRecords:
    """Return the records that a deployed API serves, with one phase lease for its process.

    The keys of sampled reads go to what `offering` returns; in place there is nothing to compare.
    """
    found = world(environ)
    if isinstance(found.migration, InPlace):
        return InPlaceRecords(in_place(found))
    return Records(paired(found), offering())


def shadow_reads(environ: Mapping[str, str]) -> KeyQueue:
    """Return the queue of keys whose reads are to be compared in both tables."""
    settings = read_settings(environ)
    migration = world(environ).migration
    sqs = _clients(settings.region, world(environ).environment.timing).sqs
    return SqsKeyQueue(sqs, shadow_queue(settings.migration), migration.source.keys)


def operator_world(migration: str, account: str, region: str) -> World:
    """Return the world of an operator with credentials for an account and region.

    Its time is AWS's, whatever the operator's machine says.
    """
    settings = deployed_settings(migration, account, region)
    environment = catalogue.load(migration).environment(account, region)
    clients = Clients(region, environment.timing)
    clock = ServerClock(SystemClock())
    clock.listen(clients.dynamodb)
    return _over(settings, clients, clock)


@cache
def _clients(region: str, timing: Timing) -> Clients:
    return Clients(region, timing)


@cache
def _world(settings: Settings) -> World:
    migration = catalogue.load(settings.migration)
    environment = migration.environment(settings.account, settings.region)
    return _over(settings, _clients(settings.region, environment.timing), SystemClock())


def _over(settings: Settings, clients: Clients, clock: Clock) -> World:
    """Return the world over these clients and this clock."""
    migration = _deployed(settings)
    environment = migration.environment(settings.account, settings.region)
    return World(
        migration=migration,
        environment=environment,
        digest=catalogue.digest(settings.migration),
        tables=DynamoTables(clients.dynamodb, migration, clock),
        control=ControlTable(
            clients.dynamodb, settings.control_table, settings.ledger_table, clock
        ),
        ledger=LedgerTable(clients.dynamodb, settings.ledger_table, migration.name, clock),
        archive=S3Archive(clients.s3, settings.archive_bucket),
        snapshots=S3Snapshots(
            clients.s3, settings.archive_bucket, snapshot_prefix(settings.migration)
        ),
        references=DynamoReferences(clients.dynamodb, _reference(migration)),
        exports=S3Exports(clients.dynamodb, clients.s3, migration, settings.archive_bucket),
        administration=PolicyAdministration(clients.dynamodb, migration),
        executions=StateMachines(clients.stepfunctions, _machines(clients, settings)),
        syncs=SqsKeyQueue(clients.sqs, sync_queue(settings.migration), migration.source.keys),
        alarms=CloudWatchAlarms(clients.cloudwatch),
        dead_letters=SqsDeadLetters(clients.sqs, machine_name(settings.migration, "")),
        notifications=SnsTopic(clients.sns, _topic(clients, settings)),
        measurements=CloudWatchMeasurements(
            clients.cloudwatch, settings.migration, environment.thresholds.period
        ),
        clock=clock,
        ids=RandomIds(),
    )


def _deployed(settings: Settings) -> Migration:
    """Return the migration in the mode that was deployed."""
    declared = catalogue.load(settings.migration)
    if settings.mode is None or not isinstance(declared, TableToTable):
        return declared
    return replace(declared, mode=settings.mode)


def _reference(migration: Migration) -> TableDeclaration | None:
    """Return the table in which a migration looks things up."""
    declared = migration.reference if isinstance(migration, InPlace) else None
    return None if declared is None else declared.table


def _machines(clients: Clients, settings: Settings) -> str:
    """Return the ARN of the migration's state machines up to their kind."""
    place = f"arn:{clients.partition}:states:{settings.region}:{settings.account}"
    return f"{place}:stateMachine:{machine_name(settings.migration, '')}"


def _topic(clients: Clients, settings: Settings) -> str:
    """Return the ARN of the topic of notifications."""
    place = f"arn:{clients.partition}:sns:{settings.region}:{settings.account}"
    return f"{place}:{settings.notifications_topic}"
