"""Grants: exact actions on exact resources, and who may do what cannot be undone."""

import json

import pytest

from shared import catalogue
from tests.in_place import toy
from tests.infra.assembly import statements

SOURCE = catalogue.load("personnel").source.name
TARGET = catalogue.load("personnel").target.name

STARS = {
    "cloudwatch:DescribeAlarms": "of composite alarms nothing is told to a narrower scope",
    "dynamodb:ListStreams": "listing streams takes no resource",
    "cloudwatch:GetMetricData": "reading metrics takes no resource",
    "xray:PutTelemetryRecords": "X-Ray's write actions take no resource",
    "xray:PutTraceSegments": "X-Ray's write actions take no resource",
    "xray:GetSamplingRules": "X-Ray's read actions take no resource",
    "xray:GetSamplingTargets": "X-Ray's read actions take no resource",
    "logs:CreateLogDelivery": "log deliveries are no resource of a policy",
    "logs:DeleteLogDelivery": "log deliveries are no resource of a policy",
    "logs:GetLogDelivery": "log deliveries are no resource of a policy",
    "logs:ListLogDeliveries": "log deliveries are no resource of a policy",
    "logs:UpdateLogDelivery": "log deliveries are no resource of a policy",
    "logs:DescribeLogGroups": "log delivery looks for its group",
    "logs:DescribeResourcePolicies": "log delivery looks for its policy",
    "logs:PutResourcePolicy": "log delivery writes its policy",
}
"""The actions that may be allowed on every resource, and why."""

PARTS = {
    f"table/{SOURCE}/export/*": "an export's id is given when it is made",
    f"table/{toy.NOTES.name}/export/*": "an export's id is given when it is made",
    ":execution:cutover-personnel-": "executions are named when they start",
    ":execution:cutover-notes-": "executions are named when they start",
    "arn:aws:s3:::cutover-archive-": "objects are named when they are made",
}
"""The parts of ARNs before whose star only names made at run time can come."""

TABLE_WRITES = {
    f"dynamodb:{name}"
    for name in (
        "BatchWriteItem",
        "DeleteItem",
        "DeleteTable",
        "PartiQLDelete",
        "PartiQLInsert",
        "PartiQLUpdate",
        "PutItem",
        "UpdateItem",
        "UpdateTable",
    )
}


def policies(assembly):
    """Return the statements of each policy by the id of its role."""
    found = {}
    for _, policy in assembly.resources("AWS::IAM::Policy"):
        [role] = policy["Roles"]
        found.setdefault(role["Ref"], []).extend(statements(policy))
    return found


def granted(assembly):
    """Return, by function, the actions allowed on each resource."""
    by_role = policies(assembly)
    found = {}
    for _, function in assembly.resources("AWS::Lambda::Function"):
        role = function["Role"]["Fn::GetAtt"][0]
        allowed = found.setdefault(function["FunctionName"], {})
        for statement in by_role[role]:
            for resource in statement["Resource"]:
                allowed.setdefault(json.dumps(resource), set()).update(statement["Action"])
    return found


def actions_on(allowed, table):
    return {
        action
        for resource, actions in allowed.items()
        if f":table/{table}" in resource
        for action in actions
        if resource.strip('"').split("/")[1] == table
    }


def who_may(assembly, action, table):
    return {
        name.split("-", 2)[2]
        for name, allowed in granted(assembly).items()
        if action in actions_on(allowed, table)
    }


def test_phases_when_granted_are_those_of_one_migration_and_by_key_only(production):
    on_phases = [
        statement
        for found in policies(production).values()
        for statement in found
        if any(str(each).endswith(":table/cutover-control") for each in statement["Resource"])
    ]
    assert on_phases
    for statement in on_phases:
        assert set(statement["Action"]) <= {"dynamodb:GetItem", "dynamodb:PutItem"}
        assert statement["Condition"] == {
            "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["personnel"]}
        }


def test_the_ledger_when_granted_is_that_of_one_migration_and_by_key_only(production):
    on_ledger = [
        statement
        for found in policies(production).values()
        for statement in found
        if any(str(each).endswith(":table/cutover-ledger") for each in statement["Resource"])
    ]
    assert on_ledger
    for statement in on_ledger:
        assert "dynamodb:Scan" not in statement["Action"]  # it would name no key
        assert statement["Condition"] == {
            "ForAllValues:StringLike": {
                "dynamodb:LeadingKeys": [
                    "MIGRATION#personnel",
                    "AUDIT#personnel",
                    "EXCLUSIONS#personnel#*",
                    "RUN#personnel#*",
                ]
            }
        }


@pytest.mark.parametrize("environment", ["production", "in_place"])
def test_policies_when_synthesised_allow_no_wildcard_action(request, environment):
    for role, found in policies(request.getfixturevalue(environment)).items():
        for statement in found:
            assert statement["Effect"] == "Allow", role
            assert not [each for each in statement["Action"] if "*" in each], role


