"""The alarms of a migration from one table to another."""

from infra.alarms.latency import Reads, slow, slower_than, slower_than_before
from infra.alarms.rule import AlarmRule, Told
from infra.alarms.shared import ALARM_QUEUE, failing, shared_rules
from shared.model.declaration import TableToTable
from shared.model.environment import Environment
from shared.model.metrics import Metric

QUEUES = {
    "tripwire": "watch-writes-failed",
    "shadow-reads": "shadow-reads-failed",
    **ALARM_QUEUE,
}
"""Who may give something up, and the end of the name of the queue that it then lies in."""
SYNC_QUEUE = {"sync": "syncs-failed"}
"""The same where a replica only follows."""


def paired_rules(migration: TableToTable, environment: Environment) -> list[AlarmRule]:
    """Return all alarms of a migration; once v1 is gone only those that v2 alone needs."""
    told = Told(migration.name)
    queues = QUEUES | SYNC_QUEUE if migration.follows else QUEUES
    serves = migration.api is not None
    rules = [
        *shared_rules(told, environment, serves=serves, queues=queues),
        _read_errors(told, environment),
        *_latencies(told, environment),
        *_correctness(told, environment),
        *_watching(told, environment),
    ]
    return [rule for rule in rules if environment.has_source or not rule.needs_source]


def _read_errors(told: Told, environment: Environment) -> AlarmRule:
    limits = environment.thresholds
    return AlarmRule(
        what="read-errors-v2",
        severity="critical",
        says=f"More than {limits.errors_critical:g} % of the reads from v2 fail.",
        series={
            "failed": told.of(Metric.READ_ERRORS_V2, "Sum"),
            "all": told.of(Metric.READS_V2, "Sum"),
        },
        expression=failing(limits),
        threshold=limits.errors_critical,
        sustained=True,
        needs_source=False,
    )


def _latencies(told: Told, environment: Environment) -> list[AlarmRule]:
    limits = environment.thresholds
    v1 = Reads.of(told, Metric.READ_LATENCY_V1, "reads from v1")
    v2 = Reads.of(told, Metric.READ_LATENCY_V2, "reads from v2")
    return [
        slow(v2, limits, needs_source=False),
        slower_than(v2, v1, limits),
        slower_than_before(v2, told, limits),
    ]


def _correctness(told: Told, environment: Environment) -> list[AlarmRule]:
    limits = environment.thresholds
    return [
        AlarmRule(
            what="validation-errors",
            severity="critical",
            says="Records differ between v1 and v2 and nobody has mended them.",
            series={"open": told.of(Metric.MISMATCHED, "Maximum")},
            expression="open",
            threshold=limits.mismatches,
            silence="ignore",
        ),
        AlarmRule(
            what="shadow-real",
            severity="critical",
            says="A shadow read found a record of v2 wrong.",
            series={"real": told.of(Metric.SHADOW_REAL, "Sum")},
            expression="real",
            threshold=0,
        ),
    ]


def _watching(told: Told, environment: Environment) -> list[AlarmRule]:
    return [
        AlarmRule(
            what="tripwire-lag",
            severity="warning",
            says=f"The tripwire learns of writes later than {environment.stream_lag:g} s.",
            series={"lag": told.of(Metric.TRIPWIRE_LAG, "Maximum")},
            expression="lag",
            threshold=environment.stream_lag,
        ),
        AlarmRule(
            what="certificate-age",
            severity="warning",
            says="Readers are on v2 without a fresh certificate: the way back is not open.",
            series={"age": told.of(Metric.CERTIFICATE_AGE, "Maximum")},
            expression="age",
            threshold=environment.certificate_age,
            silence="ignore",
        ),
    ]
