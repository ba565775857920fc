"""The alarms of a migration within one table."""

from infra.alarms.rule import AlarmRule, Told
from infra.alarms.shared import ALARM_QUEUE, shared_rules
from shared.model.environment import Environment
from shared.model.in_place import InPlace
from shared.model.metrics import Metric


def in_place_rules(migration: InPlace, environment: Environment) -> list[AlarmRule]:
    """Return all alarms of a migration; reads are those of its one table."""
    told = Told(migration.name)
    serves = migration.api is not None
    return [
        *shared_rules(told, environment, serves=serves, queues=ALARM_QUEUE),
        *_latencies(told, environment),
        *_records(told, environment),
    ]


def _latencies(told: Told, environment: Environment) -> list[AlarmRule]:
    limits = environment.thresholds
    reads = {
        "now": told.of(Metric.READ_LATENCY_V1, "p95"),
        "n": told.of(Metric.READ_LATENCY_V1, "SampleCount"),
    }
    before = {"before": told.of(Metric.BASELINE_READ_LATENCY, "Maximum")}
    enough = f"n >= {limits.minimum}"
    return [
        AlarmRule(
            what="latency-p95",
            severity="critical",
            says=f"One in twenty reads takes longer than {limits.latency_p95:g} ms.",
            series=reads,
            expression=f"IF({enough}, now, 0)",
            threshold=limits.latency_p95,
            sustained=True,
        ),
        AlarmRule(
            what="latency-above-baseline",
            severity="critical",
            says=f"Reads are more than {limits.degradation:g} % slower than before the migration.",
            series={**reads, **before},
            expression=f"IF({enough}, 100 * (now / FILL(before, REPEAT) - 1), 0)",
            threshold=limits.degradation,
            sustained=True,
        ),
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
