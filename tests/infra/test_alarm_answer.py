"""The alarm's way to the function that takes readers home, and the topic that tells people."""

import json

import pytest

from tests.infra.assembly import statements
from tests.infra.test_grants import SOURCE, TARGET, actions_on, granted, who_may

FUNCTION = "cutover-personnel-answer-alarm"
TOPIC = "arn:aws:sns:eu-central-1:210987654321:cutover-notifications"


def rule(assembly):
    return assembly.named("AWS::Events::Rule", "Name")[FUNCTION]


def test_rule_when_synthesised_hears_of_one_alarm_and_of_its_change_to_alarm_only(production):
    assert rule(production)["EventPattern"] == {
        "account": ["210987654321"],
        "region": ["eu-central-1"],
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": ["cutover-personnel-watch"], "state": {"value": ["ALARM"]}},
    }


@pytest.mark.parametrize(
    ("environment", "state"),
    [("local", "ENABLED"), ("production", "ENABLED"), ("dropped", "DISABLED")],
)
def test_rule_when_there_is_no_v1_to_go_home_to_is_off(request, environment, state):
    assert rule(request.getfixturevalue(environment))["State"] == state


def test_rule_when_synthesised_calls_the_answer_and_keeps_what_it_could_not_deliver(production):
    [target] = rule(production)["Targets"]
    called = dict(production.resources("AWS::Lambda::Function"))[target["Arn"]["Fn::GetAtt"][0]]
    assert called["FunctionName"] == FUNCTION
    assert target["RetryPolicy"] == {
        "MaximumEventAgeInSeconds": 3600,
        "MaximumRetryAttempts": 2,
    }
    queues = dict(production.resources("AWS::SQS::Queue", "Workflow"))
    queue = queues[target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]]
    assert queue["QueueName"] == f"{FUNCTION}-failed"
    assert queue["SqsManagedSseEnabled"]


def test_answer_when_it_fails_for_good_leaves_its_event_in_the_queue(production):
    [(_, config)] = production.resources("AWS::Lambda::EventInvokeConfig")
    called = dict(production.resources("AWS::Lambda::Function"))[config["FunctionName"]["Ref"]]
    queues = dict(production.resources("AWS::SQS::Queue", "Workflow"))
    destination = config["DestinationConfig"]["OnFailure"]["Destination"]
    assert called["FunctionName"] == FUNCTION
    assert queues[destination["Fn::GetAtt"][0]]["QueueName"] == f"{FUNCTION}-failed"
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (2, 3600)


def test_answer_when_deployed_may_start_a_way_home_and_touch_no_record(production):
    allowed = granted(production)[FUNCTION]
    machine = "arn:aws:states:eu-central-1:210987654321:stateMachine:cutover-personnel-"
    starts = {r for r, actions in allowed.items() if "states:StartExecution" in actions}
    assert starts == {json.dumps(machine + kind) for kind in ("rollback", "validate")}
    assert actions_on(allowed, "cutover-control") == {"dynamodb:GetItem", "dynamodb:PutItem"}
    assert not [resource for resource in allowed if SOURCE in resource or TARGET in resource]


def test_alarms_when_deployed_are_looked_at_by_who_checks_plans_and_moves(production):
    lookers = {
        name.removeprefix("cutover-personnel-")
        for name, allowed in granted(production).items()
        if any("cloudwatch:DescribeAlarms" in actions for actions in allowed.values())
    }
    assert lookers == {"check-preflight", "plan-step", "move-phase"}


def test_people_when_told_are_told_by_few_through_one_topic(production):
    tellers = {}
    for name, allowed in granted(production).items():
        for resource, actions in allowed.items():
            if "sns:Publish" in actions:
                tellers.setdefault(resource, set()).add(name.removeprefix("cutover-personnel-"))
    assert tellers == {
        json.dumps(TOPIC): {
            "answer-alarm",
            "backfill-segment",
            "dry-run-segment",
            "finish-journey",
            "finish-run",
            "move-phase",
            "record-failure",
            "request-approval",
            "start-journey",
            "start-run",
            "validate-segment",
        }
    }
    assert "serve-records" not in who_may(production, "dynamodb:PutItem", "cutover-control")


def test_topic_when_synthesised_is_encrypted_over_tls_and_of_this_account(production):
    [(logical, topic)] = production.resources("AWS::SNS::Topic")
    assert topic["TopicName"] == "cutover-notifications"
    assert "KmsMasterKeyId" in topic
    [(_, policy)] = production.resources("AWS::SNS::TopicPolicy")
    assert policy["Topics"] == [{"Ref": logical}]
    denied, own = sorted(statements(policy), key=lambda each: each["Effect"], reverse=True)
    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert own["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert own["Action"] == ["sns:Publish"]
    assert own["Condition"] == {"StringEquals": {"aws:SourceAccount": "210987654321"}}


def test_key_when_synthesised_rotates_and_serves_this_account_through_sns_only(production):
    [(_, key)] = production.resources("AWS::KMS::Key")
    assert key["EnableKeyRotation"]
    _, roles, services = key["KeyPolicy"]["Statement"]
    assert roles["Condition"] == {
        "StringEquals": {
            "kms:CallerAccount": "210987654321",
            "kms:ViaService": "sns.eu-central-1.amazonaws.com",
        }
    }
    assert services["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert services["Condition"] == {"StringEquals": {"aws:SourceAccount": "210987654321"}}
    assert {tuple(each["Action"]) for each in (roles, services)} == {
        ("kms:Decrypt", "kms:GenerateDataKey*")
    }


def test_executions_when_a_lock_is_looked_at_may_be_seen_by_whoever_looks(production):
    lookers = {
        name.removeprefix("cutover-personnel-")
        for name, allowed in granted(production).items()
        if any("states:DescribeExecution" in actions for actions in allowed.values())
    }
    assert {"plan-step", "answer-alarm", "start-journey", "start-run"} <= lookers