@pytest.mark.parametrize("environment", ["local", "in_place"])
def test_policies_when_a_resource_has_a_star_are_on_the_list(request, environment):
    for role, found in policies(request.getfixturevalue(environment)).items():
        for statement in found:
            for resource in map(json.dumps, statement["Resource"]):
                if resource == '"*"':
                    assert set(statement["Action"]) <= set(STARS), role
                elif "*" in resource:
                    assert any(part in resource for part in PARTS), (role, resource)


@pytest.mark.parametrize("environment", ["production", "in_place"])
def test_roles_when_synthesised_have_no_managed_policy(request, environment):
    for logical, role in request.getfixturevalue(environment).resources("AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role, logical


@pytest.mark.parametrize("environment", ["following", "in_place"])
def test_every_function_when_synthesised_has_a_role_of_its_own(request, environment):
    assembly = request.getfixturevalue(environment)
    roles = [
        each["Role"]["Fn::GetAtt"][0] for _, each in assembly.resources("AWS::Lambda::Function")
    ]
    assert roles
    assert len(roles) == len(set(roles))


@pytest.mark.parametrize("table", [SOURCE, TARGET])
def test_dry_run_when_deployed_may_write_to_no_table(production, table):
    allowed = granted(production)["cutover-personnel-dry-run-segment"]
    assert actions_on(allowed, table) == {
        "dynamodb:BatchGetItem",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:Scan",
    }
    assert not [actions for actions in allowed.values() if {"s3:PutObject"} & actions]


def test_backfill_when_deployed_may_only_add_to_v2(production):
    allowed = granted(production)["cutover-personnel-backfill-segment"]
    assert actions_on(allowed, SOURCE) & TABLE_WRITES == set()
    assert actions_on(allowed, TARGET) & TABLE_WRITES == {
        "dynamodb:PartiQLInsert",
        "dynamodb:PutItem",
    }


@pytest.mark.parametrize(
    ("action", "functions"),
    [
        ("DeleteTable", {"delete-source"}),
        ("UpdateTable", {"delete-source"}),
        ("ExportTableToPointInTime", {"export-source"}),
        ("PutResourcePolicy", {"export-source", "move-phase"}),
        ("DeleteResourcePolicy", {"export-source", "move-phase"}),
        ("DeleteItem", {"serve-records", "validate-segment", "watch-writes"}),
        ("UpdateItem", {"serve-records", "validate-segment", "watch-writes"}),
        ("PutItem", {"serve-records", "validate-segment", "watch-writes"}),
    ],
)
def test_source_when_it_may_be_changed_is_so_by_few(production, action, functions):
    assert who_may(production, f"dynamodb:{action}", SOURCE) == functions


def test_watch_when_deployed_mends_single_records_and_reads_no_table_whole(production):
    allowed = granted(production)["cutover-personnel-watch-writes"]
    for table in (SOURCE, TARGET):
        assert actions_on(allowed, table) & TABLE_WRITES == {
            "dynamodb:DeleteItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        }
        assert "dynamodb:Scan" not in actions_on(allowed, table)


def test_target_when_deployed_can_be_deleted_by_nobody(production):
    assert who_may(production, "dynamodb:DeleteTable", TARGET) == set()


def test_phase_when_deployed_can_be_moved_by_no_worker_and_deleted_by_nobody(production):
    movers = who_may(production, "dynamodb:PutItem", "cutover-control")
    assert movers == {
        "answer-alarm",
        "compare-reads",
        "export-source",
        "finish-run",
        "move-phase",
        "record-failure",
        "start-journey",
        "start-run",
        "watch-writes",
    }
    assert who_may(production, "dynamodb:DeleteItem", "cutover-control") == set()


def test_indexes_when_searched_are_named_one_by_one(production):
    allowed = granted(production)["cutover-personnel-serve-records"]
    indexes = {resource for resource in allowed if "/index/" in resource}
    assert len(indexes) == 7
    assert not [each for each in indexes if "*" in each]


def test_machines_when_deployed_call_only_their_own_functions(production):
    by_role = policies(production)
    calls = {}
    for _, machine in production.resources("AWS::StepFunctions::StateMachine"):
        found = by_role[machine["RoleArn"]["Fn::GetAtt"][0]]
        calls[machine["StateMachineName"]] = {
            resource.rpartition(":")[2].removeprefix("cutover-personnel-")
            for each in found
            if "lambda:InvokeFunction" in each["Action"]
            for resource in each["Resource"]
        }
    job = {"start-run", "finish-run", "record-failure"}
    assert calls["cutover-personnel-validate"] == job | {"validate-segment"}
    assert calls["cutover-personnel-backfill"] == job | {"backfill-segment", "dry-run-segment"}
    assert "serve-records" not in calls["cutover-personnel-migrate"]
    assert len(calls["cutover-personnel-rollback"]) == 14
