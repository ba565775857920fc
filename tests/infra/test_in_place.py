"""A migration in place: its one table and its reference, its functions, and what each may do."""

import json
import re
from dataclasses import replace

import pytest

from infra.kinds import kind_of
from infra.layer import ROOT
from shared.model.errors import InvalidInput
from shared.model.metrics import NAMESPACE, Metric
from tests.in_place import toy
from tests.infra.assembly import placed, synthesise
from tests.infra.conftest import PRODUCTION, WATCHED
from tests.infra.test_grants import TABLE_WRITES, actions_on, granted, policies, who_may
from tests.infra.test_observability import alarms, body, told

TABLE, FUNCTION = "AWS::DynamoDB::Table", "AWS::Lambda::Function"
NOTES, AUTHORS = toy.NOTES.name, toy.AUTHORS.name
FUNCTIONS = {
    "answer-alarm",
    "backfill-segment",
    "check-preflight",
    "dry-run-segment",
    "export-source",
    "finish-journey",
    "finish-run",
    "move-phase",
    "observe-migration",
    "plan-step",
    "record-failure",
    "request-approval",
    "restore-segment",
    "serve-records",
    "start-journey",
    "start-run",
    "validate-segment",
}
"""Nobody deletes the source, watches writes, compares reads, syncs or renews a certificate."""
SNAPSHOTS = "arn:aws:s3:::cutover-archive-210987654321-eu-central-1/snapshots/notes/*"
READS = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Scan"}
DESCRIBES = {"dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"}


def allowed(assembly, function):
    return granted(assembly)[f"cutover-notes-{function}"]


def on_snapshots(assembly, function):
    """Return what a function may do to snapshots; elsewhere under their prefix it may nothing."""
    found = allowed(assembly, function)
    assert not [each for each in found if "/snapshots/" in each and each != f'"{SNAPSHOTS}"']
    return found.get(f'"{SNAPSHOTS}"', set())


def on_index(assembly, function):
    """Return the names of the indexes that a function may query, and nothing else."""
    found = {name: each for name, each in allowed(assembly, function).items() if "/index/" in name}
    assert all(actions == {"dynamodb:Query"} for actions in found.values())
    return {json.loads(name).rpartition("/")[2] for name in found}


# -- tables


def test_tables_when_created_are_the_migrated_one_and_its_reference_and_are_kept(in_place):
    tables = in_place.whole(TABLE, "Cutover-Notes-Data")
    assert {each["Properties"]["TableName"] for each in tables} == {NOTES, AUTHORS}
    for each in tables:
        assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == ("Retain", "Retain")
        properties = each["Properties"]
        assert properties["DeletionProtectionEnabled"] is True
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert properties["SSESpecification"] == {"SSEEnabled": True}
        assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_the_migrated_table_when_created_has_its_indexes(in_place):
    table = in_place.named(TABLE, "TableName")[NOTES]
    assert {each["IndexName"] for each in table["GlobalSecondaryIndexes"]} == {
        "AccountIndex",
        "TopicIndex",
    }


@pytest.mark.parametrize("environment", ["in_place", "in_place_adopted"])
def test_outputs_when_synthesised_name_the_table_and_its_reference(request, environment):
    outputs = request.getfixturevalue(environment).outputs("Cutover-Notes-Data")
    assert outputs == {"SourceTableName": NOTES, "ReferenceTableName": AUTHORS}


def test_tables_when_adopted_are_in_no_template_and_the_stack_can_still_be_made(in_place_adopted):
    assert not list(in_place_adopted.resources(TABLE, "Cutover-Notes-Data"))
    resources = in_place_adopted.stacks["Cutover-Notes-Data"]["Resources"]
    assert [each["Type"] for each in resources.values()] == [
        "AWS::CloudFormation::WaitConditionHandle"
    ]


def test_streams_when_there_is_one_table_are_watched_by_nobody(in_place):
    assert not list(in_place.resources("AWS::Lambda::EventSourceMapping"))


def test_a_source_when_declared_as_deleted_is_refused(tmp_path):
    changed, environment = placed(toy.MIGRATION, source="deleted")
    with pytest.raises(InvalidInput, match="in place") as refused:
        synthesise(tmp_path, [changed], environment)
    assert refused.value.field == "source"
    assert refused.value.mend


# -- functions and machines


def test_functions_when_deployed_are_those_that_one_table_needs(in_place):
    deployed = in_place.named(FUNCTION, "FunctionName")
    assert {name.removeprefix("cutover-notes-") for name in deployed} == FUNCTIONS
    assert not [
        name
        for name, each in deployed.items()
        if "CUTOVER_MODE" in each["Environment"]["Variables"]
    ]


