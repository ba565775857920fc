"""The alarms of a migration as data: what each looks at, from what on it goes off, how grave.

The critical ones together are the composite alarm `watch`, which takes readers home. Each has
an entry in docs/alarms.md under its own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.model.declaration import TableToTable
from shared.model.environment import Environment
from shared.model.metrics import NAMESPACE, Metric

WATCH = "watch"
"""The composite alarm over the critical ones."""

Severity = Literal["critical", "warning"]
Silence = Literal["notBreaching", "ignore"]

QUEUES = {
    "tripwire": "watch-writes-failed",
    "shadow-reads": "shadow-reads-failed",
    "alarm": "answer-alarm-failed",
}
"""Who may give something up, and the end of the name of the queue that it then lies in."""
SYNC_QUEUE = {"sync": "syncs-failed"}
"""The same where a replica only follows."""


@dataclass(frozen=True)
class Series:
    """One statistic of one metric over time."""

    metric: str
    statistic: str
    dimensions: Mapping[str, str]
    namespace: str = NAMESPACE


@dataclass(frozen=True)
class AlarmRule:
    """One alarm: the value of `expression` over `series` is above `threshold`.

    A `sustained` one must be so in several periods. `silence` is what no data means: nothing to
    worry about, or that what was told last still holds.
    """

    what: str
    severity: Severity
    says: str
    series: Mapping[str, Series]
    expression: str
    threshold: float
    sustained: bool = False
    silence: Silence = "notBreaching"
    needs_source: bool = True

    def name(self, migration: str) -> str:
        """Return the alarm's name in CloudWatch."""
        return alarm_name(migration, self.what)

    @property
    def described(self) -> str:
        """Return what CloudWatch and every notification say of it."""
        return f"{self.says} docs/alarms.md#{self.what}"


def alarm_name(migration: str, what: str) -> str:
    """Return the name of an alarm of a migration."""
    return f"cutover-{migration}-{what}"


def alarm_rules(migration: TableToTable, environment: Environment) -> list[AlarmRule]:
    """Return all alarms of a migration; once v1 is gone only those that v2 alone needs."""
    told = Told(migration.name)
    rules = [
        *_errors(told, environment),
        *_latencies(told, environment),
        *_correctness(told, environment),
        *_machinery(told, environment),
        *_deaths(migration, environment),
        *_dead_letters(migration, environment),
    ]
    return [rule for rule in rules if environment.has_source or not rule.needs_source]


@dataclass(frozen=True)
class Told:
    """The series of one migration's own metrics."""

    migration: str

    def of(self, metric: Metric, statistic: str) -> Series:
        """Return one statistic of a metric."""
        dimensions = {"service": f"cutover-{self.migration}", "migration": self.migration}
        return Series(metric.value, statistic, dimensions)


def _errors(told: Told, environment: Environment) -> list[AlarmRule]:
    limits = environment.thresholds
    requests = {
        "failed": told.of(Metric.ERRORS, "Sum"),
        "all": told.of(Metric.REQUESTS, "Sum"),
    }
    reads = {
        "failed": told.of(Metric.READ_ERRORS_V2, "Sum"),
        "all": told.of(Metric.READS_V2, "Sum"),
    }
    rate = f"IF(all >= {limits.minimum}, 100 * failed / all, 0)"
    of_requests = [
        AlarmRule(
            what=f"errors-{severity}",
            severity=severity,
            says=f"More than {limit:g} % of the API's requests fail (5xx).",
            series=requests,
            expression=rate,
            threshold=limit,
            sustained=True,
            needs_source=False,
        )
        for severity, limit in _severities(limits.errors_critical, limits.errors_warning)
    ]
    of_v2 = AlarmRule(
        what="read-errors-v2",
        severity="critical",
        says=f"More than {limits.errors_critical:g} % of the reads from v2 fail.",
        series=reads,
        expression=rate,
        threshold=limits.errors_critical,
        sustained=True,
        needs_source=False,
    )
    return [*of_requests, of_v2]


def _severities(critical: float, warning: float) -> tuple[tuple[Severity, float], ...]:
    return (("critical", critical), ("warning", warning))


