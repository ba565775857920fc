"""moto mixes metrics, has no percentiles or math, and makes no metric of what happens in it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from local.places import endpoint
from tests.local.conftest import Clients, eventually

Make = Callable[..., str]
_ALL_TIME = 1_000_000_000  # one period that no test can see the end of
NAMES = ["Sum", "Average", "Minimum", "Maximum", "SampleCount"]


def dimensions(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in given.items()]


@pytest.fixture
def statistics(clients: Clients) -> Callable[..., list[dict[str, Any]]]:
    """Give the last hour of a metric as one point for each unit that has any."""

    def get(namespace: str, name: str, *extended: str, **of: str) -> list[dict[str, Any]]:
        now = datetime.now(UTC)
        more = {"ExtendedStatistics": list(extended)} if extended else {}
        answer = clients("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=dimensions(of),
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=_ALL_TIME,
            Statistics=NAMES,
            **more,
        )
        return list(answer["Datapoints"])

    return get


@pytest.fixture
def total(statistics: Any) -> Callable[..., float]:
    """Give the sum of a metric over the last hour, nothing counted being zero."""

    def of(namespace: str, name: str, **where: str) -> float:
        return sum(point["Sum"] for point in statistics(namespace, name, **where))

    return of


def fresh() -> str:
    return f"name-{time.time_ns()}"


EMBEDDED = """
import json
import time

def handler(event, context):
    print(json.dumps({
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [{
            "Namespace": event["namespace"],
            "Dimensions": [["service"], ["service", "kind"]],
            "Metrics": [{"Name": "Lag", "Unit": "Seconds"}, {"Name": "Seen", "Unit": "Count"}],
        }]},
        "service": "tests", "kind": "slow", "Lag": [1, 2, 3, 10], "Seen": 4,
    }))
    print(json.dumps({"no": "metric"}))
"""


def test_what_a_function_prints_becomes_metrics_of_each_set_of_dimensions(
    make_function: Make, invoke: Any, statistics: Any
) -> None:
    namespace = fresh()
    invoke(make_function(EMBEDDED), {"namespace": namespace})
    eventually(lambda: statistics(namespace, "Seen", service="tests", kind="slow"))
    (lag,) = statistics(namespace, "Lag", "p50", "p95", service="tests")
    assert [lag[name] for name in NAMES] == [16.0, 4.0, 1.0, 10.0, 4.0]
    assert lag["ExtendedStatistics"] == {"p50": 2.0, "p95": 10.0}
    assert lag["Unit"] == "Seconds"
    (seen,) = statistics(namespace, "Seen", service="tests", kind="slow")
    assert (seen["Sum"], seen["Unit"]) == (4.0, "Count")
    assert statistics(namespace, "Seen", kind="slow") == []  # nobody put it by its kind alone


def test_metrics_of_powertools_are_taken_in(
    make_function: Make, invoke: Any, statistics: Any
) -> None:
    namespace = fresh()
    source = f"""
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

metrics = Metrics(namespace="{namespace}")
metrics.set_default_dimensions(migration="personnel")

@metrics.log_metrics
def handler(event, context):
    metrics.add_metric("Requests", MetricUnit.Count, 2)
