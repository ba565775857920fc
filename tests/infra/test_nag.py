"""cdk-nag's AwsSolutions rules: nothing open, and the check itself is awake."""

import json

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

ENVIRONMENTS = [
    *("local", "production", "adopted", "dropped", "following"),
    *("everything", "in_place", "in_place_adopted"),
]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_findings_when_synthesised_are_all_acknowledged_with_a_reason(request, environment):
    assembly = request.getfixturevalue(environment)
    report = json.loads((assembly.folder / "validation-report.json").read_text())
    [checked] = [each for each in report["pluginReports"] if each["pluginName"] == "AwsSolutions"]
    assert checked["conclusion"] == "success"
    assert checked["violations"] == []
    reasons = json.dumps(checked["suppressedViolations"])
    assert "AwsSolutions-IAM5[Resource::*]" in reasons


def test_check_when_a_bucket_is_open_fails_the_synthesis(tmp_path):
    app = App(outdir=str(tmp_path))
    s3.Bucket(Stack(app, "Careless"), "Bucket")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="AwsSolutions-S10"):
        app.synth()
