"""The alarms and the dashboard: what each looks at, how grave it is, and whom it tells."""

import json
import re

import pytest

from infra.alarms.paired import QUEUES, paired_rules
from shared.model.environment import Thresholds
from shared.model.metrics import NAMESPACE, Metric

STACK = "Observability"
ALARM, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
PREFIX = "cutover-personnel-"
TOPIC = "arn:aws:sns:eu-central-1:210987654321:cutover-notifications"
CRITICAL = {
    "api-dies",
    "errors-critical",
    "latency-above-baseline",
    "latency-degraded",
    "latency-p95",
    "read-errors-v2",
    "shadow-real",
    "validation-errors",
}


def alarms(assembly):
    found = assembly.named(ALARM, "AlarmName", STACK)
    return {name.removeprefix(PREFIX): alarm for name, alarm in found.items()}


def metrics_of(alarm):
    """Return the metrics that an alarm looks at, by itself or in a calculation."""
    if "MetricName" in alarm:
        return [alarm]
    stats = [each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each]
    return [{**each["Metric"], "Period": each["Period"]} for each in stats]


def expression_of(alarm):
    [found] = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    return found


def test_alarms_when_synthesised_are_the_rules_one_each(production, personnel):
    rules = paired_rules(personnel, personnel.environments[0])
    assert set(alarms(production)) == {rule.what for rule in rules}


def test_watch_when_synthesised_goes_off_with_every_critical_alarm_and_no_other(production):
    [(_, watch)] = production.resources(COMPOSITE)
    assert watch["AlarmName"] == "cutover-personnel-watch"
    rule = watch["AlarmRule"]
    named = re.findall(r'ALARM\("cutover-personnel-([\w-]+)"\)', rule)
    assert set(named) == CRITICAL
    assert rule == " OR ".join(f'ALARM("{PREFIX}{name}")' for name in named)
    [resource] = production.whole(COMPOSITE)
    assert len(resource["DependsOn"]) == len(CRITICAL)


def test_alarms_when_synthesised_tell_the_topic_and_point_to_their_entry(production):
    [(_, watch)] = production.resources(COMPOSITE)
    for what, alarm in {**alarms(production), "watch": watch}.items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [TOPIC]
        assert alarm["AlarmDescription"].endswith(f" docs/alarms.md#{what}")
        assert alarm.get("ActionsEnabled", True)


