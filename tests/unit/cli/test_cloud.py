"""Which cloud a command talks to."""

import contextlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner

from cli.cloud import connect
from cli.main import application
from local.places import Places, Running
from shared.aws.deployed_code import DeployedCode
from shared.aws.identity import identify
from shared.aws.state_machines import Workflows
from shared.model.errors import InvalidInput, Refused

MACHINE = "cutover-personnel-migrate"
ROLE = "arn:aws:iam::123456789012:role/machine"
EMPTY = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give the process an environment of its own, with no account in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept["AWS_EC2_METADATA_DISABLED"] = "true"
    kept["AWS_CONFIG_FILE"] = kept["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    monkeypatch.setattr(os, "environ", kept)
    monkeypatch.setattr("local.places.Places", lambda: Places(tmp_path))


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")
        yield


def test_the_local_cloud_when_none_runs_expects_exit_2_and_how_to_start_one() -> None:
    result = CliRunner().invoke(application(), ["list", "--local"])
    assert result.exit_code == 2
    assert "cutover local up" in result.stderr


def test_the_local_cloud_when_it_runs_expects_every_other_account_forgotten(tmp_path: Path) -> None:
    os.environ.update(AWS_PROFILE="production", AWS_SESSION_TOKEN="real", AWS_REGION="eu-west-1")
    lock = Places(tmp_path).hold(Running(os.getpid(), 1, "moto"))
    assert lock is not None
    with lock, pytest.raises(InvalidInput, match="nothing answers at http://localhost:1"):
        connect(local=True)
    assert os.environ["AWS_ENDPOINT_URL"] == "http://localhost:1"
    assert os.environ["AWS_REGION"] == "us-east-1"
    assert {"AWS_PROFILE", "AWS_SESSION_TOKEN"}.isdisjoint(os.environ)


def test_aws_when_no_region_is_chosen_expects_which_to_set() -> None:
    with pytest.raises(InvalidInput, match="no region") as refused:
        connect(local=False)
    assert refused.value.field == "region"


def test_aws_when_there_are_no_credentials_expects_which_to_set() -> None:
    os.environ["AWS_REGION"] = "us-east-1"
    with pytest.raises(InvalidInput) as refused:
        connect(local=False)
    assert refused.value.field == "credentials"


def test_aws_when_the_profile_is_unknown_expects_it_named() -> None:
    os.environ.update(AWS_REGION="us-east-1", AWS_PROFILE="nobody")
    with pytest.raises(InvalidInput, match="nobody") as refused:
        connect(local=False)
    assert refused.value.field == "profile"


@pytest.mark.parametrize(
    ("variable", "value", "field"),
    [("AWS_ENDPOINT_URL", "nonsense", "endpoint"), ("AWS_REGION", "no region", "region")],
)
def test_aws_when_a_setting_is_no_such_thing_expects_it_named(
    variable: str, value: str, field: str
) -> None:
    os.environ.update({"AWS_REGION": "us-east-1", variable: value})
    with pytest.raises(InvalidInput, match=value) as refused:
        connect(local=False)
    assert refused.value.field == field


@pytest.mark.usefixtures("aws")
def test_aws_when_it_answers_expects_account_region_and_endpoint() -> None:
    os.environ["AWS_REGION"] = "eu-central-1"
    cloud = connect(local=False)
    assert cloud.target.account == "123456789012"
    assert cloud.target.region == "eu-central-1"
    assert "eu-central-1.amazonaws.com" in cloud.target.endpoint


@pytest.mark.usefixtures("aws")
def test_a_state_machine_when_started_expects_its_execution_under_way() -> None:
    stepfunctions = boto3.client("stepfunctions", region_name="us-east-1")
    stepfunctions.create_state_machine(name=MACHINE, definition=EMPTY, roleArn=ROLE)
    workflows = Workflows(identify("us-east-1"))
    execution = workflows.start(MACHINE, {"migration": "personnel"}, "first")
    assert execution.endswith(f":execution:{MACHINE}:first")
    outcome = workflows.outcome(execution)
    assert (outcome.status, outcome.ended) == ("RUNNING", False)
    stepfunctions.stop_execution(executionArn=execution, error="InvalidInput", cause="{}")
    assert workflows.outcome(execution).ended


@pytest.mark.usefixtures("aws")
def test_a_state_machine_when_it_is_not_deployed_expects_what_to_do() -> None:
    with pytest.raises(InvalidInput, match="cutover-personnel-rollback") as refused:
        Workflows(identify("us-east-1")).start("cutover-personnel-rollback", {}, "x")
    assert "deploy" in str(refused.value.mend)


def deploy(function: str, variables: dict[str, str]) -> None:
    """Create a function as a deployment would, of an archive that is never run."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("handler.py", "")
    iam = boto3.client("iam", region_name="us-east-1")
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="machine", AssumeRolePolicyDocument="{}")
    boto3.client("lambda", region_name="us-east-1").create_function(
        FunctionName=function,
        Runtime="python3.13",
        Role=ROLE,
        Handler="handler.handler",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": variables},
    )


@pytest.mark.usefixtures("aws")
def test_the_deployed_code_when_asked_for_is_what_each_stacks_function_says() -> None:
    code = DeployedCode(identify("us-east-1"))
    assert code.digests("personnel") == {}
    deploy("cutover-personnel-serve-records", {})
    deploy("cutover-personnel-start-journey", {"CUTOVER_DIGEST": "abc"})
    deploy("cutover-learners-watch-writes", {"CUTOVER_DIGEST": "another's"})
    assert list(code.digests("personnel").items()) == [
        ("start_journey", "abc"),
        ("serve_records", ""),
    ]


@pytest.mark.usefixtures("aws")
def test_the_deployed_code_when_it_may_not_be_read_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetFunctionConfiguration")
    code = DeployedCode(identify("us-east-1"))

    def refuse(**_given: str) -> None:
        raise refused

    monkeypatch.setattr(code._functions, "get_function_configuration", refuse)
    with pytest.raises(Refused, match="AccessDenied"):
        code.digests("personnel")
