"""The schedule that renews the certificate: how often, whom it calls, what that may do."""

import json

import pytest

from infra.constructs.schedule import minutes_between
from tests.infra.test_grants import SOURCE, actions_on, granted

RULE = "cutover-personnel-renew-certificate"


def rule(assembly):
    return assembly.named("AWS::Events::Rule", "Name")[RULE]


@pytest.mark.parametrize(
    ("age", "minutes"),
    [(24 * 3600.0, 360), (600.0, 2), (60.0, 1), (90 * 86400.0, 1440)],
)
def test_looks_when_a_certificate_ages_are_whole_minutes_and_within_a_day(age, minutes):
    assert minutes_between(age) == minutes


@pytest.mark.parametrize(
    ("environment", "rate"), [("local", "2 minutes"), ("production", "6 hours")]
)
def test_rule_when_synthesised_is_enabled_and_looks_four_times_in_an_age(
    request, environment, rate
):
    found = rule(request.getfixturevalue(environment))
    assert found["State"] == "ENABLED"
    assert found["ScheduleExpression"] == f"rate({rate})"


def test_rule_when_synthesised_calls_the_renewal_which_lets_it(production):
    [target] = rule(production)["Targets"]
    function = target["Arn"]["Fn::GetAtt"][0]
    called = dict(production.resources("AWS::Lambda::Function"))[function]
    permissions = [each for _, each in production.resources("AWS::Lambda::Permission", "Workflow")]
    assert called["FunctionName"] == RULE
    called = {each["FunctionName"]["Fn::GetAtt"][0]: each["Principal"] for each in permissions}
    assert called[function] == "events.amazonaws.com"


def test_rule_when_a_call_cannot_be_made_tries_again_until_the_next_look_is_near(production):
    [target] = rule(production)["Targets"]
    assert target["RetryPolicy"] == {
        "MaximumEventAgeInSeconds": 6 * 3600,
        "MaximumRetryAttempts": 2,
    }
    assert "DeadLetterConfig" not in target


def test_renewal_when_deployed_may_only_look_and_start_a_validation(production):
    allowed = granted(production)["cutover-personnel-renew-certificate"]
    starts = {r for r, actions in allowed.items() if "states:StartExecution" in actions}
    machine = "arn:aws:states:eu-central-1:210987654321:stateMachine:cutover-personnel-validate"
    assert starts == {json.dumps(machine)}
    assert actions_on(allowed, "cutover-control") == {"dynamodb:GetItem"}
    assert actions_on(allowed, "cutover-ledger") == {"dynamodb:GetItem", "dynamodb:Query"}
    assert not [resource for resource in allowed if SOURCE in resource]
