"""moto leaves an alarm in one state for ever; here it is evaluated, and its changes are told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Clients, eventually

Queue = tuple[str, str]


@pytest.fixture
def name() -> str:
    return f"alarm-{time.time_ns()}"


@pytest.fixture
def queue(clients: Clients, name: str) -> Iterator[Queue]:
    url = clients("sqs").create_queue(QueueName=f"of-{name}")["QueueUrl"]
    yield url, f"arn:aws:sqs:us-east-1:123456789012:of-{name}"
    clients("sqs").delete_queue(QueueUrl=url)


@pytest.fixture
def topic(clients: Clients, name: str, queue: Queue) -> str:
    """Make a topic whose messages the queue gets."""
    arn = clients("sns").create_topic(Name=f"of-{name}")["TopicArn"]
    clients("sns").subscribe(
        TopicArn=arn, Protocol="sqs", Endpoint=queue[1], Attributes={"RawMessageDelivery": "true"}
    )
    return str(arn)


@pytest.fixture
def heard(clients: Clients, queue: Queue) -> Callable[[], Any]:
    """Wait for the next message."""

    def receive() -> Any:
        ask = clients("sqs").receive_message
        (message,) = eventually(lambda: ask(QueueUrl=queue[0]).get("Messages"))
        clients("sqs").delete_message(QueueUrl=queue[0], ReceiptHandle=message["ReceiptHandle"])
        return json.loads(message["Body"])

    return receive


@pytest.fixture
def rule(clients: Clients, name: str, queue: Queue) -> Iterator[None]:
    """Send events of alarms that begin with the test's name to the queue."""
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {
            "alarmName": [{"prefix": name}],
            "state": {"value": ["ALARM", {"anything-but": ["INSUFFICIENT_DATA"]}]},
        },
    }
    events = clients("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "a", "Arn": queue[1]}])
    yield
    events.remove_targets(Rule=name, Ids=["a"])
    events.delete_rule(Name=name)


@pytest.fixture
def put_alarm(clients: Clients, name: str) -> Iterator[Callable[..., str]]:
    """Make an alarm on metric M of the namespace of its own name."""
    made: list[str] = []

    def put(**settings: Any) -> str:
        metric = {"Namespace": name, "MetricName": "M", "Statistic": "Sum", "Period": 10}
        limit = {
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 5,
            "EvaluationPeriods": 1,
            "TreatMissingData": "notBreaching",
        }
        chosen = {"AlarmName": name} | ({} if "Metrics" in settings else metric) | limit
        clients("cloudwatch").put_metric_alarm(**chosen | settings)
        made.append(name)
        return name

    yield put
    clients("cloudwatch").delete_alarms(AlarmNames=made)


@pytest.fixture
def measure(clients: Clients, name: str) -> Callable[..., None]:
    """Put values of metrics, all at the same moment."""

    def put(**metrics: list[float]) -> None:
        now = datetime.now(UTC)
        data = [
            {"MetricName": metric, "Values": values, "Timestamp": now}
            for metric, values in metrics.items()
        ]
        clients("cloudwatch").put_metric_data(Namespace=name, MetricData=data)

    return put


@pytest.fixture
def alarm(clients: Clients, name: str) -> Callable[..., Any]:
    """Describe the test's alarm."""

    def describe(kind: str = "MetricAlarm") -> Any:
        found = clients("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=[kind])
        (one,) = found[f"{kind}s"]
        return one

    return describe


@pytest.fixture
def reaches(clients: Clients, name: str) -> Callable[[str], Any]:
    """Wait for the test's alarm to come into a state, after those that were waited for before.

    It is read from the history, so that a state that was over soon is seen too.
    """
    seen: list[str] = []

    def wait(value: str) -> Any:
        def found() -> Any:
            ask = clients("cloudwatch").describe_alarm_history
            items = ask(AlarmName=name, MaxRecords=100)["AlarmHistoryItems"]
            states = [json.loads(item["HistoryData"])["newState"] for item in reversed(items)]
            for place, state in enumerate(states[len(seen) :], len(seen) + 1):
                if state["stateValue"] == value:
                    seen[:] = [one["stateValue"] for one in states[:place]]
                    return state
            return None

        return eventually(found)

    return wait


def test_an_alarm_fires_with_its_data_and_clears_without_and_says_why(
    clients: Clients, name: str, put_alarm: Any, measure: Any, alarm: Any, reaches: Any
) -> None:
    put_alarm()
    assert alarm()["StateValue"] in ("INSUFFICIENT_DATA", "OK")
    assert reaches("OK")
    measure(M=[4, 4])
    fired = reaches("ALARM")
    said = "Threshold Crossed: 1 out of the last 1 datapoints [8.0 ("
    assert fired["stateReason"].startswith(said)
    assert fired["stateReasonData"]["recentDatapoints"] == [8.0]
    cleared = reaches("OK")
    assert "no datapoints were received for 1 period" in cleared["stateReason"]
    assert alarm()["StateReason"] == cleared["stateReason"]
    history = clients("cloudwatch").describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from INSUFFICIENT_DATA to OK",
    ]


def test_an_alarm_on_an_expression_and_a_percentile_is_evaluated(
    name: str, put_alarm: Any, measure: Any, alarm: Any, reaches: Any
) -> None:
    def query(metric: str, stat: str) -> dict[str, Any]:
        place = {"Namespace": name, "MetricName": metric}
        wanted = {"Metric": place, "Period": 10, "Stat": stat}
        return {"Id": metric.lower(), "MetricStat": wanted, "ReturnData": False}

    expression = "IF(FILL(m2,0) > 2, 100*m1/m2, 0)"
    share = {"Id": "e1", "Expression": expression, "Label": "share of errors"}
    put_alarm(Metrics=[share, query("M1", "p95"), query("M2", "Sum")], Threshold=40)
    assert reaches("OK")
    measure(M1=[0, 2], M2=[1, 1, 2])
    assert "[50.0 (" in reaches("ALARM")["stateReason"]
    assert alarm()["Metrics"][0]["Expression"] == expression


def test_a_change_is_published_in_awss_shape(
    name: str, rule: None, put_alarm: Any, measure: Any, heard: Any
) -> None:
    put_alarm(AlarmDescription="too many", Dimensions=[])
    assert heard()["detail"]["state"]["value"] == "OK"
    measure(M=[9])
    event = heard()
    arn = f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"
    assert (event["source"], event["resources"]) == ("aws.cloudwatch", [arn])
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    detail = event["detail"]
    assert set(detail) == {"alarmName", "configuration", "previousState", "state"}
    assert detail["alarmName"] == name
    assert set(detail["state"]) == {"value", "reason", "reasonData", "timestamp"}
    assert (detail["previousState"]["value"], detail["state"]["value"]) == ("OK", "ALARM")
    (metric,) = detail["configuration"]["metrics"]
    assert metric["metricStat"] == {
        "metric": {"namespace": name, "name": "M", "dimensions": {}},
        "period": 10,
        "stat": "Sum",
    }
    assert detail["configuration"]["description"] == "too many"


def test_actions_tell_a_topic_unless_they_are_disabled(
    clients: Clients, topic: str, put_alarm: Any, measure: Any, heard: Any, reaches: Any
) -> None:
    name = put_alarm(AlarmActions=[topic])
    reaches("OK")
    measure(M=[9])
    message = heard()
    assert (message["AlarmName"], message["NewStateValue"]) == (name, "ALARM")
    assert message["OldStateValue"] == "OK"
    assert message["Trigger"]["MetricName"] == "M"
    clients("cloudwatch").disable_alarm_actions(AlarmNames=[name])
    reaches("OK")
    measure(M=[9])
    reaches("ALARM")
    clients("cloudwatch").enable_alarm_actions(AlarmNames=[name])
    reaches("OK")
    measure(M=[10])
    assert "[10.0 " in heard()["NewStateReason"]  # nothing came of the change between


def test_a_composite_alarm_follows_its_children_and_is_published(
    clients: Clients, name: str, rule: None, heard: Any, alarm: Any
) -> None:
    client, parts = clients("cloudwatch"), [f"part-{name}-{which}" for which in "ab"]
    for part in parts:
        client.put_metric_alarm(
            AlarmName=part,
            Namespace=name,
            MetricName=part,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
    either = f'ALARM("{parts[0]}") OR ALARM("{parts[1]}")'
    client.put_composite_alarm(AlarmName=name, AlarmRule=either, AlarmDescription="watch")
    assert heard()["detail"]["state"]["value"] == "OK"
    client.set_alarm_state(AlarmName=parts[1], StateValue="ALARM", StateReason="tried")
    detail = heard()["detail"]
    assert detail["state"]["value"] == "ALARM"
    assert detail["configuration"] == {"alarmRule": either, "description": "watch"}
    (trigger,) = json.loads(detail["state"]["reasonData"])["triggeringAlarms"]
    assert trigger["arn"].endswith(f":alarm:{parts[1]}")
    assert alarm("CompositeAlarm")["AlarmRule"] == either
    client.set_alarm_state(AlarmName=parts[1], StateValue="OK", StateReason="tried")
    assert heard()["detail"]["state"]["value"] == "OK"
    client.delete_alarms(AlarmNames=[name, *parts])


def test_a_state_that_is_set_is_published_and_lasts_until_the_next_look(
    clients: Clients, name: str, rule: None, put_alarm: Any, heard: Any, alarm: Any
) -> None:
    put_alarm()
    assert heard()["detail"]["state"]["value"] == "OK"
    clients("cloudwatch").set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="a drill", StateReasonData='{"a": 1}'
    )
    state = heard()["detail"]["state"]
    assert (state["value"], state["reason"], state["reasonData"]) == (
        "ALARM",
        "a drill",
        '{"a": 1}',
    )
    assert heard()["detail"]["state"]["value"] == "OK"
    assert alarm()["StateValue"] == "OK"


def test_an_alarm_without_data_is_in_want_of_it(put_alarm: Any, measure: Any, reaches: Any) -> None:
    put_alarm(TreatMissingData="missing")
    measure(M=[1])
    assert reaches("OK")
    assert "1 datapoint was unknown" in reaches("INSUFFICIENT_DATA")["stateReason"]


def test_what_cannot_be_evaluated_is_refused(clients: Clients, name: str, put_alarm: Any) -> None:
    with pytest.raises(ClientError, match="no function ANOMALY_DETECTION_BAND"):
        put_alarm(Metrics=[{"Id": "e1", "Expression": "ANOMALY_DETECTION_BAND(m1)"}])
    with pytest.raises(ClientError, match="does not exist"):
        clients("cloudwatch").set_alarm_state(AlarmName=name, StateValue="OK", StateReason="x")
    with pytest.raises(ClientError, match="do not exist"):
        clients("cloudwatch").put_composite_alarm(AlarmName=name, AlarmRule="ALARM(nobody)")


def template(name: str, threshold: int, *, board: str = "a") -> str:
    alarm = {
        "AlarmName": name,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": threshold,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "AlarmActions": [{"Ref": "Topic"}],
        "Metrics": [
            {"Id": "e1", "Expression": "100*m1/2", "Label": "share"},
            {
                "Id": "m1",
                "MetricStat": {
                    "Metric": {"Namespace": name, "MetricName": "M"},
                    "Period": 10,
                    "Stat": "Sum",
                },
                "ReturnData": False,
            },
        ],
    }
    rule = {"Fn::Join": ["", ['ALARM("', {"Fn::GetAtt": ["Alarm", "Arn"]}, '")']]}
    body = json.dumps({"widgets": [], "periodOverride": board})
    named = {"DashboardName": f"board-{name}", "DashboardBody": body}
    here = {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs"}
    queue = {"Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}, "RawMessageDelivery": board == "b"}
    parts = {
        "Topic": ("SNS::Topic", {"TopicName": name, "DisplayName": str(threshold)}),
        "Queue": ("SQS::Queue", {"QueueName": name}),
        "Subscription": ("SNS::Subscription", here | queue),
        "Alarm": ("CloudWatch::Alarm", alarm),
        "Any": ("CloudWatch::CompositeAlarm", {"AlarmName": f"{name}-any", "AlarmRule": rule}),
        "Board": ("CloudWatch::Dashboard", named),
    }
    resources = {
        key: {"Type": f"AWS::{kind}", "Properties": properties}
        for key, (kind, properties) in parts.items()
    }
    return json.dumps({"Resources": resources})


def test_alarms_topic_and_dashboard_in_a_template_are_made_changed_and_removed(
    clients: Clients, name: str, alarm: Any
) -> None:
    stacks, watch = clients("cloudformation"), clients("cloudwatch")
    stacks.create_stack(StackName=name, TemplateBody=template(name, 5))
    made = alarm()
    assert (made["Threshold"], made["DatapointsToAlarm"]) == (5.0, 2)
    (topic,) = made["AlarmActions"]
    composite = watch.describe_alarms(AlarmNames=[f"{name}-any"], AlarmTypes=["CompositeAlarm"])
    assert composite["CompositeAlarms"][0]["AlarmRule"] == f'ALARM("{made["AlarmArn"]}")'
    stacks.update_stack(StackName=name, TemplateBody=template(name, 7, board="b"))
    assert alarm()["Threshold"] == 7.0
    attributes = clients("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["DisplayName"] == "7"
    clients("sns").publish(TopicArn=topic, Message="raw")
    url = clients("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    (message,) = clients("sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "raw"
    board = watch.get_dashboard(DashboardName=f"board-{name}")["DashboardBody"]
    assert json.loads(board)["periodOverride"] == "b"
    stacks.delete_stack(StackName=name)
    assert watch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []
    assert topic not in [each["TopicArn"] for each in clients("sns").list_topics()["Topics"]]
