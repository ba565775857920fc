"""AWS::CloudWatch and AWS::Logs types: alarms, metric filters, log groups that can be updated."""

from __future__ import annotations

from typing_extensions import override

from local.cloudformation.resource import Made, Properties, ResourceType
from local.places import ACCOUNT, REGION


class Alarm(ResourceType):
    """An alarm on a metric or an expression."""

    type_name = "AWS::CloudWatch::Alarm"
    name_property = "AlarmName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Put the alarm, which creates or changes it."""
        self.clients("cloudwatch").put_metric_alarm(**properties | {"AlarmName": name})
        return _alarm(name)

    @override
    def delete(self, made: Made) -> None:
        """Delete the alarm."""
        self.clients("cloudwatch").delete_alarms(AlarmNames=[made.physical_id])


class CompositeAlarm(Alarm):
    """An alarm on other alarms."""

    type_name = "AWS::CloudWatch::CompositeAlarm"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Put the alarm, which creates or changes it."""
        self.clients("cloudwatch").put_composite_alarm(**properties | {"AlarmName": name})
        return _alarm(name)


class Dashboard(ResourceType):
    """A dashboard, which is kept and shown by nobody."""

    type_name = "AWS::CloudWatch::Dashboard"
    name_property = "DashboardName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Put the dashboard, which creates or changes it."""
        body = properties["DashboardBody"]
        self.clients("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)
        return Made(name)

    @override
    def delete(self, made: Made) -> None:
        """Delete the dashboard."""
        self.clients("cloudwatch").delete_dashboards(DashboardNames=[made.physical_id])


class MetricFilter(ResourceType):
    """A metric read from log lines."""

    type_name = "AWS::Logs::MetricFilter"
    name_property = "FilterName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Put the filter, which creates or changes it."""
        transformations = [
            {key[0].lower() + key[1:]: value for key, value in transformation.items()}
            for transformation in properties["MetricTransformations"]
        ]
        self.clients("logs").put_metric_filter(
            logGroupName=properties["LogGroupName"],
            filterName=name,
            filterPattern=properties["FilterPattern"],
            metricTransformations=transformations,
        )
        return Made(name, {"LogGroupName": properties["LogGroupName"]})

    @override
    def delete(self, made: Made) -> None:
        """Delete the filter."""
        self.clients("logs").delete_metric_filter(
            logGroupName=made.attributes["LogGroupName"], filterName=made.physical_id
        )


class LogGroup(ResourceType):
    """A log group; moto's cannot be updated."""

    type_name = "AWS::Logs::LogGroup"
    name_property = "LogGroupName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the group and set how long it keeps events."""
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
        self.clients("logs").create_log_group(logGroupName=name, **({"tags": tags} if tags else {}))
        self._keep(name, properties)
        return Made(name, {"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"})

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Change how long events are kept; a new name is a new group."""
        if name != made.physical_id:
            return super().update(made, name, properties)
        self._keep(name, properties)
        return made

    @override
    def delete(self, made: Made) -> None:
        """Delete the group."""
        self.clients("logs").delete_log_group(logGroupName=made.physical_id)

    def _keep(self, name: str, properties: Properties) -> None:
        if "RetentionInDays" in properties:
            self.clients("logs").put_retention_policy(
                logGroupName=name, retentionInDays=int(properties["RetentionInDays"])
            )
        else:
            self.clients("logs").delete_retention_policy(logGroupName=name)


def _alarm(name: str) -> Made:
    return Made(name, {"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"})


TYPES = (Alarm, CompositeAlarm, Dashboard, MetricFilter, LogGroup)
