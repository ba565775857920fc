"""The availability-first mode's plumbing: only where it is declared, and no wider than needed."""

import json

import pytest

from tests.infra.test_functions import functions
from tests.infra.test_grants import SOURCE, TABLE_WRITES, TARGET, actions_on, granted

QUEUE, FAILED = "cutover-personnel-syncs", "cutover-personnel-syncs-failed"
SYNC = "cutover-personnel-sync-replica"


def queues(assembly):
    return assembly.named("AWS::SQS::Queue", "QueueName")


def on_queue(assembly):
    """Return, by function, what it may do to the queue, whether by name or by reference."""
    [logical] = [
        name for name, each in assembly.resources("AWS::SQS::Queue") if each["QueueName"] == QUEUE
    ]
    return {
        function.removeprefix("cutover-personnel-"): actions
        for function, allowed in granted(assembly).items()
        for resource, actions in allowed.items()
        if resource.endswith(f':{QUEUE}"') or logical in resource
    }


@pytest.mark.parametrize("environment", ["local", "production", "adopted", "dropped"])
def test_a_migration_without_the_mode_has_nothing_of_it(request, environment):
    templates = json.dumps(request.getfixturevalue(environment).stacks)
    assert QUEUE not in templates
    assert SYNC not in templates
    assert "availability_first" not in templates


def test_queues_when_synthesised_are_encrypted_closed_and_keep_what_failed(following):
    waiting, failed = queues(following)[QUEUE], queues(following)[FAILED]
    for each in (waiting, failed):
        assert each["SqsManagedSseEnabled"] is True
        assert each["MessageRetentionPeriod"] == 14 * 86400
    assert "SyncFailed" in waiting["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    policies = [
        policy
        for _, policy in following.resources("AWS::SQS::QueuePolicy")
        if "Sync" in policy["Queues"][0]["Ref"]
    ]
    assert len(policies) == 2
    for policy in policies:
        [denied] = [e for e in policy["PolicyDocument"]["Statement"] if e["Effect"] == "Deny"]
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_key_when_its_replica_is_away_is_tried_for_an_hour_and_hidden_meanwhile(following):
    waiting, function = queues(following)[QUEUE], functions(following)[SYNC]
    assert waiting["VisibilityTimeout"] == 40
    assert waiting["RedrivePolicy"]["maxReceiveCount"] * waiting["VisibilityTimeout"] == 3600
    assert function["Timeout"] == 20 < waiting["VisibilityTimeout"]


def test_mapping_when_synthesised_reports_single_failures_and_runs_few_at_once(following):
    [mapping] = [
        each
        for _, each in following.resources("AWS::Lambda::EventSourceMapping")
        if "SyncWaiting" in each["EventSourceArn"]["Fn::GetAtt"][0]
    ]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] == 10
    at_once = mapping["ScalingConfig"]["MaximumConcurrency"]
    assert at_once == functions(following)[SYNC]["ReservedConcurrentExecutions"] == 4


def test_the_queue_when_deployed_is_asked_counted_and_worked_off_by_few(following):
    count = {"sqs:GetQueueAttributes", "sqs:GetQueueUrl"}
    assert on_queue(following) == {
        "serve-records": {"sqs:GetQueueUrl", "sqs:SendMessage"},
        "plan-step": count,
        "move-phase": count,
        "sync-replica": {
            *count,
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:ReceiveMessage",
        },
    }


@pytest.mark.parametrize("table", [SOURCE, TARGET])
def test_the_sync_when_deployed_mends_single_records_and_reads_no_table_whole(following, table):
    allowed = actions_on(granted(following)[SYNC], table)
    assert allowed == {
        "dynamodb:BatchGetItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    }


def test_the_sync_when_deployed_only_reads_the_books(following):
    allowed = granted(following)[SYNC]
    for table in ("cutover-control", "cutover-ledger"):
        assert actions_on(allowed, table) & TABLE_WRITES == set()
        assert "dynamodb:GetItem" in actions_on(allowed, table)


@pytest.mark.parametrize("table", [SOURCE, TARGET])
def test_the_api_when_deployed_may_write_either_table_alone(following, table):
    allowed = actions_on(granted(following)["cutover-personnel-serve-records"], table)
    assert {f"dynamodb:{each}Item" for each in ("Put", "Update", "Delete")} <= allowed


def test_dead_letters_when_there_are_any_raise_an_alarm(following):
    alarm = following.named("AWS::CloudWatch::Alarm", "AlarmName")[
        "cutover-personnel-dead-letters-sync"
    ]
    assert FAILED in json.dumps(alarm)
    assert alarm["AlarmActions"]


def test_functions_when_deployed_are_told_the_mode_that_their_queue_is_for(following, production):
    for assembly, mode in ((following, "availability_first"), (production, "transactional")):
        for each in functions(assembly).values():
            assert each["Environment"]["Variables"]["CUTOVER_MODE"] == mode