@pytest.mark.parametrize("worker", ["backfill", "dry-run", "validate", "restore"])
def test_workers_when_synthesised_are_bounded_by_the_environment(in_place, worker):
    function = in_place.named(FUNCTION, "FunctionName")[f"cutover-notes-{worker}-segment"]
    assert (function["ReservedConcurrentExecutions"], function["Timeout"]) == (7, 900)


def test_schedules_when_there_is_nothing_to_renew_only_observe(in_place):
    rules = in_place.named("AWS::Events::Rule", "Name")
    assert {name for name, each in rules.items() if "ScheduleExpression" in each} == {
        "cutover-notes-observe-migration"
    }


def test_the_alarm_when_it_goes_off_is_answered(in_place):
    rule = in_place.named("AWS::Events::Rule", "Name")["cutover-notes-answer-alarm"]
    assert rule["State"] == "ENABLED"
    assert rule["EventPattern"]["detail"]["alarmName"] == ["cutover-notes-watch"]


# -- grants


def test_dry_run_when_deployed_only_reads(in_place):
    assert actions_on(allowed(in_place, "dry-run-segment"), NOTES) == READS | DESCRIBES
    assert actions_on(allowed(in_place, "dry-run-segment"), AUTHORS) == {"dynamodb:Query"}
    assert on_snapshots(in_place, "dry-run-segment") == set()


def test_backfill_when_deployed_changes_records_and_stores_snapshots_that_it_cannot_read(in_place):
    found = allowed(in_place, "backfill-segment")
    assert actions_on(found, NOTES) == READS | DESCRIBES | {"dynamodb:UpdateItem"}
    assert actions_on(found, AUTHORS) == {"dynamodb:Query"}
    assert on_snapshots(in_place, "backfill-segment") == {"s3:PutObject"}


def test_restore_when_deployed_changes_records_and_reads_snapshots_that_it_cannot_write(in_place):
    found = allowed(in_place, "restore-segment")
    assert actions_on(found, NOTES) == READS | DESCRIBES | {"dynamodb:UpdateItem"}
    assert actions_on(found, AUTHORS) == {"dynamodb:Query"}
    assert on_snapshots(in_place, "restore-segment") == {"s3:GetObject"}


def test_restore_when_a_snapshot_has_expired_is_told_so_and_not_that_it_is_forbidden(in_place):
    bucket = SNAPSHOTS.partition("/")[0]
    may = {name for name, each in granted(in_place).items() if f'"{bucket}"' in each}
    assert may == {"cutover-notes-restore-segment"}
    assert allowed(in_place, "restore-segment")[f'"{bucket}"'] == {"s3:ListBucket"}


def test_names_in_the_archive_when_listed_are_those_of_the_migrations_own_snapshots(in_place):
    listing = [
        statement
        for found in policies(in_place).values()
        for statement in found
        if any(each.startswith("s3:List") for each in statement["Action"])
    ]
    conditions = [each["Condition"] for each in listing]
    assert conditions == [{"StringLike": {"s3:prefix": "snapshots/notes/*"}}]


def test_validation_when_deployed_mends_as_a_backfill_does_and_goes_over_the_reference(in_place):
    found = allowed(in_place, "validate-segment")
    query = {"dynamodb:Query"}
    assert actions_on(found, NOTES) == READS | DESCRIBES | {"dynamodb:UpdateItem"} | query
    assert on_index(in_place, "validate-segment") == {"AccountIndex"}
    assert actions_on(found, AUTHORS) == {"dynamodb:Query", "dynamodb:Scan"}
    assert on_snapshots(in_place, "validate-segment") == {"s3:PutObject"}


def test_api_when_deployed_serves_single_records_and_searches_and_reads_no_table_whole(in_place):
    found = allowed(in_place, "serve-records")
    assert actions_on(found, NOTES) == DESCRIBES | {
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    }
    assert on_index(in_place, "serve-records") == {"AccountIndex", "TopicIndex"}
    assert actions_on(found, AUTHORS) == {"dynamodb:Query"}
    assert on_snapshots(in_place, "serve-records") == set()


@pytest.mark.parametrize(
    ("action", "functions"),
    [
        (
            "UpdateItem",
            {"backfill-segment", "restore-segment", "serve-records", "validate-segment"},
        ),
        ("PutItem", {"serve-records"}),
        ("DeleteItem", {"serve-records"}),
        ("ExportTableToPointInTime", {"export-source"}),
        ("DeleteTable", set()),
        ("UpdateTable", set()),
        ("PutResourcePolicy", set()),
    ],
)
def test_the_table_when_it_may_be_changed_is_so_by_few(in_place, action, functions):
    assert who_may(in_place, f"dynamodb:{action}", NOTES) == functions


