"""The alarms of a migration in CloudWatch, and the one over the critical ones."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.alarms.rule import WATCH, AlarmRule, Series, alarm_name
from shared.model.environment import Thresholds

_SILENCE = {
    "notBreaching": cloudwatch.TreatMissingData.NOT_BREACHING,
    "ignore": cloudwatch.TreatMissingData.IGNORE,
}


class MigrationAlarms(Construct):
    """One alarm per rule; a topic hears when one goes off and when it is over."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        migration: str,
        rules: Sequence[AlarmRule],
        thresholds: Thresholds,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, name)
        self._migration = migration
        self._thresholds = thresholds
        self._told = actions.SnsAction(topic)
        self.alarms = {rule.what: self._alarm(rule) for rule in rules}
        critical = [rule for rule in rules if rule.severity == "critical"]
        self.watch = self._watch(critical)

    def _alarm(self, rule: AlarmRule) -> cloudwatch.Alarm:
        limits, sustained = self._thresholds, rule.sustained
        alarm = cloudwatch.Alarm(
            self,
            rule.what,
            alarm_name=rule.name(self._migration),
            alarm_description=rule.described,
            metric=expression(rule, rule.period or limits.period),
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=rule.threshold,
            evaluation_periods=limits.evaluations if sustained else 1,
            datapoints_to_alarm=limits.datapoints if sustained else 1,
            treat_missing_data=_SILENCE[rule.silence],
        )
        self._tell(alarm)
        return alarm

    def _watch(self, rules: Sequence[AlarmRule]) -> cloudwatch.CompositeAlarm:
        """Return the alarm that goes off with any of the critical ones, which it names."""
        any_of = " OR ".join(f'ALARM("{rule.name(self._migration)}")' for rule in rules)
        watch = cloudwatch.CompositeAlarm(
            self,
            WATCH,
            composite_alarm_name=alarm_name(self._migration, WATCH),
            alarm_description="A critical alarm went off; in a watched phase readers go home."
            f" docs/alarms.md#{WATCH}",
            alarm_rule=cloudwatch.AlarmRule.from_string(any_of),
        )
        watch.node.add_dependency(*(self.alarms[rule.what] for rule in rules))
        self._tell(watch)
        return watch

    def _tell(self, alarm: cloudwatch.AlarmBase) -> None:
        alarm.add_alarm_action(self._told)
        alarm.add_ok_action(self._told)


def metric(series: Series, period: int) -> cloudwatch.Metric:
    """Return a series as CloudWatch is asked for it; `period` is in seconds."""
    return cloudwatch.Metric(
        namespace=series.namespace,
        metric_name=series.metric,
        dimensions_map=dict(series.dimensions),
        statistic=series.statistic,
        period=Duration.seconds(period),
    )


def expression(rule: AlarmRule, period: int) -> cloudwatch.IMetric:
    """Return what an alarm looks at: a metric by itself, or what is calculated from some."""
    if rule.expression in rule.series:
        return metric(rule.series[rule.expression], period)
    return cloudwatch.MathExpression(
        expression=rule.expression,
        using_metrics={name: metric(each, period) for name, each in rule.series.items()},
        label=rule.what,
        period=Duration.seconds(period),
    )
