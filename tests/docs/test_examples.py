"""The examples in the docs: Python is run, shell and JSON are read, names in them exist."""

import json
import re
import shlex
import subprocess

import boto3
import botocore.session
import pytest

from local.seeding import read_seeds
from shared import catalogue
from shared.model.inputs import MigrateInput, RollbackInput, ValidateInput, read_input
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus
from tests.docs.pages import ROOT, blocks, filled

SHELL, PYTHON, JSON = blocks("sh"), blocks("python"), blocks("json")
ARN = "arn:aws:states:us-east-1:123456789012:execution:cutover-personnel-migrate:x"
INPUTS = {"VALIDATE_ARN": ValidateInput, "ROLLBACK_ARN": RollbackInput}


def answer(model, params, **_):
    """Answer a call of a client in place of AWS, which is not asked."""
    run = Run("r", RunKind.MIGRATE, "personnel", RunStatus.SUCCEEDED, Phase.READ_V2, 9, 0, 0.0, "a")
    output = {"OutputKey": "MigrateStateMachineArn", "OutputValue": ARN}
    answers = {
        "DescribeStacks": {"Stacks": [{"Outputs": [output]}]},
        "StartExecution": {"executionArn": ARN},
        "DescribeExecution": {"status": "SUCCEEDED", "output": json.dumps(run.summary())},
    }
    if model.name == "StartExecution":
        body = json.loads(params["body"])
        read_input(MigrateInput, json.loads(body["input"]), "personnel")
    return _Ok(), answers[model.name]


class _Ok:
    status_code = 200


@pytest.fixture
def answered(monkeypatch):
    """Let clients check what they are asked, and answer without a network."""
    plain = boto3.client

    def client(service):
        made = plain(
            service,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        made.meta.events.register("before-call", answer)
        return made

    monkeypatch.setattr(boto3, "client", client)


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.page)
def test_python_runs(block, answered):
    exec(compile(block.text, block.page, "exec"), {"__name__": "example"})  # noqa: S102 - our own


@pytest.mark.parametrize("block", JSON, ids=lambda block: block.page)
def test_json_can_be_read(block):
    assert isinstance(json.loads(block.text), dict)


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.page)
def test_shell_can_be_read(block):
    read = subprocess.run(
        ["bash", "-n"], input=filled(block.text), text=True, capture_output=True, check=False
    )
    assert read.stderr == ""


def test_make_targets_exist():
    known = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        found for block in SHELL for found in re.findall(r"^ *make ([a-z0-9-]+)", block.text, re.M)
    }
    assert named
    assert named <= known


def aws_calls():
    """Return the words of every call of the AWS CLI in the docs."""
    joined = [(block.page, line) for block in SHELL for line in block.lines]
    found = []
    for name, line in joined:
        inner = re.search(r"\$\((aws .*)\)$", line.strip())
        call = inner[1] if inner else line.strip()
        if call.startswith("aws "):
            found.append((name, shlex.split(filled(call))))
    return found


def seeds():
    """Return the file and the migration of every seeding in the docs of what is declared here."""
    typed = {
        tuple(shlex.split(line)) for block in SHELL for line in block.lines if " seed " in line
    }
    return sorted(
        (words[3], words[words.index("--migration") + 1])
        for words in typed
        if words[words.index("--migration") + 1] in catalogue.names()
    )


@pytest.mark.parametrize(("file", "name"), seeds())
def test_files_to_seed_are_there_and_their_records_may_move(file, name):
    migration = catalogue.load(name)
    found = read_seeds(ROOT / file, migration.source)
    assert found.items
    assert not found.bad
    assert {migration.classify(item).decision for item in found.items} == {"transform"}


RENAMED = {"notification-endpoint": "endpoint"}
"""Options of the AWS CLI that have another name than the API's member (`aws sns subscribe`)."""


@pytest.mark.parametrize(("name", "words"), aws_calls())
def test_aws_calls_name_operations_and_options_that_exist(name, words):
    _, service, operation, *arguments = words
    model = botocore.session.get_session().get_service_model(service)
    called = "".join(part.capitalize() for part in operation.split("-"))
    assert called in model.operation_names
    members = model.operation_model(called).input_shape.members
    known = {re.sub(r"(?<=[a-z])(?=[A-Z])", "-", each).lower() for each in members}
    given = {each.removeprefix("--") for each in arguments if each.startswith("--")}
    given = {RENAMED.get(each, each) for each in given}
    assert given - {"query", "output"} <= known


@pytest.mark.parametrize(("name", "words"), aws_calls())
def test_inputs_in_aws_calls_are_accepted(name, words):
    machine = next((each.strip("$") for each in words if each.strip("$") in INPUTS), None)
    if machine is None:
        assert "--input" not in words
        return
    given = json.loads(words[words.index("--input") + 1])
    assert read_input(INPUTS[machine], given, "personnel")
