"""State machines: sound in structure, readable, and in step with the functions they call."""

import importlib
import json
from typing import get_args, get_type_hints

import pytest
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from pydantic import BaseModel

from functions.plan_step.handler import JOBS
from infra.workflows.states import settled_errors
from tests.infra.machines import KINDS, definition, scopes, states, targets

WAITING = "arn:aws:states:::lambda:invoke.waitForTaskToken"
ANSWERED = "arn:aws:states:::lambda:invoke"


MIGRATIONS = {"local": "personnel", "in_place": "notes"}
STEPS = ("CHECK", "BACK_UP", "WAIT", "DRY_RUN", "BACKFILL", "VALIDATE", "MOVE", "APPROVE", "FINISH")


@pytest.fixture(params=[(each, kind) for each in MIGRATIONS for kind in KINDS], ids="-".join)
def machine(request):
    assembly, kind = request.param
    return definition(request.getfixturevalue(assembly), kind, MIGRATIONS[assembly])


def folder_of(state):
    name = state["Parameters"]["FunctionName"].rpartition(":")[2]
    return name.split("-", 2)[2].replace("-", "_")


def handler_of(state):
    return importlib.import_module(f"functions.{folder_of(state)}.handler").handler


def tasks(machine):
    return [(name, each) for name, each in states(machine) if each["Type"] == "Task"]


def test_definition_when_read_by_the_local_cloud_parses(machine):
    program, _ = AmazonStateLanguageParser.parse(json.dumps(machine))
    assert program is not None


def test_every_state_when_left_leads_to_a_state_of_its_scope(machine):
    for scope in scopes(machine):
        for name, state in scope["States"].items():
            assert targets(state) <= set(scope["States"]), name


def test_every_state_when_started_from_the_beginning_is_reached(machine):
    for scope in scopes(machine):
        reached, new = set(), {scope["StartAt"]}
        while new:
            reached |= new
            new = {each for name in new for each in targets(scope["States"][name])} - reached
        assert reached == set(scope["States"])


def test_state_names_when_listed_are_unique_short_sentences(machine):
    names = [name for name, _ in states(machine)]
    assert len(names) == len(set(names))
    for name in names:
        assert len(name) <= 80
        assert " " in name
        assert name[0].isupper()


def test_every_state_when_read_says_why_it_is_there(machine):
    for name, state in states(machine):
        assert state["Comment"].endswith((".", ":")) or len(state["Comment"]) > 20, name


def test_choices_when_named_are_questions_with_a_default(machine):
    for name, state in states(machine):
        assert name.endswith("?") == (state["Type"] == "Choice"), name
        assert ("Default" in state) == (state["Type"] == "Choice"), name


def test_ends_when_reached_are_succeed_or_fail(machine):
    for name, state in states(machine):
        ends = not targets(state)
        assert ends == (state["Type"] in ("Succeed", "Fail")), name
        assert "End" not in state, name


def test_every_task_and_map_when_it_fails_is_caught(machine):
    for name, state in states(machine):
        if state["Type"] in ("Task", "Map"):
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