"""
    invoke(make_function(source))
    (point,) = eventually(lambda: statistics(namespace, "Requests", migration="personnel"))
    assert (point["Sum"], point["Unit"]) == (2.0, "Count")


def test_a_metric_is_told_from_others_by_all_of_its_dimensions(
    clients: Clients, statistics: Any, total: Any
) -> None:
    namespace, client = fresh(), clients("cloudwatch")
    for table, index in (("a", "x"), ("a", "y"), ("b", "x")):
        datum = {
            "MetricName": "M",
            "Value": 1.0,
            "Dimensions": dimensions({"t": table, "i": index}),
        }
        client.put_metric_data(Namespace=namespace, MetricData=[datum])
    assert total(namespace, "M", t="a", i="x") == 1.0
    assert statistics(namespace, "M", t="a") == []
    listed = client.list_metrics(Namespace=namespace, Dimensions=dimensions({"t": "a"}))["Metrics"]
    assert len(listed) == 2


def test_values_counts_and_totals_are_put_alike(clients: Clients, statistics: Any) -> None:
    namespace, put = fresh(), clients("cloudwatch").put_metric_data
    put(Namespace=namespace, MetricData=[{"MetricName": "A", "Values": [1, 5], "Counts": [3, 1]}])
    totals = {"SampleCount": 4, "Sum": 8, "Minimum": 1, "Maximum": 5}
    put(Namespace=namespace, MetricData=[{"MetricName": "B", "StatisticValues": totals}])
    (one,), (other,) = statistics(namespace, "A", "p75"), statistics(namespace, "B", "p75")
    assert [one[name] for name in NAMES] == [other[name] for name in NAMES]
    assert one["ExtendedStatistics"] == {"p75": 1.0}
    assert "ExtendedStatistics" not in other  # nobody knows the values of a total


def ask(clients: Clients, namespace: str, expression: str) -> list[dict[str, Any]]:
    metric = {"Namespace": namespace, "MetricName": "M"}
    now = datetime.now(UTC)
    answer = clients("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {"Id": "e1", "Expression": expression, "Label": "twice"},
            {
                "Id": "m1",
                "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p90"},
                "ReturnData": False,
            },
        ],
        StartTime=now - timedelta(minutes=30),
        EndTime=now + timedelta(minutes=1),
        ScanBy="TimestampAscending",
    )
    return list(answer["MetricDataResults"])


def test_an_expression_is_calculated_over_aligned_periods(clients: Clients) -> None:
    namespace = fresh()
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
    for offset, value in ((5, 1.0), (50, 4.0), (70, 3.0)):
        stamp = minute + timedelta(seconds=offset)
        datum = {"MetricName": "M", "Value": value, "Timestamp": stamp}
        clients("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])
    (result,) = ask(clients, namespace, "m1 * 2")
    assert (result["Id"], result["Label"]) == ("e1", "twice")
    assert result["Timestamps"] == [minute, minute + timedelta(minutes=1)]
    assert result["Values"] == [8.0, 6.0]


def test_a_query_that_cannot_be_answered_is_refused(clients: Clients) -> None:
    with pytest.raises(ClientError, match="no function SEARCH"):
        ask(clients, fresh(), "SEARCH(m1)")


def test_invocations_errors_throttles_and_durations_are_counted(
    clients: Clients, make_function: Make, invoke: Any, statistics: Any, total: Any
) -> None:
    source = "import time\ndef handler(e, c):\n time.sleep(0.2)\n assert not e\n"
    name = make_function(source)
    invoke(name)
    invoke(name, {"fail": True})
    (errors,) = statistics("AWS/Lambda", "Errors", FunctionName=name)
    assert (errors["Sum"], errors["SampleCount"]) == (1.0, 2.0)
    (duration,) = statistics("AWS/Lambda", "Duration", FunctionName=name)
    assert duration["Minimum"] >= 200.0
    clients("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequests"):
        invoke(name)
    assert total("AWS/Lambda", "Throttles", FunctionName=name) >= 1.0
    assert total("AWS/Lambda", "Invocations", FunctionName=name) == 2.0


def test_a_queue_tells_its_length_and_age(clients: Clients, statistics: Any) -> None:
    name, sqs = fresh(), clients("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="x")

    def highest(metric: str) -> float:
        points = statistics("AWS/SQS", metric, QueueName=name)
        return max((point["Maximum"] for point in points), default=0.0)

    assert eventually(lambda: highest("ApproximateNumberOfMessagesVisible")) == 3.0
    assert eventually(lambda: highest("ApproximateAgeOfOldestMessage") > 1.0)
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def table(clients: Clients) -> Any:
    name = fresh()
    clients("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    clients("dynamodb").delete_table(TableName=name)


def test_a_table_tells_what_it_consumes_and_refuses(
    clients: Clients, table: str, total: Any
) -> None:
    client = clients("dynamodb")
    item = {"pk": {"S": "a"}, "text": {"S": "x" * 1500}}
    client.put_item(TableName=table, Item=item)
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
    client.get_item(TableName=table, Key={"pk": {"S": "a"}}, ConsistentRead=True)
    assert total("AWS/DynamoDB", "ConsumedWriteCapacityUnits", TableName=table) == 4.0
    assert total("AWS/DynamoDB", "ConsumedReadCapacityUnits", TableName=table) == 1.0
    assert total("AWS/DynamoDB", "ConditionalCheckFailedRequests", TableName=table) == 1.0


def test_faults_at_a_table_are_counted_as_throttles_and_system_errors(
    clients: Clients, port: int, table: str, total: Any
) -> None:
    def wish(**shares: float) -> None:
        page = f"{endpoint(port)}/_cutover/faults"
        urllib3.request("PUT", page, body=json.dumps({"tables": [table], **shares}).encode())

    for shares in ({"throttle": 1.0}, {"refuse": 1.0}):
        wish(**shares)
        with pytest.raises(ClientError):
            clients("dynamodb").put_item(TableName=table, Item={"pk": {"S": "a"}})
    wish()
    where = {"TableName": table, "Operation": "PutItem"}
    assert total("AWS/DynamoDB", "ThrottledRequests", **where) >= 1.0
    assert total("AWS/DynamoDB", "WriteThrottleEvents", TableName=table) >= 1.0
    assert total("AWS/DynamoDB", "SystemErrors", **where) >= 1.0


def test_a_failed_execution_is_counted_at_its_state_machine(
    clients: Clients, role: str, total: Any
) -> None:
    client = clients("stepfunctions")
    states = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "No"}}}
    machine = client.create_state_machine(name=fresh(), definition=json.dumps(states), roleArn=role)
    arn = machine["stateMachineArn"]
    client.start_execution(stateMachineArn=arn)
    assert eventually(lambda: total("AWS/States", "ExecutionsFailed", StateMachineArn=arn)) == 1.0
    assert total("AWS/States", "ExecutionsSucceeded", StateMachineArn=arn) == 0.0