def test_the_reference_when_deployed_is_written_by_nobody(in_place):
    for action in TABLE_WRITES:
        assert who_may(in_place, action, AUTHORS) == set(), action


def test_the_reference_when_deployed_is_looked_at_by_what_checks_it(in_place):
    assert who_may(in_place, "dynamodb:DescribeTable", AUTHORS) == {
        "check-preflight",
        "move-phase",
    }


def test_snapshots_when_deployed_are_reached_by_three_functions(in_place):
    reached = {
        name.removeprefix("cutover-notes-")
        for name in granted(in_place)
        if on_snapshots(in_place, name.removeprefix("cutover-notes-"))
    }
    assert reached == {"backfill-segment", "restore-segment", "validate-segment"}


def test_exports_when_nothing_is_archived_are_backups_alone(in_place):
    objects = {
        json.loads(each).partition("/")[2]
        for each in allowed(in_place, "export-source")
        if ":s3:::" in each
    }
    assert objects == {"backup/notes/*"}


def test_grants_when_no_reference_is_declared_name_none(tmp_path):
    alone, environment = placed(replace(toy.MIGRATION, reference=None), **PRODUCTION)
    alone_assembly = synthesise(tmp_path, [alone], environment)
    assert AUTHORS not in json.dumps(alone_assembly.stacks)
    assert on_index(alone_assembly, "validate-segment") == set()
    assert set(alone_assembly.outputs("Cutover-Notes-Data")) == {"SourceTableName"}


# -- alarms and the dashboard


CRITICAL = {
    "api-dies",
    "creates-fail",
    "errors-critical",
    "latency-above-baseline",
    "latency-p95",
}
WARNINGS = {
    "dead-letters-alarm",
    "errors-warning",
    "observer-dies",
    "records-in-doubt",
    "records-not-upgraded",
    "stale-checkpoint",
}


def notes_alarms(assembly):
    return {name.removeprefix("cutover-notes-"): each for name, each in alarms(assembly).items()}


def test_alarms_when_there_is_one_table_are_those_that_make_sense(in_place):
    assert set(notes_alarms(in_place)) == CRITICAL | WARNINGS
    [(_, watch)] = in_place.resources("AWS::CloudWatch::CompositeAlarm")
    assert watch["AlarmName"] == "cutover-notes-watch"
    named = {f'ALARM("cutover-notes-{name}")' for name in CRITICAL}
    assert set(watch["AlarmRule"].split(" OR ")) == named


def test_creates_when_few_are_asked_are_judged_over_an_hour_and_never_by_one_alone(in_place):
    alarm = notes_alarms(in_place)["creates-fail"]
    [rate] = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    periods = {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each}
    assert rate == "IF(all >= 50, 100 * failed / all, 0)"
    assert (alarm["Threshold"], periods) == (2, {3600})
    assert alarm["Threshold"] >= 100 * 1 / 50  # one failure of fifty is no breach


@pytest.mark.parametrize(
    ("minimum", "share", "enough"), [(20, 98.0, 50), (80, 98.0, 80), (20, 100.0, 20)]
)
def test_creates_when_a_share_is_declared_need_as_many_as_one_failure_is_no_breach(
    minimum, share, enough
):
    limits = replace(WATCHED, minimum=minimum, creates_succeed=share)
    changed, environment = placed(toy.MIGRATION, thresholds=limits)
    [rule] = [each for each in kind_of(changed, environment).rules if each.what == "creates-fail"]
    assert rule.expression.startswith(f"IF(all >= {enough}, ")


def test_creates_when_no_share_is_declared_are_watched_by_nobody(production):
    assert "creates-fail" not in alarms(production)


def test_dashboard_when_there_is_one_table_shows_it_and_no_metric_of_two(in_place):
    kind = kind_of(*placed(toy.MIGRATION))
    shown = {name for space, name in told(in_place) if space == NAMESPACE}
    assert shown == {each.value for each in Metric} - {each.value for each in kind.untold}
    text = json.dumps(body(in_place))
    assert f'"{NOTES}"' in text
    assert "v2" not in text.lower()
    titles = [each["properties"].get("title", "") for each in body(in_place)["widgets"]]
    assert "Shadow reads" not in titles
    assert all(each["width"] > 0 for each in body(in_place)["widgets"])


# -- one place that knows the kinds


def test_kinds_when_told_apart_are_so_in_one_module_and_by_their_alarms():
    knowing = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "infra").rglob("*.py")
        if re.search(r"\b(InPlace|TableToTable)\b", path.read_text(encoding="utf-8"))
    }
    assert knowing == {"infra/kinds.py", "infra/alarms/in_place.py", "infra/alarms/paired.py"}