def test_children_when_they_fail_still_end_and_the_run_is_always_finished(machine):
    for name, state in states(machine):
        if state["Type"] != "Map":
            continue
        child = state["ItemProcessor"]
        assert child["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        assert not [each for each in child["States"].values() if each["Type"] == "Fail"], name
        assert targets(state) == {"Finish the run"}, name
        assert state["ResultPath"] is None, name


def test_maps_when_their_list_cannot_be_read_read_it_again(machine):
    for name, state in states(machine):
        if state["Type"] == "Map":
            [retrier] = state["Retry"]
            assert retrier["ErrorEquals"] == ["States.ItemReaderFailed"], name
            assert retrier["MaxAttempts"] >= 5, name


def test_children_when_done_return_under_twenty_bytes(machine):
    for _, state in states(machine):
        if state["Type"] != "Map":
            continue
        child = state["ItemProcessor"]["States"].values()
        assert [each["InputPath"] for each in child if each["Type"] == "Succeed"] == ["$.work"]
        assert [each["ResultSelector"] for each in child if each["Type"] == "Task"] == [
            {"done.$": "$.Payload.done"}
        ]
        assert [each["Result"] for each in child if each["Type"] == "Pass"] == [{"done": False}]


def test_map_when_it_runs_is_bounded_by_the_environment(production):
    for kind in KINDS:
        bounds = {
            each.get("MaxConcurrency")
            for _, each in states(definition(production, kind))
            if each["Type"] == "Map"
        }
        assert bounds == {7}


def test_tasks_when_an_engine_error_is_final_do_not_try_again(machine):
    for name, state in tasks(machine):
        final, crashed = state["Retry"]
        assert final == {"ErrorEquals": settled_errors(), "MaxAttempts": 0}, name
        assert crashed["MaxAttempts"] == 3, name
        assert "States.TaskFailed" in crashed["ErrorEquals"], name


def test_final_errors_when_listed_leave_out_what_may_pass():
    final = set(settled_errors())
    assert {"InvalidInput", "GuardRefused", "Superseded", "AlreadyRunning", "WorkerFailed"} <= final
    assert not {"Throttled", "Contended", "OutcomeUnknown", "LeaseLost"} & final


def test_tasks_when_they_call_send_exactly_the_fields_of_the_event(machine):
    for name, state in tasks(machine):
        hints = get_type_hints(handler_of(state).__wrapped__)
        [event] = get_args(hints["call"])
        sent = {each.removesuffix(".$") for each in state["Parameters"]["Payload"]}
        assert sent == set(event.model_fields), name


def test_tasks_when_they_select_an_answer_name_fields_it_always_has(machine):
    for name, state in tasks(machine):
        answer = get_type_hints(handler_of(state).__wrapped__)["return"]
        for field in state.get("ResultSelector", {}).values():
            part = field.removeprefix("$.Payload").lstrip(".")
            if part:
                assert issubclass(answer, BaseModel), name
                assert part in answer.model_fields, name


def test_tasks_when_they_wait_for_a_person_are_only_approvals(machine):
    for name, state in tasks(machine):
        waits = state["Resource"] == WAITING
        assert waits == (name == "Ask for approval")
        assert waits or state["Resource"] == ANSWERED
        if waits:
            assert state["TimeoutSecondsPath"] == "$.next.patience"
            assert state["Catch"][0]["ErrorEquals"] == ["States.Timeout"]
            assert state["Catch"][0]["Next"] == "Plan the next step"


@pytest.mark.parametrize(
    ("assembly", "own"), [("local", {"ARCHIVE", "DELETE"}), ("in_place", {"RESTORE"})]
)
def test_planner_when_it_names_a_step_has_a_state_for_each(request, assembly, own):
    for kind in ("migrate", "rollback"):
        found = definition(request.getfixturevalue(assembly), kind, MIGRATIONS[assembly])
        question = found["States"]["What comes next?"]
        assert {rule["StringEquals"] for rule in question["Choices"]} == {*STEPS, *own}


def test_planned_steps_when_they_are_runs_have_the_kind_that_a_machine_asks_for(in_place):
    machine = definition(in_place, "rollback", "notes")
    works = machine["States"]["Which work is it?"]["Choices"]
    assert {rule["StringEquals"] for rule in works} == set(JOBS.values())


def test_restores_when_a_migration_has_two_tables_are_not_deployed(production):
    deployed = production.named("AWS::Lambda::Function", "FunctionName")
    assert not [name for name in deployed if "restore" in name]
    for kind in KINDS:
        assert "restore" not in json.dumps(definition(production, kind)).lower()


def test_machines_when_deployed_are_standard_logged_and_traced(production):
    machines = production.named("AWS::StepFunctions::StateMachine", "StateMachineName")
    assert set(machines) == {f"cutover-personnel-{kind}" for kind in KINDS}
    for machine in machines.values():
        assert machine.get("StateMachineType", "STANDARD") == "STANDARD"
        assert machine["TracingConfiguration"] == {"Enabled": True}
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
