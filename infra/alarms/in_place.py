"""The alarms of a migration within one table."""

from infra.alarms.latency import Reads, slow, slower_than_before
from infra.alarms.rule import AlarmRule, Told
from infra.alarms.shared import ALARM_QUEUE, shared_rules
from shared.model.environment import Environment
from shared.model.in_place import InPlace
from shared.model.metrics import Metric


def in_place_rules(migration: InPlace, environment: Environment) -> list[AlarmRule]:
    """Return all alarms of a migration; reads are those of its one table."""
    told = Told(migration.name)
    limits = environment.thresholds
    reads = Reads.of(told, Metric.READ_LATENCY_V1, "reads")
    serves = migration.api is not None
    return [
        *shared_rules(told, environment, serves=serves, queues=ALARM_QUEUE),
        slow(reads, limits),
        slower_than_before(reads, told, limits),
        *_records(told, environment),
    ]


def _records(told: Told, environment: Environment) -> list[AlarmRule]:
    """Return the alarms on records: each holds up the migration, and none harms a caller."""
    limits = environment.thresholds
    return [
        AlarmRule(
            what="records-not-upgraded",
            severity="warning",
            says="A validation found records in the old shape, or wrong in the new one.",
            series={"open": told.of(Metric.MISMATCHED, "Maximum")},
            expression="open",
            threshold=limits.mismatches,
            silence="ignore",
        ),
        AlarmRule(
            what="records-in-doubt",
            severity="warning",
            says="Records cannot be upgraded until a person decides about them.",
            series={"held": told.of(Metric.QUARANTINED, "Maximum")},
            expression="held",
            threshold=limits.quarantined,
            silence="ignore",
        ),
    ]