@pytest.mark.parametrize(
    ("what", "threshold"),
    [
        ("errors-critical", 5),
        ("errors-warning", 1),
        ("read-errors-v2", 5),
        ("latency-p95", 500),
        ("latency-degraded", 50),
        ("latency-above-baseline", 50),
        ("validation-errors", 0),
        ("shadow-real", 0),
        *((f"dead-letters-{source}", 0) for source in QUEUES),
        ("stale-checkpoint", 900),
        ("tripwire-lag", 300),
        ("certificate-age", 24 * 3600),
    ],
)
def test_thresholds_when_nothing_else_is_declared_are_those_of_the_runbooks(
    production, what, threshold
):
    alarm = alarms(production)[what]
    assert alarm["Threshold"] == threshold
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_metrics_when_looked_at_have_the_two_dimensions_that_functions_tell(production):
    wanted = [
        {"Name": "migration", "Value": "personnel"},
        {"Name": "service", "Value": "cutover-personnel"},
    ]
    functions = production.named("AWS::Lambda::Function", "FunctionName")
    services = {
        each["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for each in functions.values()
    }
    assert services == {"cutover-personnel"}
    for alarm in alarms(production).values():
        for metric in metrics_of(alarm):
            assert metric["Period"] % 60 == 0
            if metric["Namespace"] == NAMESPACE:
                assert metric["Dimensions"] == wanted
                assert metric["MetricName"] in set(Metric)


def test_rates_and_latencies_when_for_a_moment_only_are_no_alarm(production):
    for what, alarm in alarms(production).items():
        kept = (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"])
        lasting = what.startswith(("api-dies", "errors", "read-errors", "latency"))
        assert kept == ((5, 3) if lasting else (1, 1)), what


def test_state_when_nobody_tells_it_stays_as_it_was_told_and_traffic_that_ends_is_no_alarm(
    production,
):
    kept = {
        what for what, each in alarms(production).items() if each["TreatMissingData"] == "ignore"
    }
    assert kept == {
        "validation-errors",
        "stale-checkpoint",
        "certificate-age",
        *(f"dead-letters-{source}" for source in QUEUES),
    }
    others = [each for what, each in alarms(production).items() if what not in kept]
    assert {each["TreatMissingData"] for each in others} == {"notBreaching"}


def test_alarms_on_functions_that_die_look_at_functions_that_are_deployed(production):
    deployed = set(production.named("AWS::Lambda::Function", "FunctionName"))
    looked_at = {
        dimension["Value"]
        for alarm in alarms(production).values()
        for metric in metrics_of(alarm)
        for dimension in metric["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }
    assert looked_at == {f"{PREFIX}serve-records", f"{PREFIX}observe-migration"}
    assert looked_at <= deployed


def test_queues_of_what_was_given_up_when_deployed_are_each_watched(production):
    failed = {
        name.removeprefix(PREFIX)
        for name in production.named("AWS::SQS::Queue", "QueueName")
        if name.endswith("-failed")
    }
    assert failed == set(QUEUES.values())


def test_the_queue_of_syncs_when_there_is_one_is_watched_too(following):
    failed = following.named("AWS::SQS::Queue", "QueueName").keys() & {f"{PREFIX}syncs-failed"}
    assert len(failed) == 1
    assert "dead-letters-sync" in alarms(following)


def test_alarms_when_deployed_locally_look_at_seconds(local):
    periods = {each["Period"] for alarm in alarms(local).values() for each in metrics_of(alarm)}
    assert periods == {10}


def test_alarms_when_v1_is_declared_as_deleted_are_those_of_v2_alone(dropped):
    assert set(alarms(dropped)) == {
        "api-dies",
        "errors-critical",
        "errors-warning",
        "read-errors-v2",
        "latency-p95",
    }


def test_thresholds_when_declared_are_for_rates_beyond_chance():
    limits = Thresholds()
    assert limits.datapoints <= limits.evaluations
    assert limits.errors_warning < limits.errors_critical
    assert limits.latency_within < limits.degradation


# -- the dashboard


def body(assembly):
    """Return the dashboard's body, with what the deployment fills in left out."""
    [(_, dashboard)] = assembly.resources("AWS::CloudWatch::Dashboard")
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    return json.loads("".join(part if isinstance(part, str) else "?" for part in parts))


def told(assembly):
    """Return the metrics that the dashboard shows: their namespaces and names."""
    found = set()
    for widget in body(assembly)["widgets"]:
        for row in widget["properties"].get("metrics", []):
            if isinstance(row[0], str):
                found.add((row[0], row[1]))
    return found


def test_dashboard_when_synthesised_shows_every_metric_and_the_capacity_of_both_tables(production):
    shown = told(production)
    assert {metric.value for metric in Metric} <= {
        name for space, name in shown if space == NAMESPACE
    }
    assert ("AWS/DynamoDB", "ConsumedWriteCapacityUnits") in shown
    text = json.dumps(body(production))
    assert "sitelogix-personnel-v2" in text
    assert '"sitelogix-personnel"' in text
    assert "v1r * 0.000000125 + v1w * 0.000000625" in text, "an exponent would name a metric e"


def test_dashboard_when_synthesised_shows_all_alarms_and_has_its_name(production):
    [states] = [each for each in body(production)["widgets"] if each["type"] == "alarm"]
    assert len(states["properties"]["alarms"]) == len(alarms(production)) + 1
    [(_, dashboard)] = production.resources("AWS::CloudWatch::Dashboard")
    assert dashboard["DashboardName"] == "cutover-personnel"


def test_dashboard_when_v1_is_declared_as_deleted_shows_v2_alone(dropped):
    assert '"sitelogix-personnel"' not in json.dumps(body(dropped))
