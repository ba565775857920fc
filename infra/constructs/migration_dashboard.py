"""The dashboard of a migration: v1 and v2 side by side, the migration, capacity and its cost."""

from collections.abc import Iterable, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.alarms import Told
from infra.constructs.migration_alarms import metric
from shared.model.declaration import TableDeclaration, TableToTable
from shared.model.environment import Environment
from shared.model.metrics import Metric
from shared.model.prices import DOLLARS_PER_READ_UNIT, DOLLARS_PER_WRITE_UNIT

WHOLE, HALF, THIRD = 24, 12, 8
"""Widths of widgets; a row has 24 columns."""
_MINUTE, _HOUR = 60, 3600

_LEFT = cloudwatch.GraphWidgetView.TIME_SERIES


class MigrationDashboard(Construct):
    """One page for the person on call, from what callers see down to what it costs."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        dashboard_name: str,
        migration: TableToTable,
        environment: Environment,
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, name)
        self._told = Told(migration.name)
        self._migration = migration
        self._environment = environment
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=dashboard_name,
            default_interval=Duration.hours(12),
            widgets=[
                [_heading(migration), _alarm_states(alarms)],
                self._callers(),
                self._sides(),
                self._progress(),
                self._found(),
                self._capacity(),
                self._cost(),
            ],
        )

    def _callers(self) -> list[cloudwatch.IWidget]:
        return [
            _graph("Requests and errors (5xx)", self._sums(Metric.REQUESTS, Metric.ERRORS)),
            _graph(
                "Writes, ms",
                [
                    *self._spread(Metric.WRITE_LATENCY),
                    self._of(Metric.DUAL_WRITE_ADDED, "p50"),
                ],
            ),
            _graph("Throttled requests of the API", self._sums(Metric.THROTTLES)),
        ]

    def _sides(self) -> list[cloudwatch.IWidget]:
        return [
            _graph(
                "Reads of one record, ms: v1 and v2",
                [
                    *self._spread(Metric.READ_LATENCY_V1),
                    *self._spread(Metric.READ_LATENCY_V2),
                    self._of(Metric.BASELINE_READ_LATENCY, "Maximum"),
                ],
                width=HALF,
            ),
            _graph(
                "Reads and failed reads: v1 and v2",
                self._sums(
                    Metric.READS_V1, Metric.READS_V2, Metric.READ_ERRORS_V1, Metric.READ_ERRORS_V2
                ),
                width=HALF,
            ),
        ]

    def _progress(self) -> list[cloudwatch.IWidget]:
        return [
            _graph("Progress, %", [self._of(Metric.PROGRESS, "Maximum")]),
            _graph("Records per second", [self._of(Metric.RECORDS_PER_SECOND, "Average")]),
            _graph("Seconds left", [self._of(Metric.SECONDS_LEFT, "Maximum")]),
        ]

    def _found(self) -> list[cloudwatch.IWidget]:
        shadow = (
            Metric.SHADOW_EQUAL,
            Metric.SHADOW_RACED,
            Metric.SHADOW_LAGGING,
            Metric.SHADOW_REAL,
            Metric.SHADOW_NOT_SENT,
        )
        ages = (Metric.CERTIFICATE_AGE, Metric.CHECKPOINT_AGE, Metric.TRIPWIRE_LAG)
        return [
            _graph(
                "Records that differ, or cannot move",
                [self._of(each, "Maximum") for each in (Metric.MISMATCHED, Metric.QUARANTINED)],
                width=6,
            ),
            _graph("Shadow reads", self._sums(*shadow), width=6),
            _graph("Ages, seconds", [self._of(each, "Maximum") for each in ages], width=6),
            _graph(
                "Writes that v2 follows later",
                self._sums(Metric.SYNCS_QUEUED, Metric.SYNCS_LOST),
                width=6,
            ),
        ]

    def _capacity(self) -> list[cloudwatch.IWidget]:
        tables = [
            _graph(f"{side}: units consumed, throttled requests", _usage(table))
            for side, table in self._tables()
        ]
        jobs = self._sums(Metric.WRITE_UNITS, Metric.THROTTLED)
        return [*tables, _graph("Backfill: write units, throttled pages", jobs)]

    def _cost(self) -> list[cloudwatch.IWidget]:
        """Return what the tables cost an hour at the price on demand, without their indexes."""
        return [
            _graph("Dollars an hour, on demand", [_price(*each) for each in self._tables()], HALF),
            cloudwatch.SingleValueWidget(
                title="Dollars in the last hour, on demand",
                metrics=[_price(*each) for each in self._tables()],
                width=HALF,
                height=6,
            ),
        ]

    def _tables(self) -> list[tuple[str, TableDeclaration]]:
        sides = [("v1", self._migration.source)] if self._environment.has_source else []
        return [*sides, ("v2", self._migration.target)]

    def _of(self, metric_: Metric, statistic: str) -> cloudwatch.Metric:
        return metric(self._told.of(metric_, statistic), _MINUTE).with_(
            label=f"{metric_.value} {statistic}"
        )

    def _sums(self, *metrics: Metric) -> list[cloudwatch.IMetric]:
        return [self._of(each, "Sum") for each in metrics]

    def _spread(self, metric_: Metric) -> list[cloudwatch.IMetric]:
        return [self._of(metric_, each) for each in ("p50", "p95")]


def _heading(migration: TableToTable) -> cloudwatch.IWidget:
    text = (
        f"# {migration.title}\n"
        f"`cutover status {migration.name}` says what is next. What an alarm means, and what to "
        "do about it: docs/alarms.md. The way home: "
        f'`cutover rollback {migration.name} --reason "…"`.'
    )
    return cloudwatch.TextWidget(markdown=text, width=HALF, height=4)


def _alarm_states(alarms: Sequence[cloudwatch.IAlarm]) -> cloudwatch.IWidget:
    return cloudwatch.AlarmStatusWidget(alarms=alarms, title="Alarms", width=HALF, height=4)


def _graph(
    title: str, left: Iterable[cloudwatch.IMetric], width: int = THIRD
) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=list(left), width=width, height=6, view=_LEFT)


def _usage(table: TableDeclaration) -> list[cloudwatch.IMetric]:
    names = (
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
    )
    return [_consumed(table, name, _MINUTE) for name in names]


def _consumed(table: TableDeclaration, name: str, period: int) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/DynamoDB",
        metric_name=name,
        dimensions_map={"TableName": table.name},
        statistic="Sum",
        period=Duration.seconds(period),
    )


def _price(side: str, table: TableDeclaration) -> cloudwatch.IMetric:
    return cloudwatch.MathExpression(
        expression=f"{side}r * {DOLLARS_PER_READ_UNIT} + {side}w * {DOLLARS_PER_WRITE_UNIT}",
        using_metrics={
            f"{side}r": _consumed(table, "ConsumedReadCapacityUnits", _HOUR),
            f"{side}w": _consumed(table, "ConsumedWriteCapacityUnits", _HOUR),
        },
        label=f"{side} ({table.name})",
        period=Duration.seconds(_HOUR),
    )
