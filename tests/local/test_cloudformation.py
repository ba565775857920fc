"""Deploy, change, break and destroy an app that has every type of resource that cutover uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import toolkit
from local.emptying import empty_doomed_buckets
from local.places import Places
from tests.local.conftest import SPIKE, Clients, outputs

Deploy = Callable[..., None]


@pytest.fixture(autouse=True)
def _first_stage(spike: dict[str, str]) -> None:
    """Have the first stage deployed before anything here."""


def echo(clients: Clients) -> Any:
    answer = clients("lambda").invoke(FunctionName="spike-echo", Payload="{}")
    return json.loads(answer["Payload"].read())


def test_the_table_has_what_moto_drops(clients: Clients) -> None:
    client = clients("dynamodb")
    backups = client.describe_continuous_backups(TableName="spike-table")
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    table = client.describe_table(TableName="spike-table")["Table"]
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_a_put_passes_although_the_bucket_enforces_ssl(clients: Clients) -> None:
    client = clients("s3")
    client.put_object(Bucket="spike-archive", Key="one", Body=b"1")
    assert client.get_object(Bucket="spike-archive", Key="one")["Body"].read() == b"1"
    client.delete_object(Bucket="spike-archive", Key="one")
    for version in client.list_object_versions(Bucket="spike-archive").get("Versions", []):
        client.delete_object(
            Bucket="spike-archive", Key=version["Key"], VersionId=version["VersionId"]
        )
    for marker in client.list_object_versions(Bucket="spike-archive").get("DeleteMarkers", []):
        client.delete_object(
            Bucket="spike-archive", Key=marker["Key"], VersionId=marker["VersionId"]
        )


def test_the_bucket_has_its_versions_and_lifecycle(clients: Clients) -> None:
    client = clients("s3")
    assert client.get_bucket_versioning(Bucket="spike-archive")["Status"] == "Enabled"
    (rule,) = client.get_bucket_lifecycle_configuration(Bucket="spike-archive")["Rules"]
    assert (rule["Expiration"]["Days"], rule["Filter"]["Prefix"]) == (30, "snap/")


def test_the_secret_was_generated(clients: Clients) -> None:
    secret = clients("secretsmanager").get_secret_value(SecretId="spike-secret")
    assert len(secret["SecretString"]) == 40


def test_what_watches_is_there(clients: Clients) -> None:
    alarms = clients("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert "spike-errors" in [alarm["AlarmName"] for alarm in alarms["MetricAlarms"]]
    assert "spike-any" in [alarm["AlarmName"] for alarm in alarms["CompositeAlarms"]]
    filters = clients("logs").describe_metric_filters(logGroupName="/aws/lambda/spike-echo")
    assert [one["filterName"] for one in filters["metricFilters"]] == ["spike-failures"]
    assert clients("cloudwatch").get_dashboard(DashboardName="spike")["DashboardBody"]


def test_the_topic_reaches_its_subscriber(clients: Clients) -> None:
    listed = [each["TopicArn"] for each in clients("sns").list_topics()["Topics"]]
    (topic,) = [arn for arn in listed if arn.endswith(":spike-topic")]
    clients("sns").publish(TopicArn=topic, Message="hello")
    queue = clients("sqs").get_queue_url(QueueName="spike-queue")["QueueUrl"]
    (message,) = clients("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["Message"] == "hello"


def test_the_function_has_its_layer_and_the_alias_a_version(clients: Clients) -> None:
    settings = clients("lambda").get_function_configuration(FunctionName="spike-echo")
    assert len(settings["Layers"]) == 1
    assert settings["Architectures"] == ["arm64"]
    answer = clients("lambda").invoke(FunctionName="spike-echo", Qualifier="live")
    assert answer["ExecutedVersion"] == "1"


def test_a_second_deployment_changes_code_environment_layer_and_machine(
    deploy_spike: Deploy, clients: Clients
) -> None:
    before = outputs(clients)
    layer = clients("lambda").get_function_configuration(FunctionName="spike-echo")["Layers"]
    deploy_spike("stage=2")
    try:
        assert {key: echo(clients)[key] for key in ("code", "stage")} == {"code": 2, "stage": "2"}
        now = clients("lambda").get_function_configuration(FunctionName="spike-echo")["Layers"]
        assert now != layer  # the function's own text says the same as before: Ref of the layer
        alias = clients("lambda").get_alias(FunctionName="spike-echo", Name="live")
        assert alias["FunctionVersion"] == "2"
        machine = clients("stepfunctions").describe_state_machine(
            stateMachineArn=before["MachineArn"]
        )
        assert '"stage":2' in machine["definition"]
        table = clients("dynamodb").describe_table(TableName="spike-table")["Table"]
        names = {index["IndexName"] for index in table["GlobalSecondaryIndexes"]}
        assert names == {"ByName", "ByTeam"}
        groups = clients("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/spike-echo")
        assert groups["logGroups"][0]["retentionInDays"] == 1
        assert outputs(clients) == before
    finally:
        deploy_spike("stage=1")
    assert echo(clients)["code"] == 1


def test_an_unknown_type_fails_the_stack_and_says_which(
    deploy_spike: Deploy, clients: Clients
) -> None:
    with pytest.raises(toolkit.ToolkitFailed, match="AWS::Odd::Thing is unknown"):
        deploy_spike("broken=1")
    (stack,) = clients("cloudformation").describe_stacks(StackName="SpikeBroken")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    clients("cloudformation").delete_stack(StackName="SpikeBroken")


def template(**resources: Any) -> str:
    return json.dumps({"Resources": resources})


def test_a_failed_creation_leaves_nothing_behind(clients: Clients) -> None:
    client = clients("cloudformation")
    body = template(
        Queue={"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "left-behind"}},
        Odd={"Type": "AWS::Odd::Thing", "DependsOn": "Queue"},
    )
    client.create_stack(StackName="half", TemplateBody=body)
    (stack,) = client.describe_stacks(StackName="half")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    with pytest.raises(ClientError, match="NonExistentQueue"):
        clients("sqs").get_queue_url(QueueName="left-behind")
    client.delete_stack(StackName="half")


def test_a_failed_update_goes_back_and_says_why(clients: Clients) -> None:
    client = clients("cloudformation")
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "steady"}}
    alarm = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {"AlarmName": "x", "EvaluationPeriods": 1, "Nonsense": True},
        "DependsOn": "Queue",
    }
    client.create_stack(StackName="steady", TemplateBody=template(Queue=queue))
    client.update_stack(StackName="steady", TemplateBody=template(Queue=queue, Alarm=alarm))
    (stack,) = client.describe_stacks(StackName="steady")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = client.describe_stack_events(StackName="steady")["StackEvents"]
    assert any("Nonsense" in event.get("ResourceStatusReason", "") for event in events)
    assert clients("sqs").get_queue_url(QueueName="steady")
    client.delete_stack(StackName="steady")
    with pytest.raises(ClientError, match="NonExistentQueue"):
        clients("sqs").get_queue_url(QueueName="steady")


def test_what_is_to_be_retained_stays_when_it_leaves_the_template(clients: Clients) -> None:
    client = clients("cloudformation")
    kept = {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Retain",
        "Properties": {"QueueName": "kept"},
    }
    other = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "other"}}
    client.create_stack(StackName="keep", TemplateBody=template(Kept=kept, Other=other))
    client.update_stack(StackName="keep", TemplateBody=template(Other=other))
    assert clients("sqs").get_queue_url(QueueName="kept")
    client.delete_stack(StackName="keep")


def test_destroy_removes_all_but_the_table(
    deploy_spike: Deploy, clients: Clients, port: int, places: Places
) -> None:
    toolkit.run(["destroy", "--all", "--force"], port, places, app=SPIKE)
    try:
        assert clients("dynamodb").describe_table(TableName="spike-table")
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            clients("lambda").get_function(FunctionName="spike-echo")
        assert clients("apigatewayv2").get_apis()["Items"] == []
    finally:
        clients("dynamodb").delete_table(TableName="spike-table")
        clients("s3").delete_bucket(Bucket="spike-archive")
        deploy_spike("stage=1")


def test_only_buckets_that_go_with_their_stack_are_emptied(clients: Clients, port: int) -> None:
    stacks, objects = clients("cloudformation"), clients("s3")
    body = template(
        Doomed={
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Delete",
            "Properties": {"BucketName": "doomed"},
        },
        Kept={
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain",
            "Properties": {"BucketName": "retained"},
        },
    )
    stacks.create_stack(StackName="buckets", TemplateBody=body)
    for bucket in ("doomed", "retained"):
        objects.put_object(Bucket=bucket, Key="key", Body=b"1")
    empty_doomed_buckets(port)
    stacks.delete_stack(StackName="buckets")
    names = {bucket["Name"] for bucket in objects.list_buckets()["Buckets"]}
    assert "doomed" not in names
    assert objects.get_object(Bucket="retained", Key="key")["Body"].read() == b"1"
