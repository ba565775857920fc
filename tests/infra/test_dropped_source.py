"""After the deletion of v1: what is deployed knows of v2 only."""

import json
import re

from shared import catalogue
from tests.infra.test_grants import TARGET, actions_on, granted, who_may

SOURCE = catalogue.load("personnel").source.name
V1 = re.compile(rf"{re.escape(SOURCE)}(?!-v2)")


def test_the_pattern_when_v1_is_there_finds_it_so_that_these_tests_can_fail(production):
    assert SOURCE + "-v2" == TARGET
    found = {name for name, each in production.stacks.items() if V1.search(json.dumps(each))}
    assert {"Cutover-Personnel-Data", "Cutover-Personnel-Workflow"} <= found


def test_templates_when_v1_is_declared_as_deleted_name_it_nowhere(dropped):
    assert not [name for name, each in dropped.stacks.items() if V1.search(json.dumps(each))]


def test_data_stack_when_v1_is_declared_as_deleted_holds_v2_alone_as_before(dropped, production):
    [(logical, table)] = dropped.resources("AWS::DynamoDB::Table", "Data")
    assert (logical, table) in list(production.resources("AWS::DynamoDB::Table", "Data"))
    assert dropped.outputs("Cutover-Personnel-Data") == {"TargetTableName": TARGET}
    assert not list(dropped.resources("AWS::Lambda::EventSourceMapping"))


def test_functions_when_v1_is_declared_as_deleted_keep_what_v2_asks_of_them(dropped, production):
    before, after = granted(production), granted(dropped)
    assert before.keys() - after.keys() == {
        "cutover-personnel-compare-reads",
        "cutover-personnel-watch-writes",
    }
    for name, allowed in after.items():
        assert actions_on(allowed, TARGET) == actions_on(before[name], TARGET), name
    assert "serve-records" in who_may(dropped, "dynamodb:PutItem", TARGET)


def test_schedules_when_v1_is_declared_as_deleted_are_switched_off(dropped):
    states = {each["State"] for _, each in dropped.resources("AWS::Events::Rule")}
    assert states == {"DISABLED"}
