"""The dashboard of a migration: its tables side by side, its progress, capacity and cost."""

from collections.abc import Iterable, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.alarms.rule import Told
from infra.constructs.migration_alarms import metric
from infra.kinds import Kind
from shared.model.declaration import Migration, TableDeclaration
from shared.model.metrics import Metric
from shared.model.prices import DOLLARS_PER_READ_UNIT, DOLLARS_PER_WRITE_UNIT

WHOLE, HALF = 24, 12
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
        migration: Migration,
        kind: Kind,
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, name)
        self._told = Told(migration.name)
        self._kind = kind
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
        asked = (Metric.REQUESTS, Metric.ERRORS, Metric.CREATES, Metric.CREATES_FAILED)
        return _row(
            ("Requests and errors (5xx), creates", self._sums(*asked)),
            (
                "Writes, ms",
                [
                    *self._spread(Metric.WRITE_LATENCY),
                    *self._of(Metric.DUAL_WRITE_ADDED, "p50"),
                ],
            ),
            ("Throttled requests of the API", self._sums(Metric.THROTTLES)),
        )

    def _sides(self) -> list[cloudwatch.IWidget]:
        tables = " and ".join(self._kind.tables)
        reads = (Metric.READS_V1, Metric.READS_V2, Metric.READ_ERRORS_V1, Metric.READ_ERRORS_V2)
        return _row(
            (
                f"Reads of one record, ms: {tables}",
                [
                    *self._spread(Metric.READ_LATENCY_V1),
                    *self._spread(Metric.READ_LATENCY_V2),
                    *self._of(Metric.BASELINE_READ_LATENCY, "Maximum"),
                ],
            ),
            (f"Reads and failed reads: {tables}", self._sums(*reads)),
        )

    def _progress(self) -> list[cloudwatch.IWidget]:
        return _row(
            ("Progress, %", self._of(Metric.PROGRESS, "Maximum")),
            ("Records per second", self._of(Metric.RECORDS_PER_SECOND, "Average")),
            ("Seconds left", self._of(Metric.SECONDS_LEFT, "Maximum")),
        )

    def _found(self) -> list[cloudwatch.IWidget]:
        shadow = (
            Metric.SHADOW_EQUAL,
            Metric.SHADOW_RACED,
            Metric.SHADOW_LAGGING,
            Metric.SHADOW_REAL,
            Metric.SHADOW_NOT_SENT,
        )
        ages = (Metric.CERTIFICATE_AGE, Metric.CHECKPOINT_AGE, Metric.TRIPWIRE_LAG)
        held = (Metric.MISMATCHED, Metric.QUARANTINED)
        return _row(
            ("Records that are not right, or cannot move", self._most(*held)),
            ("Shadow reads", self._sums(*shadow)),
            ("Ages, seconds", self._most(*ages)),
            ("Writes that v2 follows later", self._sums(Metric.SYNCS_QUEUED, Metric.SYNCS_LOST)),
        )

    def _capacity(self) -> list[cloudwatch.IWidget]:
        tables = [
            (f"{side}: units consumed, throttled requests", _usage(table))
            for side, table in self._kind.tables.items()
        ]
        jobs = self._sums(Metric.WRITE_UNITS, Metric.THROTTLED)
        return _row(*tables, ("Backfill: write units, throttled pages", jobs))

    def _cost(self) -> list[cloudwatch.IWidget]:
        """Return what the tables cost an hour at the price on demand, without their indexes."""
        prices = [_price(*each) for each in self._kind.tables.items()]
        return [
            _graph("Dollars an hour, on demand", prices, HALF),
            cloudwatch.SingleValueWidget(
                title="Dollars in the last hour, on demand",
                metrics=prices,
                width=HALF,
                height=6,
            ),
        ]

    def _of(self, metric_: Metric, *statistics: str) -> list[cloudwatch.IMetric]:
        """Return statistics of a metric; of one that nobody tells there are none."""
        return [
            metric(self._told.of(metric_, each), _MINUTE).with_(label=f"{metric_.value} {each}")
            for each in statistics
            if metric_ not in self._kind.untold
        ]

    def _sums(self, *metrics: Metric) -> list[cloudwatch.IMetric]:
        return [line for each in metrics for line in self._of(each, "Sum")]

    def _most(self, *metrics: Metric) -> list[cloudwatch.IMetric]:
        return [line for each in metrics for line in self._of(each, "Maximum")]

    def _spread(self, metric_: Metric) -> list[cloudwatch.IMetric]:
        return self._of(metric_, "p50", "p95")


def _heading(migration: Migration) -> cloudwatch.IWidget:
    text = (
        f"# {migration.title}\n"
        f"`cutover status {migration.name}` says what is next. What an alarm means, and what to "
        "do about it: docs/alarms.md. The way home: "
        f'`cutover rollback {migration.name} --reason "…"`.'
    )
    return cloudwatch.TextWidget(markdown=text, width=HALF, height=4)


def _alarm_states(alarms: Sequence[cloudwatch.IAlarm]) -> cloudwatch.IWidget:
    return cloudwatch.AlarmStatusWidget(alarms=alarms, title="Alarms", width=HALF, height=4)


def _row(*graphs: tuple[str, Sequence[cloudwatch.IMetric]]) -> list[cloudwatch.IWidget]:
    """Return a row of graphs by their titles; one without a line is left out."""
    shown = [(title, lines) for title, lines in graphs if lines]
    return [_graph(title, lines, WHOLE // len(shown)) for title, lines in shown]


def _graph(title: str, left: Iterable[cloudwatch.IMetric], width: int) -> cloudwatch.IWidget:
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
    read, write = f"{DOLLARS_PER_READ_UNIT:.9f}", f"{DOLLARS_PER_WRITE_UNIT:.9f}"
    return cloudwatch.MathExpression(
        expression=f"{side}r * {read} + {side}w * {write}",
        using_metrics={
            f"{side}r": _consumed(table, "ConsumedReadCapacityUnits", _HOUR),
            f"{side}w": _consumed(table, "ConsumedWriteCapacityUnits", _HOUR),
        },
        label=f"{side} ({table.name})",
        period=Duration.seconds(_HOUR),
    )
