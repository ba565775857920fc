"""The alarms that every kind of migration has: its API, its runs, its functions, its queues."""

from collections.abc import Mapping
from math import ceil

from infra.alarms.rule import AlarmRule, Severity, Told
from shared.model.environment import Environment, Thresholds
from shared.model.metrics import Metric

ALARM_QUEUE = {"alarm": "answer-alarm-failed"}
"""Who may give something up, and the end of the name of the queue that it then lies in."""


def shared_rules(
    told: Told, environment: Environment, *, serves: bool, queues: Mapping[str, str]
) -> list[AlarmRule]:
    """Return the alarms of any migration; `serves` says whether it has an API."""
    limits = environment.thresholds
    return [
        *_errors(told, limits),
        *_creates(told, limits),
        _stale_checkpoint(told, limits),
        *(_api_dies(told, limits),) * serves,
        _observer_dies(told),
        *(_dead_letters(told, limits, *each) for each in queues.items()),
    ]


def failing(limits: Thresholds) -> str:
    """Return the expression of how many of `all` have `failed`, in per cent."""
    return f"IF(all >= {limits.minimum}, 100 * failed / all, 0)"


def _errors(told: Told, limits: Thresholds) -> list[AlarmRule]:
    requests = {
        "failed": told.of(Metric.ERRORS, "Sum"),
        "all": told.of(Metric.REQUESTS, "Sum"),
    }
    return [
        AlarmRule(
            what=f"errors-{severity}",
            severity=severity,
            says=f"More than {limit:g} % of the API's requests fail (5xx).",
            series=requests,
            expression=failing(limits),
            threshold=limit,
            sustained=True,
            needs_source=False,
        )
        for severity, limit in _severities(limits.errors_critical, limits.errors_warning)
    ]


def _severities(critical: float, warning: float) -> tuple[tuple[Severity, float], ...]:
    return (("critical", critical), ("warning", warning))


def _creates(told: Told, limits: Thresholds) -> list[AlarmRule]:
    """Return the alarm on creates where they are watched: as many as one failure is no breach."""
    allowed = 100 - limits.creates_succeed
    if not limits.creates_succeed:
        return []
    enough = max(limits.minimum, ceil(100 / allowed)) if allowed else limits.minimum
    return [
        AlarmRule(
            what="creates-fail",
            severity="critical",
            says=f"Less than {limits.creates_succeed:g} % of the creates succeed.",
            series={
                "failed": told.of(Metric.CREATES_FAILED, "Sum"),
                "all": told.of(Metric.CREATES, "Sum"),
            },
            expression=f"IF(all >= {enough}, 100 * failed / all, 0)",
            threshold=allowed,
            period=limits.creates_over,
            needs_source=False,
        )
    ]


def _stale_checkpoint(told: Told, limits: Thresholds) -> AlarmRule:
    return AlarmRule(
        what="stale-checkpoint",
        severity="warning",
        says=f"A run is under way, and no worker got on for {limits.stale_checkpoint:g} s.",
        series={"age": told.of(Metric.CHECKPOINT_AGE, "Maximum")},
        expression="age",
        threshold=limits.stale_checkpoint,
        silence="ignore",
    )


def _api_dies(told: Told, limits: Thresholds) -> AlarmRule:
    """Return the alarm on calls that end without printing a metric: a crash, a timeout."""
    return AlarmRule(
        what="api-dies",
        severity="critical",
        says=f"More than {limits.errors_critical:g} % of the API's calls end without an answer.",
        series={
            "died": told.invoked("serve-records", "Errors"),
            "all": told.invoked("serve-records", "Invocations"),
        },
        expression=f"IF(all >= {limits.minimum}, 100 * died / all, 0)",
        threshold=limits.errors_critical,
        sustained=True,
        needs_source=False,
    )


def _observer_dies(told: Told) -> AlarmRule:
    return AlarmRule(
        what="observer-dies",
        severity="warning",
        says="The function that tells the migration's state fails: its alarms stand still.",
        series={"died": told.invoked("observe-migration", "Errors")},
        expression="died",
        threshold=0,
    )


def _dead_letters(told: Told, limits: Thresholds, source: str, queue: str) -> AlarmRule:
    return AlarmRule(
        what=f"dead-letters-{source}",
        severity="warning",
        says=f"The {source} gave up on something: it lies in a queue until a person looks.",
        series={"waiting": told.waiting(queue)},
        expression="waiting",
        threshold=limits.dead_letters,
        silence="ignore",
    )
