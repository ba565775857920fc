"""The plumbing of shadow reads: who may send, who compares, what becomes of what could not be."""

import json
from dataclasses import replace

import pytest

from shared import catalogue
from tests.infra.assembly import placed, statements, synthesise
from tests.infra.conftest import PRODUCTION
from tests.infra.test_grants import SOURCE, TABLE_WRITES, TARGET, actions_on, granted, policies

STACK = "Cutover-Personnel-Api"
QUEUE = "cutover-personnel-shadow-reads"
COMPARING = "cutover-personnel-compare-reads"
SERVING = "cutover-personnel-serve-records"


def queues(assembly):
    return {
        each["QueueName"]: (logical, each)
        for logical, each in assembly.resources("AWS::SQS::Queue", STACK)
    }


def test_queues_when_synthesised_are_encrypted_and_refuse_open_connections(production):
    found = queues(production)
    assert set(found) == {QUEUE, f"{QUEUE}-failed"}
    assert all(each["SqsManagedSseEnabled"] is True for _, each in found.values())
    denied = {
        policy["Queues"][0]["Ref"]: each["Condition"]
        for _, policy in production.resources("AWS::SQS::QueuePolicy", STACK)
        for each in statements(policy)
        if each["Effect"] == "Deny"
    }
    assert denied == {
        logical: {"Bool": {"aws:SecureTransport": "false"}} for logical, _ in found.values()
    }


def test_a_key_when_it_cannot_be_compared_is_given_up_after_five_tries_and_kept(production):
    found = queues(production)
    (_, keys), (failed, aside) = found[QUEUE], found[f"{QUEUE}-failed"]
    assert keys["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [failed, "Arn"]},
        "maxReceiveCount": 5,
    }
    assert (keys["MessageRetentionPeriod"], aside["MessageRetentionPeriod"]) == (
        4 * 3600,
        14 * 86400,
    )


def test_keys_when_they_come_in_are_compared_in_batches_few_at_once(production):
    [(_, mapping)] = production.resources("AWS::Lambda::EventSourceMapping", STACK)
    function = production.named("AWS::Lambda::Function", "FunctionName")[COMPARING]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (50, 2)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert function["ReservedConcurrentExecutions"] == 2
    _, queue = queues(production)[QUEUE]
    assert queue["VisibilityTimeout"] == 6 * function["Timeout"]


def test_keys_when_sent_come_from_the_api_alone(production):
    logical, _ = queues(production)[QUEUE]
    queue = {"Fn::GetAtt": [logical, "Arn"]}
    roles = {
        role
        for role, found in policies(production).items()
        for each in found
        if "sqs:SendMessage" in each["Action"] and queue in each["Resource"]
    }
    serving = production.named("AWS::Lambda::Function", "FunctionName")[SERVING]
    assert roles == {serving["Role"]["Fn::GetAtt"][0]}


@pytest.mark.parametrize("table", [SOURCE, TARGET])
def test_comparing_when_differences_are_reported_only_may_write_to_no_table(production, table):
    allowed = actions_on(granted(production)[COMPARING], table)
    assert allowed & TABLE_WRITES == set()
    assert "dynamodb:Scan" not in allowed
    assert {"dynamodb:GetItem", "dynamodb:BatchGetItem"} <= allowed


def test_comparing_when_differences_are_mended_at_once_may_mend_them(tmp_path):
    migration, environment = placed(catalogue.load("personnel"), **PRODUCTION)
    mending = synthesise(tmp_path, [replace(migration, tripwire="repair")], environment)
    allowed = granted(mending)[COMPARING]
    for table in (SOURCE, TARGET):
        assert {"dynamodb:ConditionCheckItem", "dynamodb:PutItem"} <= actions_on(allowed, table)


def test_shadow_reads_when_v1_is_declared_as_deleted_are_gone(dropped):
    assert not queues(dropped)
    assert "shadow-reads" not in json.dumps(dropped.stacks)