def _latencies(told: Told, environment: Environment) -> list[AlarmRule]:
    limits = environment.thresholds
    v2 = {
        "v2": told.of(Metric.READ_LATENCY_V2, "p95"),
        "n2": told.of(Metric.READ_LATENCY_V2, "SampleCount"),
    }
    v1 = {
        "v1": told.of(Metric.READ_LATENCY_V1, "p95"),
        "n1": told.of(Metric.READ_LATENCY_V1, "SampleCount"),
    }
    before = {"before": told.of(Metric.BASELINE_READ_LATENCY, "Maximum")}
    enough = f"n2 >= {limits.minimum}"
    return [
        AlarmRule(
            what="latency-p95",
            severity="critical",
            says=f"One in twenty reads from v2 takes longer than {limits.latency_p95:g} ms.",
            series=v2,
            expression=f"IF({enough}, v2, 0)",
            threshold=limits.latency_p95,
            sustained=True,
            needs_source=False,
        ),
        AlarmRule(
            what="latency-degraded",
            severity="critical",
            says=f"Reads from v2 are more than {limits.degradation:g} % slower than from v1 now.",
            series={**v2, **v1},
            expression=f"IF({enough} AND n1 >= {limits.minimum}, 100 * (v2 / v1 - 1), 0)",
            threshold=limits.degradation,
            sustained=True,
        ),
        AlarmRule(
            what="latency-above-baseline",
            severity="critical",
            says=f"Reads from v2 are more than {limits.degradation:g} % slower than reads were"
            " before the migration.",
            series={**v2, **before},
            expression=f"IF({enough}, 100 * (v2 / FILL(before, REPEAT) - 1), 0)",
            threshold=limits.degradation,
            sustained=True,
        ),
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


def _machinery(told: Told, environment: Environment) -> list[AlarmRule]:
    limits = environment.thresholds
    return [
        AlarmRule(
            what="stale-checkpoint",
            severity="warning",
            says=f"A run is under way, and no worker got on for {limits.stale_checkpoint:g} s.",
            series={"age": told.of(Metric.CHECKPOINT_AGE, "Maximum")},
            expression="age",
            threshold=limits.stale_checkpoint,
            silence="ignore",
        ),
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


def _deaths(migration: TableToTable, environment: Environment) -> list[AlarmRule]:
    """Return the alarms on functions that end without printing a metric: a crash, a timeout."""
    limits = environment.thresholds
    rules = [
        AlarmRule(
            what="observer-dies",
            severity="warning",
            says="The function that tells the migration's state fails: its alarms stand still.",
            series={"died": _invoked(migration, "observe-migration", "Errors")},
            expression="died",
            threshold=0,
        )
    ]
    if migration.api is None:
        return rules
    of_api = AlarmRule(
        what="api-dies",
        severity="critical",
        says=f"More than {limits.errors_critical:g} % of the API's calls end without an answer.",
        series={
            "died": _invoked(migration, "serve-records", "Errors"),
            "all": _invoked(migration, "serve-records", "Invocations"),
        },
        expression=f"IF(all >= {limits.minimum}, 100 * died / all, 0)",
        threshold=limits.errors_critical,
        sustained=True,
        needs_source=False,
    )
    return [of_api, *rules]


def _invoked(migration: TableToTable, function: str, metric: str) -> Series:
    name = f"cutover-{migration.name}-{function}"
    return Series(metric, "Sum", {"FunctionName": name}, "AWS/Lambda")


def _dead_letters(migration: TableToTable, environment: Environment) -> list[AlarmRule]:
    queues = QUEUES | SYNC_QUEUE if migration.follows else QUEUES
    return [
        AlarmRule(
            what=f"dead-letters-{source}",
            severity="warning",
            says=f"The {source} gave up on something: it lies in a queue until a person looks.",
            series={
                "waiting": Series(
                    "ApproximateNumberOfMessagesVisible",
                    "Maximum",
                    {"QueueName": f"cutover-{migration.name}-{queue}"},
                    "AWS/SQS",
                )
            },
            expression="waiting",
            threshold=environment.thresholds.dead_letters,
            silence="ignore",
        )
        for source, queue in queues.items()
    ]
