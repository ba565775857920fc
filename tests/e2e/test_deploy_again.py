"""A second deployment in the midst of a migration, unchanged and changed: the state survives."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local import lifecycle, toolkit
from local.places import CHECKOUT
from migrations.personnel.sample import generate
from tests.e2e.apart import stacks_alone
from tests.e2e.cloud import Cloud

pytestmark = pytest.mark.e2e

COUNT = 10
OWN = stacks_alone("personnel")
CHANGED = "cutover-personnel-serve-records"
VARIABLE, VALUE = "POWERTOOLS_LOG_LEVEL", "WARNING"

APP = f"""
import sys
sys.path.insert(0, {str(CHECKOUT)!r})
import aws_cdk
from aws_cdk import aws_lambda

class Changed(aws_cdk.App):
    def synth(self, **options):
        for each in self.node.find_all():
            if isinstance(each, aws_lambda.CfnFunction) and each.function_name == {CHANGED!r}:
                each.add_property_override("Environment.Variables.{VARIABLE}", {VALUE!r})
        return super().synth(**options)

aws_cdk.App = Changed
import app
app.main()
"""
"""The same app, with one more variable in the environment of one function."""


@pytest.fixture(scope="module")
def moving(cloud: Cloud) -> Cloud:
    cloud.put(cloud.v1, generate(10, COUNT))
    output = cloud.run("migrate", approve="auto", until="DUAL_WRITE")
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "DUAL_WRITE")
    return cloud


@pytest.fixture
def deploy_changed(moving: Cloud, tmp_path: Path) -> Callable[[], None]:
    """Return a deployment of the changed app by the same CDK CLI."""
    settings = json.loads((CHECKOUT / "cdk.json").read_text())
    changed = tmp_path / "changed.py"
    changed.write_text(APP)
    settings["app"] = f"{sys.executable} {changed}"
    (tmp_path / "cdk.json").write_text(json.dumps(settings))

    def deploy() -> None:
        options = ["--method=direct", "--require-approval", "never"]
        toolkit.run(["deploy", *OWN, *options], moving.port, moving.places, app=tmp_path)

    return deploy


def test_deploy_when_nothing_changed_leaves_all_as_it_was(moving: Cloud) -> None:
    before = _everything(moving), _functions(moving), moving.outputs
    lifecycle.deploy(OWN, places=moving.places)
    assert (_everything(moving), _functions(moving), _outputs(moving)) == before
    _assert_it_works(moving)


def test_deploy_when_a_function_changed_changes_that_one_and_no_state(
    moving: Cloud, deploy_changed: Callable[[], None]
) -> None:
    state, before = _everything(moving), _functions(moving)
    deploy_changed()
    try:
        after = _functions(moving)
        assert {name for name in after if after[name] != before[name]} == {CHANGED}
        assert after[CHANGED] == before[CHANGED] | {VARIABLE: VALUE}
        assert _everything(moving) == state
        _assert_it_works(moving)
    finally:
        lifecycle.deploy(OWN, places=moving.places)
    assert _functions(moving) == before


def _assert_it_works(cloud: Cloud) -> None:
    """Write one record to both tables through the API, and take it away again."""
    token = cloud.token()
    body = {"employee_id": "NEW", "full_name": "New"}
    assert cloud.call("POST", "/employees", token, body).status == 201
    assert set(cloud.items(cloud.v2)) == {"EMPLOYEE#NEW"}
    assert cloud.call("DELETE", "/employees/NEW", token).status == 204
    ended = cloud.end(cloud.begin("rollback", to_phase="READ_V2"))
    assert ended.error == "InvalidInput"


def _functions(cloud: Cloud) -> dict[str, dict[str, str]]:
    """Return each function's variables, with the digest of its code among them."""
    pages = cloud.client("lambda").get_paginator("list_functions")
    return {
        each["FunctionName"]: {**each["Environment"]["Variables"], "code": each["CodeSha256"]}
        for page in pages.paginate()
        for each in page["Functions"]
    }


def _everything(cloud: Cloud) -> dict[str, list[str]]:
    return {table: sorted(map(str, cloud.stored(table))) for table in cloud.tables}


def _outputs(cloud: Cloud) -> dict[str, Any]:
    return Cloud(cloud.places, cloud.migration).outputs
